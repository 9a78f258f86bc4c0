// See diagonal_scan_step.ts. Four modes a vector; a unit is one channel of all sequences. A token is little work, so what a step needs is found
// in float32, but for the phase ΔA: its error grows with every step it is taken, so it is a float64 until it is below a quarter turn.
import { attr, cols, ld, load4, ptr, rows, store4 } from "../../backends/cpu/wasm/command.simd";
import { exp64 } from "../../backends/cpu/wasm/complex.simd";
import { exp4, fma, fnma, sum4 } from "../../backends/cpu/wasm/math.simd";

const HALF_PI: f64 = 1.5707963267948966;

// @ts-ignore: decorator
@inline function low(v: v128): v128 { return f64x2.promote_low_f32x4(v); }
// @ts-ignore: decorator
@inline function high(v: v128): v128 { return f64x2.promote_low_f32x4(v128.shuffle<i32>(v, v, 2, 3, 2, 3)); }
// @ts-ignore: decorator
@inline function both(a: v128, b: v128): v128 { return v128.shuffle<i32>(a, b, 0, 1, 4, 5); }

/** e^x − 1 for x ≤ 0, given e^x. */
// @ts-ignore: decorator
@inline function less(x: v128, grown: v128): v128 {
  const one = f32x4.splat(1);
  let p = fma(x, f32x4.splat(<f32>1 / 5040), f32x4.splat(<f32>1 / 720));
  p = fma(p, x, f32x4.splat(<f32>1 / 120)); p = fma(p, x, f32x4.splat(<f32>1 / 24)); p = fma(p, x, f32x4.splat(<f32>1 / 6));
  p = fma(p, x, f32x4.splat(0.5)); p = fma(p, x, one);
  return v128.bitselect(f32x4.mul(p, x), f32x4.sub(grown, one), f32x4.gt(x, f32x4.splat(-0.5)));
}

