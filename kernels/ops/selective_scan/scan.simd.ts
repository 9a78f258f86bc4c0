// What the scan and its gradient share. Eight channels a pair of vectors (backends/cpu/wide.ts); states lie [channel / 8][n][8].
import { gather4, load4, loadTail, store4, store8 } from "../../backends/cpu/wasm/command.simd";
import { expNegAbs, sigmoidOf, softplusOf } from "../../backends/cpu/wasm/math.simd";

/** Bytes of S for one step: Δ, Δu, u, σ(raw), then for the gradient g, Σ λB, Σ λ A e h; eight channels of each. */
export const STEP: usize = 224;
/** Bytes of one row of eight channels. */
export const ROW: usize = 32;

/** A · factor of channels d0 … d1 to `to`, a record of `step` bytes for eight channels and a state; zero beyond d1. */
export function transposeA(A: usize, ldA: usize, N: i32, d0: i32, d1: i32, factor: v128, to: usize, step: usize): void {
  for (let d = d0; d < d1; d += 8)
    for (let n = 0; n < N; n++, to += step) {
      const from = A + <usize>d * ldA + (<usize>n << 2);
      v128.store(to, f32x4.mul(gather4(from, ldA, d1 - d), factor));
      v128.store(to, d1 - d > 4 ? f32x4.mul(gather4(from + 4 * ldA, ldA, d1 - d - 4), factor) : f32x4.splat(0), 16);
    }
}

/** `left` < 8 columns of `steps` rows, as rows of eight with zeros. */
export function padRows(from: usize, ld: usize, steps: i32, left: i32, to: usize): void {
  for (; steps > 0; steps--, from += ld, to += ROW) {
    v128.store(to, load4(from, left));
    v128.store(to, left > 4 ? loadTail(from + 16, left - 4) : f32x4.splat(0), 16);
  }
}
/** The way back. */
export function unpadRows(from: usize, steps: i32, left: i32, to: usize, ld: usize): void {
  for (; steps > 0; steps--, from += ROW, to += ld) {
    store4(to, v128.load(from), left);
    if (left > 4) store4(to + 16, v128.load(from, 16), left - 4);
  }
}

/**
 * Δ, Δu, u and σ(raw) of `steps` rows of eight channels to S, STEP bytes a row. Its own loop, as are the gates: the exponentials of
 * different steps overlap here, while inside the loop over states each would be waited for.
 */
export function inputs(raw: usize, ldRaw: usize, x: usize, ldx: usize, bias: usize, steps: i32, S: usize): void {
  const bias0 = v128.load(bias), bias1 = v128.load(bias, 16);
  for (; steps > 0; steps--, raw += ldRaw, x += ldx, S += STEP) {
    const raw0 = f32x4.add(v128.load(raw), bias0), raw1 = f32x4.add(v128.load(raw, 16), bias1), x0 = v128.load(x), x1 = v128.load(x, 16);
    const tail0 = expNegAbs(raw0), tail1 = expNegAbs(raw1), step0 = softplusOf(raw0, tail0), step1 = softplusOf(raw1, tail1);
    const slope0 = sigmoidOf(raw0, tail0), slope1 = sigmoidOf(raw1, tail1);
    store8(S, step0, step1);
    v128.store(S, f32x4.mul(step1, x1), 48); v128.store(S, f32x4.mul(step0, x0), 32);
    v128.store(S, x1, 80); v128.store(S, x0, 64);
    v128.store(S, slope1, 112); v128.store(S, slope0, 96);
  }
}
