// See gru.ts. Pointwise parts of the GRU for `n` units of one sequence at one step, four at a time; the walk is recurrent.simd.ts.
import { load4, store4 } from "../../backends/cpu/wasm/command.simd";
import { cOne, flushTiny, fma, fnma, sigmoid4, tanh4 } from "../../backends/cpu/wasm/math.simd";

/** x, bias: gates `step` bytes apart; pre: `wide` apart; h holds h_{t−1} and is overwritten; gates: r, z, n, q, `gatesStep` apart. */
export function gruForward(
  n: i32, x: usize, bias: usize, step: usize, pre: usize, wide: usize, h: usize, y: usize, gates: usize, gatesStep: usize,
): void {
  for (let u = 0; u < n; u += 4) {
    const at = <usize>u << 2, left = n - u;
    let px = x + at, pb = bias + at, pr = pre + at;
    const r = sigmoid4(f32x4.add(f32x4.add(load4(px, left), load4(pb, left)), v128.load(pr)));
    px += step; pb += step; pr += wide;
    const z = sigmoid4(f32x4.add(f32x4.add(load4(px, left), load4(pb, left)), v128.load(pr)));
    px += step; pb += step; pr += wide;
    const q = f32x4.add(load4(pb, left), v128.load(pr)), candidate = tanh4(fma(r, q, load4(px, left)));
    const out = flushTiny(fma(z, f32x4.sub(v128.load(h + at), candidate), candidate));
    v128.store(h + at, out);
    store4(y + at, out, left);
    let pg = gates + at;
    store4(pg, r, left); pg += gatesStep;
    store4(pg, z, left); pg += gatesStep;
    store4(pg, candidate, left); pg += gatesStep;
    store4(pg, q, left);
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
