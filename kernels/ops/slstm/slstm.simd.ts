// See slstm.ts. Pointwise parts of the sLSTM for `n` units of one sequence at one step, four at a time; the walk is recurrent.simd.ts.
import { load4, store4, store8 } from "../../backends/cpu/wasm/command.simd";
import { cOne, exp4, expNegAbs, flushTiny, fma, fnma, sigmoidOf, softplusOf } from "../../backends/cpu/wasm/math.simd";
import { gateSum, sigmoidGate, tanhGate, wholeSum } from "../recurrent/gates.simd";

/** Sum of gate i; log σ(f) over the sum of gate f, 1 − σ(f) to `out`. */
function inputForget(n: i32, x: usize, bias: usize, step: usize, pre: usize, wide: usize, out: usize): void {
  for (; n >= 8; n -= 8, x += 32, bias += 32, pre += 32, out += 32) {
    const xf = x + step, bf = bias + step, pf = pre + wide;
    const i0 = wholeSum(v128.load(x), v128.load(bias), v128.load(pre)), i1 = wholeSum(v128.load(x, 16), v128.load(bias, 16), v128.load(pre, 16));
    const f0 = f32x4.neg(wholeSum(v128.load(xf), v128.load(bf), v128.load(pf))), f1 = f32x4.neg(wholeSum(v128.load(xf, 16), v128.load(bf, 16), v128.load(pf, 16)));
    const tail0 = expNegAbs(f0), tail1 = expNegAbs(f1), log0 = f32x4.neg(softplusOf(f0, tail0)), log1 = f32x4.neg(softplusOf(f1, tail1));
    const slope0 = sigmoidOf(f0, tail0), slope1 = sigmoidOf(f1, tail1);
    store8(pre, i0, i1);
    store8(pf, log0, log1);
    store8(out, slope0, slope1);
  }
  for (; n > 0; n -= 4, x += 16, bias += 16, pre += 16, out += 16) {
    v128.store(pre, gateSum(x, bias, pre, n));
    const minus = f32x4.neg(gateSum(x + step, bias + step, pre + wide, n)), tail = expNegAbs(minus);
    v128.store(pre + wide, f32x4.neg(softplusOf(minus, tail)));
    store4(out, sigmoidOf(minus, tail), n);
  }
}

