// Small matrix products on blocks in cache, by 4 rows × 8 columns in registers, or 16 where pairs of vectors are one register.
import { load4, store4, store8 } from "../../backends/cpu/wasm/command.simd";
import { fma } from "../../backends/cpu/wasm/math.simd";
import { isWide } from "../matmul/block.simd";

/**
 * y (M, N) = [y +] a (M, K) · b (K, N). a's element (r, k) lies at a + r·stepR + k·stepK, so a transposed a costs nothing; rows of b and
 * y are ldB and ldY apart. All steps in bytes; one of a's is 4.
 */
export function product(
  M: i32, N: i32, K: i32, a: usize, stepR: usize, stepK: usize, b: usize, ldB: usize, y: usize, ldY: usize, add: bool,
): void {
  let r = 0;
  for (; r + 4 <= M; r += 4) {
    let c = 0;
    if (isWide()) for (; c + 16 <= N; c += 16) fourBySixteen(K, a, stepR, stepK, b + (<usize>c << 2), ldB, y + (<usize>c << 2), ldY, add);
    for (; c + 8 <= N; c += 8) fourByEight(K, a, stepR, stepK, b + (<usize>c << 2), ldB, y + (<usize>c << 2), ldY, add);
    for (; c < N; c += 4) fourByFour(K, a, stepR, stepK, b + (<usize>c << 2), ldB, y + (<usize>c << 2), ldY, add, N - c);
    a += 4 * stepR;
    y += 4 * ldY;
  }
  for (; r < M; r++) {
    for (let c = 0; c < N; c += 4) {
      const to = y + (<usize>c << 2), n = N - c;
      let p = a, q = b + (<usize>c << 2);
      let sum = add ? load4(to, n) : f32x4.splat(0);
      for (let k = 0; k < K; k++, p += stepK, q += ldB) sum = fma(v128.load32_splat(p), load4(q, n), sum);
      store4(to, sum, n);
    }
    a += stepR;
    y += ldY;
  }
}

function fourBySixteen(K: i32, a: usize, stepR: usize, stepK: usize, b: usize, ldB: usize, y: usize, ldY: usize, add: bool): void {
  const zero = f32x4.splat(0), y1 = y + ldY, y2 = y1 + ldY, y3 = y2 + ldY;
  let a1 = a + stepR, a2 = a1 + stepR, a3 = a2 + stepR;
  let s00 = zero, s01 = zero, s02 = zero, s03 = zero, s10 = zero, s11 = zero, s12 = zero, s13 = zero;
  let s20 = zero, s21 = zero, s22 = zero, s23 = zero, s30 = zero, s31 = zero, s32 = zero, s33 = zero;
  if (add) {
    s00 = v128.load(y); s01 = v128.load(y, 16); s02 = v128.load(y, 32); s03 = v128.load(y, 48);
    s10 = v128.load(y1); s11 = v128.load(y1, 16); s12 = v128.load(y1, 32); s13 = v128.load(y1, 48);
    s20 = v128.load(y2); s21 = v128.load(y2, 16); s22 = v128.load(y2, 32); s23 = v128.load(y2, 48);
    s30 = v128.load(y3); s31 = v128.load(y3, 16); s32 = v128.load(y3, 32); s33 = v128.load(y3, 48);
  }
  for (; K > 0; K--) {
    const b0 = v128.load(b), b1 = v128.load(b, 16), b2 = v128.load(b, 32), b3 = v128.load(b, 48);
    let x = v128.load32_splat(a); s00 = fma(x, b0, s00); s01 = fma(x, b1, s01); s02 = fma(x, b2, s02); s03 = fma(x, b3, s03);
    x = v128.load32_splat(a1); s10 = fma(x, b0, s10); s11 = fma(x, b1, s11); s12 = fma(x, b2, s12); s13 = fma(x, b3, s13);
    x = v128.load32_splat(a2); s20 = fma(x, b0, s20); s21 = fma(x, b1, s21); s22 = fma(x, b2, s22); s23 = fma(x, b3, s23);
    x = v128.load32_splat(a3); s30 = fma(x, b0, s30); s31 = fma(x, b1, s31); s32 = fma(x, b2, s32); s33 = fma(x, b3, s33);
    a += stepK; a1 += stepK; a2 += stepK; a3 += stepK; b += ldB;
  }
  store8(y, s00, s01); v128.store(y, s03, 48); v128.store(y, s02, 32);
  store8(y1, s10, s11); v128.store(y1, s13, 48); v128.store(y1, s12, 32);
  store8(y2, s20, s21); v128.store(y2, s23, 48); v128.store(y2, s22, 32);
  store8(y3, s30, s31); v128.store(y3, s33, 48); v128.store(y3, s32, 32);
}