/** Operands u, log_dt, log_A_real, C, D, state, y, A_imag if complex; attrs complex. */
export function diagonalScanStep(c: usize, d: i32): void {
  const complex = attr(c, 0) != 0, count = cols(c, 2), m = cols(c, 3), at = <usize>d << 2, batch = rows(c, 0);
  const C = ptr(c, 3) + <usize>d * ld(c, 3), A = ptr(c, 2) + <usize>d * ld(c, 2), I = complex ? ptr(c, 7) + <usize>d * ld(c, 7) : 0;
  const dt = exp64(<f64>load<f32>(ptr(c, 1) + at)), dt4 = f32x4.splat(<f32>dt), dt2 = f64x2.splat(dt), zero = f32x4.splat(0), one = f32x4.splat(1);
  const factor = complex ? f32x4.splat(2) : one, turns = f64x2.splat(1 / HALF_PI), quarter = f64x2.splat(HALF_PI);
  for (let b = 0; b < batch; b++) {
    const x = load<f32>(ptr(c, 0) + <usize>b * ld(c, 0) + at);
    store<f32>(ptr(c, 6) + <usize>b * ld(c, 6) + at, load<f32>(ptr(c, 4) + at) * x);
  }
  for (let n = 0; n < count; n += 4) {
    const left = count - n, aRe = f32x4.neg(exp4(load4(A + (<usize>n << 2), left))), x = f32x4.mul(dt4, aRe), grown = exp4(x), shrunk = less(x, grown);
    let muRe = shrunk, muIm = zero, aIm = zero, cRe: v128, cIm = zero;
    if (complex) {
      aIm = load4(I + (<usize>n << 2), left);
      const y0 = f64x2.mul(low(aIm), dt2), y1 = f64x2.mul(high(aIm), dt2), k0 = f64x2.nearest(f64x2.mul(y0, turns)), k1 = f64x2.nearest(f64x2.mul(y1, turns));
      const r = both(f32x4.demote_f64x2_zero(f64x2.sub(y0, f64x2.mul(k0, quarter))), f32x4.demote_f64x2_zero(f64x2.sub(y1, f64x2.mul(k1, quarter))));
      const q = v128.and(both(i32x4.trunc_sat_f64x2_s_zero(k0), i32x4.trunc_sat_f64x2_s_zero(k1)), i32x4.splat(3));
      const z = f32x4.mul(r, r);
      let p = fma(z, f32x4.splat(-1.9515295891e-4), f32x4.splat(8.3321608736e-3));
      p = fma(p, z, f32x4.splat(-1.6666654611e-1));
      const s = fma(f32x4.mul(p, z), r, r);
      p = fma(z, f32x4.splat(2.443315711809948e-5), f32x4.splat(-1.388731625493765e-3));
      p = fma(p, z, f32x4.splat(4.166664568298827e-2));
      const under = fma(f32x4.mul(p, z), z, f32x4.mul(f32x4.splat(-0.5), z)), cosine = f32x4.add(one, under); // cos r − 1, cos r
      const swap = i32x4.eq(v128.and(q, i32x4.splat(1)), i32x4.splat(1)), down = i32x4.ge_s(q, i32x4.splat(2));
      const back = v128.or(i32x4.eq(q, i32x4.splat(1)), i32x4.eq(q, i32x4.splat(2)));
      let cosY = v128.bitselect(s, cosine, swap), sinY = v128.bitselect(cosine, s, swap);
      cosY = v128.bitselect(f32x4.neg(cosY), cosY, back);
      sinY = v128.bitselect(f32x4.neg(sinY), sinY, down);
      // e^z − 1 without cancellation: (e^x − 1) cos y + (cos y − 1) + i e^x sin y.
      muRe = fma(shrunk, cosY, v128.bitselect(under, f32x4.sub(cosY, one), i32x4.eq(q, i32x4.splat(0))));
      muIm = f32x4.mul(grown, sinY);
      const c0 = load4(C + (<usize>n << 3), 2 * left), c1 = left > 2 ? load4(C + (<usize>n << 3) + 16, 2 * left - 4) : zero;
      cRe = v128.shuffle<i32>(c0, c1, 0, 2, 4, 6);
      cIm = v128.shuffle<i32>(c0, c1, 1, 3, 5, 7);
    } else cRe = load4(C + (<usize>n << 2), left);
    const size = fma(aRe, aRe, f32x4.mul(aIm, aIm));
    const bRe = f32x4.div(fma(muRe, aRe, f32x4.mul(muIm, aIm)), size), bIm = f32x4.div(fnma(muRe, aIm, f32x4.mul(muIm, aRe)), size);
    const wRe = f32x4.mul(factor, fnma(cIm, bIm, f32x4.mul(cRe, bRe))), wIm = f32x4.mul(factor, fma(cIm, bRe, f32x4.mul(cRe, bIm)));
    for (let b = 0; b < batch; b++) {
      const y = ptr(c, 6) + <usize>b * ld(c, 6) + at, u = v128.load32_splat(ptr(c, 0) + <usize>b * ld(c, 0) + at);
      const p = ptr(c, 5) + <usize>b * ld(c, 5) + (<usize>(d * m) << 2) + (<usize>n << (complex ? 3 : 2));
      let re: v128, im = zero;
      if (complex) {
        const s0 = load4(p, 2 * left), s1 = left > 2 ? load4(p + 16, 2 * left - 4) : zero;
        re = v128.shuffle<i32>(s0, s1, 0, 2, 4, 6);
        im = v128.shuffle<i32>(s0, s1, 1, 3, 5, 7);
      } else re = load4(p, left);
      const nextRe = fnma(muIm, im, fma(muRe, re, f32x4.add(re, u))), nextIm = fma(muIm, re, fma(muRe, im, im));
      if (complex) {
        store4(p, v128.shuffle<i32>(nextRe, nextIm, 0, 4, 1, 5), 2 * left);
        if (left > 2) store4(p + 16, v128.shuffle<i32>(nextRe, nextIm, 2, 6, 3, 7), 2 * left - 4);
      } else store4(p, nextRe, left);
      store<f32>(y, load<f32>(y) + sum4(fnma(wIm, nextIm, f32x4.mul(wRe, nextRe))));
    }
  }
}
