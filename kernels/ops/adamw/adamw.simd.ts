// See adamw.ts. Operands: params, grads, m, v, norm, hyper; attrs decay_elements, beta1, beta2, eps, 1 − beta1, 1 − beta2, slow_from.
import { FLAT_UNIT } from "../../backends/cpu/wasm/codes";
import { attr, attrF, cols, load4, ptr, store4 } from "../../backends/cpu/wasm/command.simd";
import { fma } from "../../backends/cpu/wasm/math.simd";

export function adamw(c: usize, u: i32): void {
  const norm = load<f32>(ptr(c, 4)), hyper = ptr(c, 5);
  if (!(abs<f32>(norm) < Infinity)) return;
  const lr = load<f32>(hyper), decay = load<f32>(hyper, 4), bias1 = load<f32>(hyper, 8), bias2 = load<f32>(hyper, 12), clip = load<f32>(hyper, 16), slow = load<f32>(hyper, 20);
  const g = f32x4.splat(clip > 0 ? min<f32>(1, clip / (norm + <f32>1e-6)) : 1);
  const beta1 = f32x4.splat(attrF(c, 1)), beta2 = f32x4.splat(attrF(c, 2)), eps = f32x4.splat(attrF(c, 3));
  const rest1 = f32x4.splat(attrF(c, 4)), rest2 = f32x4.splat(attrF(c, 5));
  const fast = f32x4.splat(lr * bias1), slower = f32x4.splat(lr * bias1 * slow), second = f32x4.splat(bias2), kept = f32x4.splat(1 - lr * decay), one = f32x4.splat(1);
  const total = cols(c, 0), decayed = attr(c, 0), slowFrom = attr(c, 6), end = min(total, (u + 1) * FLAT_UNIT);
  let i = u * FLAT_UNIT;
  while (i < end) {
    // A vector never spans the border between decayed and other elements, or between fast and slow ones.
    const n = min(4, (i < decayed ? min(end, decayed) : i < slowFrom ? min(end, slowFrom) : end) - i);
    const step = i < slowFrom ? fast : slower;
    const at = <usize>i << 2;
    const p = ptr(c, 0) + at, pm = ptr(c, 2) + at, pv = ptr(c, 3) + at;
    const grad = f32x4.mul(load4(ptr(c, 1) + at, n), g);
    const m = fma(load4(pm, n), beta1, f32x4.mul(grad, rest1));
    const v = fma(load4(pv, n), beta2, f32x4.mul(f32x4.mul(grad, grad), rest2));
    const root = f32x4.add(f32x4.sqrt(f32x4.mul(v, second)), eps);
    store4(pm, m, n);
    store4(pv, v, n);
    store4(p, f32x4.sub(f32x4.mul(load4(p, n), i < decayed ? kept : one), f32x4.div(f32x4.mul(step, m), root)), n);
    i += n;
  }
}
