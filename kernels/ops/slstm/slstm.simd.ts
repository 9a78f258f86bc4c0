// See slstm.ts. Pointwise parts of the sLSTM for `n` units of one sequence at one step, four at a time; the walk is recurrent.simd.ts.
import { load4, store4 } from "../../backends/cpu/wasm/command.simd";
import { cOne, exp4, expNegAbs, flushTiny, fma, fnma, sigmoidOf, softplusOf } from "../../backends/cpu/wasm/math.simd";
import { gateSum, sigmoidGate, tanhGate } from "../recurrent/gates.simd";

/** Sum of gate i; log σ(f) over the sum of gate f, 1 − σ(f) to `out`. */
function inputForget(n: i32, x: usize, bias: usize, step: usize, pre: usize, wide: usize, out: usize): void {
  for (; n > 0; n -= 4, x += 16, bias += 16, pre += 16, out += 16) {
    v128.store(pre, gateSum(x, bias, pre, n));
    const minus = f32x4.neg(gateSum(x + step, bias + step, pre + wide, n)), tail = expNegAbs(minus);
    v128.store(pre + wide, f32x4.neg(softplusOf(minus, tail)));
    store4(out, sigmoidOf(minus, tail), n);
  }
}

/** x, bias: gates `step` bytes apart; pre and state (c, n, m): `wide` apart; gates: a, 1 − σ(f), z, o, `gatesStep` apart. */
export function slstmForward(
  n: i32, x: usize, bias: usize, step: usize, pre: usize, wide: usize, h: usize, state: usize, y: usize, gates: usize, gatesStep: usize,
  keep: usize, cell: usize,
): void {
  inputForget(n, x, bias, step, pre, wide, gates + gatesStep);
  tanhGate(n, x + 2 * step, bias + 2 * step, pre + 2 * wide, gates + 2 * gatesStep);
  sigmoidGate(n, x + 3 * step, bias + 3 * step, pre + 3 * wide, gates + 3 * gatesStep);
  const zero = f32x4.splat(0), one = cOne();
  for (; n > 0; n -= 4, pre += 16, state += 16, h += 16, y += 16, gates += 16, keep += 16, cell += 16) {
    const i = v128.load(pre), c0 = v128.load(state), n0 = v128.load(state + wide), kept = f32x4.add(v128.load(pre + wide), v128.load(state + 2 * wide));
    const m1 = v128.bitselect(i, f32x4.pmax(i, kept), f32x4.eq(n0, zero));
    const input = exp4(f32x4.pmin(f32x4.sub(i, m1), zero)), forget = exp4(f32x4.pmin(f32x4.sub(kept, m1), zero));
    const held = f32x4.mul(forget, n0), c1 = fma(forget, c0, f32x4.mul(input, v128.load(pre + 2 * wide))), n1 = f32x4.add(held, input);
    const share = f32x4.div(one, n1), normalised = f32x4.mul(c1, share), out = f32x4.mul(v128.load(pre + 3 * wide), normalised);
    v128.store(state, c1); v128.store(state + wide, n1); v128.store(state + 2 * wide, m1);
    v128.store(h, out);
    store4(y, out, n);
    store4(gates, f32x4.mul(input, share), n);
    store4(keep, f32x4.mul(held, share), n);
    store4(cell, normalised, n);
  }
}

/** before: cell of the step before, 0 at the first. dg: the gates' gradients for the recurrent product, dgStep apart; carry: e, λ. */
export function slstmBackward(
  n: i32, dy: usize, back: usize, gates: usize, gatesStep: usize, keep: usize, cell: usize, before: usize, carry: usize, wide: usize,
  dWx: usize, dWxStep: usize, dg: usize, dgStep: usize,
): void {
  for (let u = 0; u < n; u += 4) {
    const at = <usize>u << 2, left = n - u;
    let pg = gates + at, pc = carry + at;
    const a = load4(pg, left); pg += gatesStep;
    const s = load4(pg, left); pg += gatesStep;
    const z = load4(pg, left); pg += gatesStep;
    const o = load4(pg, left), r = load4(keep + at, left), now = load4(cell + at, left);
    const last = before ? load4(before + at, left) : f32x4.splat(0);
    const g = flushTiny(f32x4.add(load4(dy + at, left), v128.load(back + at)));
    const e = fma(g, o, v128.load(pc)), ea = f32x4.mul(e, a), w = f32x4.mul(ea, f32x4.sub(z, last));
    const adjoint = f32x4.sub(v128.load(pc + wide), w), down = f32x4.mul(adjoint, r);
    v128.store(pc, flushTiny(f32x4.mul(e, r)));
    v128.store(pc + wide, flushTiny(down));
    const di = fma(adjoint, a, w), df = f32x4.mul(down, s), dz = fnma(f32x4.mul(ea, z), z, ea);
    const go = f32x4.mul(g, o), dout = f32x4.mul(fnma(go, o, go), now);
    let p = dWx + at, q = dg + at;
    store4(p, di, left); store4(q, di, left); p += dWxStep; q += dgStep;
    store4(p, df, left); store4(q, df, left); p += dWxStep; q += dgStep;
    store4(p, dz, left); store4(q, dz, left); p += dWxStep; q += dgStep;
    store4(p, dout, left); store4(q, dout, left);
  }
}
