// See gru.ts. Pointwise parts of the GRU for `n` units of one sequence at one step, four at a time; the walk is recurrent.simd.ts.
import { load4, store4 } from "../../backends/cpu/wasm/command.simd";
import { cOne, flushTiny, fma, fnma, tanh4 } from "../../backends/cpu/wasm/math.simd";
import { sigmoidGate } from "../recurrent/gates.simd";

/** x, bias: gates `step` bytes apart; pre: `wide` apart; h holds h_{t−1} and is overwritten; gates: r, z, n, q, `gatesStep` apart. */
export function gruForward(
  n: i32, x: usize, bias: usize, step: usize, pre: usize, wide: usize, h: usize, y: usize, gates: usize, gatesStep: usize,
): void {
  sigmoidGate(n, x, bias, pre, gates);
  sigmoidGate(n, x + step, bias + step, pre + wide, gates + gatesStep);
  x += 2 * step; bias += 2 * step; gates += 2 * gatesStep;
  for (; n > 0; n -= 4, x += 16, bias += 16, pre += 16, h += 16, y += 16, gates += 16) {
    const q = f32x4.add(load4(bias, n), v128.load(pre + 2 * wide)), candidate = tanh4(fma(v128.load(pre), q, load4(x, n)));
    const out = flushTiny(fma(v128.load(pre + wide), f32x4.sub(v128.load(h), candidate), candidate));
    v128.store(h, out);
    store4(y, out, n);
    store4(gates, candidate, n);
    store4(gates + gatesStep, q, n);
  }
}

/** before: y of the step before, 0 at the first. dg: gradients of the recurrent sums, dgStep apart; carry: what reaches h_{t−1} directly. */
export function gruBackward(
  n: i32, dy: usize, back: usize, gates: usize, gatesStep: usize, before: usize, carry: usize, dWx: usize, dq: usize, step: usize,
  dg: usize, dgStep: usize,
): void {
  const one = cOne();
  for (let u = 0; u < n; u += 4) {
    const at = <usize>u << 2, left = n - u;
    let pg = gates + at;
    const r = load4(pg, left); pg += gatesStep;
    const z = load4(pg, left); pg += gatesStep;
    const candidate = load4(pg, left); pg += gatesStep;
    const q = load4(pg, left), last = before ? load4(before + at, left) : f32x4.splat(0);
    const g = flushTiny(f32x4.add(f32x4.add(load4(dy + at, left), v128.load(back + at)), v128.load(carry + at)));
    const gz = f32x4.mul(g, z), gn = f32x4.sub(g, gz);
    v128.store(carry + at, gz);
    const dn = fnma(f32x4.mul(gn, candidate), candidate, gn), dnr = f32x4.mul(dn, r);
    const dr = f32x4.mul(f32x4.mul(dnr, q), f32x4.sub(one, r)), dz = f32x4.mul(fnma(gz, z, gz), f32x4.sub(last, candidate));
    let p = dWx + at, s = dq + at, t = dg + at;
    store4(p, dr, left); store4(s, dr, left); store4(t, dr, left); p += step; s += step; t += dgStep;
    store4(p, dz, left); store4(s, dz, left); store4(t, dz, left); p += step; s += step; t += dgStep;
    store4(p, dn, left); store4(s, dnr, left); store4(t, dnr, left);
  }
}
