// See slstm.ts. Pointwise parts of the sLSTM for `n` units of one sequence at one step, four at a time; the walk is recurrent.simd.ts.
import { load4, store4 } from "../../backends/cpu/wasm/command.simd";
import { cOne, exp4, expNegAbs, flushTiny, fma, fnma, sigmoid4, sigmoidOf, softplusOf, tanh4 } from "../../backends/cpu/wasm/math.simd";

/** x, bias: gates `step` bytes apart; pre and state (c, n, m): `wide` apart; gates: a, 1 − σ(f), z, o, `gatesStep` apart. */
export function slstmForward(
  n: i32, x: usize, bias: usize, step: usize, pre: usize, wide: usize, h: usize, state: usize, y: usize, gates: usize, gatesStep: usize,
  keep: usize, cell: usize,
): void {
  const zero = f32x4.splat(0);
  for (let u = 0; u < n; u += 4) {
    const at = <usize>u << 2, left = n - u;
    let px = x + at, pb = bias + at, pr = pre + at, ps = state + at;
    const i = f32x4.add(f32x4.add(load4(px, left), load4(pb, left)), v128.load(pr));
    px += step; pb += step; pr += wide;
    const f = f32x4.add(f32x4.add(load4(px, left), load4(pb, left)), v128.load(pr)), minus = f32x4.neg(f);
    px += step; pb += step; pr += wide;
    const z = tanh4(f32x4.add(f32x4.add(load4(px, left), load4(pb, left)), v128.load(pr)));
    px += step; pb += step; pr += wide;
    const o = sigmoid4(f32x4.add(f32x4.add(load4(px, left), load4(pb, left)), v128.load(pr)));
    const c0 = v128.load(ps), n0 = v128.load(ps + wide), m0 = v128.load(ps + 2 * wide);
    const tail = expNegAbs(f), kept = f32x4.sub(m0, softplusOf(minus, tail));
    const m1 = v128.bitselect(i, f32x4.max(i, kept), f32x4.eq(n0, zero));
    const input = exp4(f32x4.min(f32x4.sub(i, m1), zero)), forget = exp4(f32x4.min(f32x4.sub(kept, m1), zero));
    const held = f32x4.mul(forget, n0), c1 = fma(forget, c0, f32x4.mul(input, z)), n1 = f32x4.add(held, input);
    const share = f32x4.div(cOne(), n1), normalised = f32x4.mul(c1, share), out = f32x4.mul(o, normalised);
    v128.store(ps, c1); v128.store(ps + wide, n1); v128.store(ps + 2 * wide, m1);
    v128.store(h + at, out);
    store4(y + at, out, left);
    let pg = gates + at;
    store4(pg, f32x4.mul(input, share), left); pg += gatesStep;
    store4(pg, sigmoidOf(minus, tail), left); pg += gatesStep;
    store4(pg, z, left); pg += gatesStep;
    store4(pg, o, left);
    store4(keep + at, f32x4.mul(held, share), left);
    store4(cell + at, normalised, left);
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