/** The cell of units by eights, the gates known. */
function cells(n: i32, pre: usize, wide: usize, h: usize, state: usize, y: usize, gates: usize, keep: usize, cell: usize): void {
  const zero = f32x4.splat(0), one = cOne();
  for (; n > 0; n -= 8, pre += 32, state += 32, h += 32, y += 32, gates += 32, keep += 32, cell += 32) {
    const pf = pre + wide, pz = pf + wide, po = pz + wide, sn = state + wide, sm = sn + wide;
    const i0 = v128.load(pre), i1 = v128.load(pre, 16), n00 = v128.load(sn), n01 = v128.load(sn, 16);
    const kept0 = f32x4.add(v128.load(pf), v128.load(sm)), kept1 = f32x4.add(v128.load(pf, 16), v128.load(sm, 16));
    const m0 = v128.bitselect(i0, f32x4.pmax(i0, kept0), f32x4.eq(n00, zero)), m1 = v128.bitselect(i1, f32x4.pmax(i1, kept1), f32x4.eq(n01, zero));
    const in0 = exp4(f32x4.pmin(f32x4.sub(i0, m0), zero)), in1 = exp4(f32x4.pmin(f32x4.sub(i1, m1), zero));
    const forget0 = exp4(f32x4.pmin(f32x4.sub(kept0, m0), zero)), forget1 = exp4(f32x4.pmin(f32x4.sub(kept1, m1), zero));
    const held0 = f32x4.mul(forget0, n00), held1 = f32x4.mul(forget1, n01);
    const c0 = fma(forget0, v128.load(state), f32x4.mul(in0, v128.load(pz))), c1 = fma(forget1, v128.load(state, 16), f32x4.mul(in1, v128.load(pz, 16)));
    const n10 = f32x4.add(held0, in0), n11 = f32x4.add(held1, in1), share0 = f32x4.div(one, n10), share1 = f32x4.div(one, n11);
    const normed0 = f32x4.mul(c0, share0), normed1 = f32x4.mul(c1, share1);
    const out0 = f32x4.mul(v128.load(po), normed0), out1 = f32x4.mul(v128.load(po, 16), normed1);
    store8(state, c0, c1); store8(sn, n10, n11); store8(sm, m0, m1);
    store8(h, out0, out1); store8(y, out0, out1);
    store8(gates, f32x4.mul(in0, share0), f32x4.mul(in1, share1));
    store8(keep, f32x4.mul(held0, share0), f32x4.mul(held1, share1));
    store8(cell, normed0, normed1);
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
  const whole = n & ~7;
  cells(whole, pre, wide, h, state, y, gates, keep, cell);
  const done = <usize>whole << 2;
  n -= whole; pre += done; state += done; h += done; y += done; gates += done; keep += done; cell += done;
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
  let u = 0;
  for (; u + 8 <= n; u += 8) {
    const at = <usize>u << 2, pa = gates + at, pf = pa + gatesStep, pz = pf + gatesStep, po = pz + gatesStep, pe = carry + at, pl = pe + wide, pd = dy + at;
    const pk = keep + at, pc = cell + at, pp = before + at, pb = back + at;
    const a0 = v128.load(pa), a1 = v128.load(pa, 16), z0 = v128.load(pz), z1 = v128.load(pz, 16), o0 = v128.load(po), o1 = v128.load(po, 16);
    const r0 = v128.load(pk), r1 = v128.load(pk, 16);
    let last0 = f32x4.splat(0), last1 = last0;
    if (before) { last0 = v128.load(pp); last1 = v128.load(pp, 16); }
    const g0 = flushTiny(f32x4.add(v128.load(pd), v128.load(pb))), g1 = flushTiny(f32x4.add(v128.load(pd, 16), v128.load(pb, 16)));
    const e0 = fma(g0, o0, v128.load(pe)), e1 = fma(g1, o1, v128.load(pe, 16)), ea0 = f32x4.mul(e0, a0), ea1 = f32x4.mul(e1, a1);
    const w0 = f32x4.mul(ea0, f32x4.sub(z0, last0)), w1 = f32x4.mul(ea1, f32x4.sub(z1, last1));
    const adjoint0 = f32x4.sub(v128.load(pl), w0), adjoint1 = f32x4.sub(v128.load(pl, 16), w1);
    const down0 = f32x4.mul(adjoint0, r0), down1 = f32x4.mul(adjoint1, r1);
    const di0 = fma(adjoint0, a0, w0), di1 = fma(adjoint1, a1, w1), df0 = f32x4.mul(down0, v128.load(pf)), df1 = f32x4.mul(down1, v128.load(pf, 16));
    const dz0 = fnma(f32x4.mul(ea0, z0), z0, ea0), dz1 = fnma(f32x4.mul(ea1, z1), z1, ea1), go0 = f32x4.mul(g0, o0), go1 = f32x4.mul(g1, o1);
    const do0 = f32x4.mul(fnma(go0, o0, go0), v128.load(pc)), do1 = f32x4.mul(fnma(go1, o1, go1), v128.load(pc, 16));
    store8(pe, flushTiny(f32x4.mul(e0, r0)), flushTiny(f32x4.mul(e1, r1)));
    store8(pl, flushTiny(down0), flushTiny(down1));
    let p = dWx + at, q = dg + at;
    store8(p, di0, di1); store8(q, di0, di1); p += dWxStep; q += dgStep;
    store8(p, df0, df1); store8(q, df0, df1); p += dWxStep; q += dgStep;
    store8(p, dz0, dz1); store8(q, dz0, dz1); p += dWxStep; q += dgStep;
    store8(p, do0, do1); store8(q, do0, do1);
  }
  for (; u < n; u += 4) {
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
