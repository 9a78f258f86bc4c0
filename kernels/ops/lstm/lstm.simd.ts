// See lstm.ts. Pointwise parts of the LSTM for `n` units of one sequence at one step, four at a time; the walk is recurrent.simd.ts.
import { load4, store4 } from "../../backends/cpu/wasm/command.simd";
import { flushTiny, fma, fnma, tanh4 } from "../../backends/cpu/wasm/math.simd";
import { sigmoidGate, tanhGate } from "../recurrent/gates.simd";

/** x, bias: gates `step` bytes apart; pre: `wide` apart; state: c; gates: i, f, g, o after their activations, `gatesStep` apart. */
export function lstmForward(
  n: i32, x: usize, bias: usize, step: usize, pre: usize, wide: usize, h: usize, state: usize, y: usize, gates: usize, gatesStep: usize,
  cell: usize,
): void {
  sigmoidGate(n, x, bias, pre, gates);
  sigmoidGate(n, x + step, bias + step, pre + wide, gates + gatesStep);
  tanhGate(n, x + 2 * step, bias + 2 * step, pre + 2 * wide, gates + 2 * gatesStep);
  sigmoidGate(n, x + 3 * step, bias + 3 * step, pre + 3 * wide, gates + 3 * gatesStep);
  for (; n > 0; n -= 4, pre += 16, state += 16, h += 16, y += 16, cell += 16) {
    const c = flushTiny(fma(v128.load(pre + wide), v128.load(state), f32x4.mul(v128.load(pre), v128.load(pre + 2 * wide))));
    const out = f32x4.mul(v128.load(pre + 3 * wide), tanh4(c));
    v128.store(state, c);
    v128.store(h, out);
    store4(y, out, n);
    store4(cell, c, n);
  }
}

/** before: c of the step before, 0 at the first. dg: the gates' gradients for the recurrent product, dgStep apart; carry: adjoint of c. */
export function lstmBackward(
  n: i32, dy: usize, back: usize, gates: usize, gatesStep: usize, cell: usize, before: usize, carry: usize, dWx: usize, dWxStep: usize,
  dg: usize, dgStep: usize,
): void {
  for (let u = 0; u < n; u += 4) {
    const at = <usize>u << 2, left = n - u;
    let pg = gates + at;
    const i = load4(pg, left); pg += gatesStep;
    const f = load4(pg, left); pg += gatesStep;
    const g = load4(pg, left); pg += gatesStep;
    const o = load4(pg, left), bounded = tanh4(load4(cell + at, left)), last = before ? load4(before + at, left) : f32x4.splat(0);
    const grad = flushTiny(f32x4.add(load4(dy + at, left), v128.load(back + at))), go = f32x4.mul(grad, o);
    const e = f32x4.add(fnma(f32x4.mul(go, bounded), bounded, go), v128.load(carry + at));
    const ei = f32x4.mul(e, i), ef = f32x4.mul(e, f);
    v128.store(carry + at, flushTiny(ef));
    const di = f32x4.mul(fnma(ei, i, ei), g), df = f32x4.mul(fnma(ef, f, ef), last), dc = fnma(f32x4.mul(ei, g), g, ei);
    const dout = f32x4.mul(fnma(go, o, go), bounded);
    let p = dWx + at, q = dg + at;
    store4(p, di, left); store4(q, di, left); p += dWxStep; q += dgStep;
    store4(p, df, left); store4(q, df, left); p += dWxStep; q += dgStep;
    store4(p, dc, left); store4(q, dc, left); p += dWxStep; q += dgStep;
    store4(p, dout, left); store4(q, dout, left);
  }
}
