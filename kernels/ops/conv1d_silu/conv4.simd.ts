// The convolution of width 4, the published one, on eight channels as a pair of vectors (backends/cpu/wide.ts): the last three rows stay in
// registers. Weights lie [k][8]. x, dy and dp are addresses of the first of `steps` rows.
import { store8 } from "../../backends/cpu/wasm/command.simd";
import { cOne, fma, sigmoid4 } from "../../backends/cpu/wasm/math.simd";

/** p of `steps` rows from time t on, to rows `step` bytes apart. */
export function convolve4(x: usize, ldx: usize, w: usize, bias: usize, out: usize, step: usize, t: i32, steps: i32): void {
  const w00 = v128.load(w), w01 = v128.load(w, 16), w10 = v128.load(w, 32), w11 = v128.load(w, 48);
  const w20 = v128.load(w, 64), w21 = v128.load(w, 80), w30 = v128.load(w, 96), w31 = v128.load(w, 112), bias0 = v128.load(bias), bias1 = v128.load(bias, 16);
  let a0 = f32x4.splat(0), a1 = a0, b0 = a0, b1 = a0, c0 = a0, c1 = a0;
  if (t > 2) { const p = x - 3 * ldx; a0 = v128.load(p); a1 = v128.load(p, 16); }
  if (t > 1) { const p = x - 2 * ldx; b0 = v128.load(p); b1 = v128.load(p, 16); }
  if (t > 0) { const p = x - ldx; c0 = v128.load(p); c1 = v128.load(p, 16); }
  for (; steps > 0; steps--, x += ldx, out += step) {
    const x0 = v128.load(x), x1 = v128.load(x, 16);
    store8(out, fma(w30, x0, fma(w20, c0, fma(w10, b0, fma(w00, a0, bias0)))), fma(w31, x1, fma(w21, c1, fma(w11, b1, fma(w01, a1, bias1)))));
    a0 = b0; a1 = b1; b0 = c0; b1 = c1; c0 = x0; c1 = x1;
  }
}

/** p becomes dp = dy silu'(p); their sum to `sum`. */
export function slopes(p: usize, step: usize, dy: usize, ldy: usize, steps: i32, sum: usize): void {
  const one = cOne();
  let sum0 = f32x4.splat(0), sum1 = sum0;
  for (; steps > 0; steps--, p += step, dy += ldy) {
    const p0 = v128.load(p), p1 = v128.load(p, 16), s0 = sigmoid4(p0), s1 = sigmoid4(p1);
    const g0 = f32x4.mul(f32x4.mul(v128.load(dy), s0), fma(p0, f32x4.sub(one, s0), one));
    const g1 = f32x4.mul(f32x4.mul(v128.load(dy, 16), s1), fma(p1, f32x4.sub(one, s1), one));
    store8(p, g0, g1);
    sum0 = f32x4.add(sum0, g0); sum1 = f32x4.add(sum1, g1);
  }
  store8(sum, sum0, sum1);
}

/** This chunk's share of dweight, row k to parts + k · partStep. */
export function weightGrads4(dp: usize, step: usize, x: usize, ldx: usize, t: i32, steps: i32, parts: usize, partStep: usize): void {
  let a0 = f32x4.splat(0), a1 = a0, b0 = a0, b1 = a0, c0 = a0, c1 = a0;
  let s00 = a0, s01 = a0, s10 = a0, s11 = a0, s20 = a0, s21 = a0, s30 = a0, s31 = a0;
  if (t > 2) { const p = x - 3 * ldx; a0 = v128.load(p); a1 = v128.load(p, 16); }
  if (t > 1) { const p = x - 2 * ldx; b0 = v128.load(p); b1 = v128.load(p, 16); }
  if (t > 0) { const p = x - ldx; c0 = v128.load(p); c1 = v128.load(p, 16); }
  for (; steps > 0; steps--, x += ldx, dp += step) {
    const x0 = v128.load(x), x1 = v128.load(x, 16), g0 = v128.load(dp), g1 = v128.load(dp, 16);
    s00 = fma(g0, a0, s00); s01 = fma(g1, a1, s01); s10 = fma(g0, b0, s10); s11 = fma(g1, b1, s11);
    s20 = fma(g0, c0, s20); s21 = fma(g1, c1, s21); s30 = fma(g0, x0, s30); s31 = fma(g1, x1, s31);
    a0 = b0; a1 = b1; b0 = c0; b1 = c1; c0 = x0; c1 = x1;
  }
  store8(parts, s00, s01); parts += partStep;
  store8(parts, s10, s11); parts += partStep;
  store8(parts, s20, s21); parts += partStep;
  store8(parts, s30, s31);
}

/** dx of `steps` rows from dp of these and the three after them. */
export function inputGrads4(dp: usize, step: usize, w: usize, steps: i32, dx: usize, lddx: usize): void {
  const w00 = v128.load(w), w01 = v128.load(w, 16), w10 = v128.load(w, 32), w11 = v128.load(w, 48);
  const w20 = v128.load(w, 64), w21 = v128.load(w, 80), w30 = v128.load(w, 96), w31 = v128.load(w, 112);
  let a0 = v128.load(dp), a1 = v128.load(dp, 16); dp += step;
  let b0 = v128.load(dp), b1 = v128.load(dp, 16); dp += step;
  let c0 = v128.load(dp), c1 = v128.load(dp, 16); dp += step;
  for (; steps > 0; steps--, dp += step, dx += lddx) {
    const d0 = v128.load(dp), d1 = v128.load(dp, 16);
    store8(dx, fma(w00, d0, fma(w10, c0, fma(w20, b0, f32x4.mul(w30, a0)))), fma(w01, d1, fma(w11, c1, fma(w21, b1, f32x4.mul(w31, a1)))));
    a0 = b0; a1 = b1; b0 = c0; b1 = c1; c0 = d0; c1 = d1;
  }
}