/** One of the steps is 4: where it is that of k, two k at a time share their addresses. */
function fourByEight(K: i32, a: usize, stepR: usize, stepK: usize, b: usize, ldB: usize, y: usize, ldY: usize, add: bool): void {
  const y1 = y + ldY, y2 = y + 2 * ldY, y3 = y + 3 * ldY;
  let s00 = f32x4.splat(0), s01 = s00, s10 = s00, s11 = s00, s20 = s00, s21 = s00, s30 = s00, s31 = s00;
  if (add) {
    s00 = v128.load(y); s01 = v128.load(y, 16); s10 = v128.load(y1); s11 = v128.load(y1, 16);
    s20 = v128.load(y2); s21 = v128.load(y2, 16); s30 = v128.load(y3); s31 = v128.load(y3, 16);
  }
  let k = 0;
  if (stepR == 4) {
    for (; k < K; k++) {
      const b0 = v128.load(b), b1 = v128.load(b, 16);
      let x = v128.load32_splat(a);
      s00 = fma(x, b0, s00); s01 = fma(x, b1, s01);
      x = v128.load32_splat(a, 4);
      s10 = fma(x, b0, s10); s11 = fma(x, b1, s11);
      x = v128.load32_splat(a, 8);
      s20 = fma(x, b0, s20); s21 = fma(x, b1, s21);
      x = v128.load32_splat(a, 12);
      s30 = fma(x, b0, s30); s31 = fma(x, b1, s31);
      a += stepK;
      b += ldB;
    }
  } else {
    let p1 = a + stepR, p2 = p1 + stepR, p3 = p2 + stepR;
    for (; k + 2 <= K; k += 2) {
      let b0 = v128.load(b), b1 = v128.load(b, 16);
      let x = v128.load32_splat(a);
      s00 = fma(x, b0, s00); s01 = fma(x, b1, s01);
      x = v128.load32_splat(p1);
      s10 = fma(x, b0, s10); s11 = fma(x, b1, s11);
      x = v128.load32_splat(p2);
      s20 = fma(x, b0, s20); s21 = fma(x, b1, s21);
      x = v128.load32_splat(p3);
      s30 = fma(x, b0, s30); s31 = fma(x, b1, s31);
      b += ldB;
      b0 = v128.load(b); b1 = v128.load(b, 16);
      x = v128.load32_splat(a, 4);
      s00 = fma(x, b0, s00); s01 = fma(x, b1, s01);
      x = v128.load32_splat(p1, 4);
      s10 = fma(x, b0, s10); s11 = fma(x, b1, s11);
      x = v128.load32_splat(p2, 4);
      s20 = fma(x, b0, s20); s21 = fma(x, b1, s21);
      x = v128.load32_splat(p3, 4);
      s30 = fma(x, b0, s30); s31 = fma(x, b1, s31);
      b += ldB;
      a += 8; p1 += 8; p2 += 8; p3 += 8;
    }
    if (k < K) {
      const b0 = v128.load(b), b1 = v128.load(b, 16);
      let x = v128.load32_splat(a);
      s00 = fma(x, b0, s00); s01 = fma(x, b1, s01);
      x = v128.load32_splat(p1);
      s10 = fma(x, b0, s10); s11 = fma(x, b1, s11);
      x = v128.load32_splat(p2);
      s20 = fma(x, b0, s20); s21 = fma(x, b1, s21);
      x = v128.load32_splat(p3);
      s30 = fma(x, b0, s30); s31 = fma(x, b1, s31);
    }
  }
  v128.store(y, s00); v128.store(y, s01, 16); v128.store(y1, s10); v128.store(y1, s11, 16);
  v128.store(y2, s20); v128.store(y2, s21, 16); v128.store(y3, s30); v128.store(y3, s31, 16);
}

/** The last columns, of which n are there. */
function fourByFour(K: i32, a: usize, stepR: usize, stepK: usize, b: usize, ldB: usize, y: usize, ldY: usize, add: bool, n: i32): void {
  const y1 = y + ldY, y2 = y + 2 * ldY, y3 = y + 3 * ldY;
  let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
  if (add) { s0 = load4(y, n); s1 = load4(y1, n); s2 = load4(y2, n); s3 = load4(y3, n); }
  for (let k = 0; k < K; k++) {
    const b0 = load4(b, n);
    s0 = fma(v128.load32_splat(a), b0, s0);
    s1 = fma(v128.load32_splat(a + stepR), b0, s1);
    s2 = fma(v128.load32_splat(a + 2 * stepR), b0, s2);
    s3 = fma(v128.load32_splat(a + 3 * stepR), b0, s3);
    a += stepK;
    b += ldB;
  }
  store4(y, s0, n); store4(y1, s1, n); store4(y2, s2, n); store4(y3, s3, n);
}
