// See matmul.ts. Operands a, b, y, init (what is added to the product: nothing, a bias row, a residual), attrs below.
//
// A unit is a block of at most MATMUL_ROWS x MATMUL_COLUMNS of y, all of K, so sums never depend on the number of threads. For each
// MATMUL_K of K it packs its part of op(b) into panels of 8 columns and of op(a) into panels of 6 rows, and runs a 6 x 8 register tile
// over them (rows of a read in place are a third slower: more addresses to count). After Goto & van de Geijn 2008, "Anatomy of
// high-performance matrix multiplication", with the packing private to the unit: it costs 2 % more and needs no barrier.
import { MATMUL_COLUMNS, MATMUL_K } from "../../backends/cpu/wasm/codes";
import { attr, cols, ld, load4, loadTail, ptr, rows, store4 } from "../../backends/cpu/wasm/command.simd";
import { fma } from "../../backends/cpu/wasm/math.simd";

// @ts-ignore: decorator
@inline function lo(a: v128, b: v128): v128 { return v128.shuffle<i32>(a, b, 0, 4, 1, 5); }
// @ts-ignore: decorator
@inline function hi(a: v128, b: v128): v128 { return v128.shuffle<i32>(a, b, 2, 6, 3, 7); }

/** op(b)[k0 … k0 + kc)[j0 … j0 + n) into panels of 8 columns, zero beyond n. */
export function packB(b: usize, ldb: usize, trans: i32, k0: i32, kc: i32, j0: i32, n: i32, to: usize): void {
  for (let j = 0; j < n; j += 8) {
    const m = min(8, n - j);
    if (!trans) {
      let s = b + <usize>k0 * ldb + (<usize>(j0 + j) << 2);
      if (m == 8) for (let k = 0; k < kc; k++, s += ldb, to += 32) { v128.store(to, v128.load(s)); v128.store(to, v128.load(s, 16), 16); }
      else for (let k = 0; k < kc; k++, s += ldb, to += 32) {
        v128.store(to, load4(s, m));
        v128.store(to, m > 4 ? loadTail(s + 16, m - 4) : f32x4.splat(0), 16);
      }
      continue;
    }
    for (let half = 0; half < 8; half += 4) {
      const s = b + <usize>(j0 + j + half) * ldb + (<usize>k0 << 2);
      let q = to + (half << 2);
      const left = m - half;
      if (left >= 4) {
        const s1 = s + ldb, s2 = s1 + ldb, s3 = s2 + ldb;
        let k = 0;
        for (; k + 4 <= kc; k += 4, q += 128) {
          const at = <usize>k << 2;
          const r0 = v128.load(s + at), r1 = v128.load(s1 + at), r2 = v128.load(s2 + at), r3 = v128.load(s3 + at);
          const a = lo(r0, r2), e = hi(r0, r2), d = lo(r1, r3), f = hi(r1, r3);
          v128.store(q, lo(a, d)); v128.store(q, hi(a, d), 32); v128.store(q, lo(e, f), 64); v128.store(q, hi(e, f), 96);
        }
        for (; k < kc; k++, q += 32) {
          const at = <usize>k << 2;
          store<f32>(q, load<f32>(s + at)); store<f32>(q, load<f32>(s1 + at), 4);
          store<f32>(q, load<f32>(s2 + at), 8); store<f32>(q, load<f32>(s3 + at), 12);
        }
      } else for (let k = 0; k < kc; k++, q += 32) {
        v128.store(q, f32x4.splat(0));
        for (let i = 0; i < left; i++) store<f32>(q + (<usize>i << 2), load<f32>(s + <usize>i * ldb + (<usize>k << 2)));
      }
    }
    to += <usize>kc << 5;
  }
}

/** Rows i0 … i0 + m of op(a), a stored (K, M): panels of 6 rows, k after k, zero beyond m. 24 rows at once, to use whole cache lines of a. */
export function packColumns(a: usize, lda: usize, k0: i32, kc: i32, i0: i32, m: i32, to: usize): void {
  const panel = <usize>(kc * 24);
  let i = 0;
  for (; i + 24 <= m; i += 24, to += 4 * panel) {
    let s = a + <usize>k0 * lda + (<usize>(i0 + i) << 2), p = to;
    for (let k = 0; k < kc; k++, s += lda, p += 24) {
      v128.store(p, v128.load(s)); store<u64>(p + 16, load<u64>(s + 16));
      v128.store(p + panel, v128.load(s, 24)); store<u64>(p + panel + 16, load<u64>(s + 40));
      v128.store(p + 2 * panel, v128.load(s, 48)); store<u64>(p + 2 * panel + 16, load<u64>(s + 64));
      v128.store(p + 3 * panel, v128.load(s, 72)); store<u64>(p + 3 * panel + 16, load<u64>(s + 88));
    }
  }
  for (; i < m; i += 6, to += panel) {
    let s = a + <usize>k0 * lda + (<usize>(i0 + i) << 2), p = to;
    const n = min(6, m - i);
    if (n == 6) for (let k = 0; k < kc; k++, s += lda, p += 24) { v128.store(p, v128.load(s)); store<u64>(p + 16, load<u64>(s + 16)); }
    else for (let k = 0; k < kc; k++, s += lda, p += 24)
      for (let r = 0; r < 6; r++) store<f32>(p + (<usize>r << 2), r < n ? load<f32>(s + (<usize>r << 2)) : 0);
  }
}

/** Rows of a stored (M, K), from address `a` on: the same panels. Rows beyond m repeat one that is there; their sums are not stored. */
export function packRows(a: usize, lda: usize, kc: i32, m: i32, to: usize): void {
  for (let i = 0; i < m; i += 6, a += 6 * lda) {
    const n = m - i;
    const a1 = n > 1 ? a + lda : a, a2 = n > 2 ? a + 2 * lda : a, a3 = n > 3 ? a + 3 * lda : a;
    const a4 = n > 4 ? a + 4 * lda : a, a5 = n > 5 ? a + 5 * lda : a;
    let k = 0;
    for (; k + 4 <= kc; k += 4, to += 96) {
      const at = <usize>k << 2;
      const r0 = v128.load(a + at), r1 = v128.load(a1 + at), r2 = v128.load(a2 + at), r3 = v128.load(a3 + at);
      const r4 = v128.load(a4 + at), r5 = v128.load(a5 + at);
      const p = lo(r0, r2), q = hi(r0, r2), r = lo(r1, r3), t = hi(r1, r3), v = lo(r4, r5), w = hi(r4, r5);
      v128.store(to, lo(p, r)); v128.store64_lane(to, v, 0, 16);
      v128.store(to, hi(p, r), 24); v128.store64_lane(to, v, 1, 40);
      v128.store(to, lo(q, t), 48); v128.store64_lane(to, w, 0, 64);
      v128.store(to, hi(q, t), 72); v128.store64_lane(to, w, 1, 88);
    }
    for (; k < kc; k++, to += 24) {
      const at = <usize>k << 2;
      store<f32>(to, load<f32>(a + at)); store<f32>(to, load<f32>(a1 + at), 4); store<f32>(to, load<f32>(a2 + at), 8);
      store<f32>(to, load<f32>(a3 + at), 12); store<f32>(to, load<f32>(a4 + at), 16); store<f32>(to, load<f32>(a5 + at), 20);
    }
  }
}

/** Adds `init` to the tile and stores it: whole, or the part of m x n that is there. */
// @ts-ignore: decorator
@inline function finish(c00: v128, c01: v128, c10: v128, c11: v128, c20: v128, c21: v128, c30: v128, c31: v128, c40: v128, c41: v128, c50: v128, c51: v128,
  y: usize, ldy: usize, init: usize, ldi: usize, m: i32, n: i32): void {
  if (m == 6 && n == 8) {
    if (init) {
      c00 = f32x4.add(c00, v128.load(init)); c01 = f32x4.add(c01, v128.load(init, 16)); init += ldi;
      c10 = f32x4.add(c10, v128.load(init)); c11 = f32x4.add(c11, v128.load(init, 16)); init += ldi;
      c20 = f32x4.add(c20, v128.load(init)); c21 = f32x4.add(c21, v128.load(init, 16)); init += ldi;
      c30 = f32x4.add(c30, v128.load(init)); c31 = f32x4.add(c31, v128.load(init, 16)); init += ldi;
      c40 = f32x4.add(c40, v128.load(init)); c41 = f32x4.add(c41, v128.load(init, 16)); init += ldi;
      c50 = f32x4.add(c50, v128.load(init)); c51 = f32x4.add(c51, v128.load(init, 16));
    }
    v128.store(y, c00); v128.store(y, c01, 16); y += ldy;
    v128.store(y, c10); v128.store(y, c11, 16); y += ldy;
    v128.store(y, c20); v128.store(y, c21, 16); y += ldy;
    v128.store(y, c30); v128.store(y, c31, 16); y += ldy;
    v128.store(y, c40); v128.store(y, c41, 16); y += ldy;
    v128.store(y, c50); v128.store(y, c51, 16);
    return;
  }
  finishRow(c00, c01, y, init, n);
  if (m > 1) finishRow(c10, c11, y + 1 * ldy, init ? init + 1 * ldi : 0, n);
  if (m > 2) finishRow(c20, c21, y + 2 * ldy, init ? init + 2 * ldi : 0, n);
  if (m > 3) finishRow(c30, c31, y + 3 * ldy, init ? init + 3 * ldi : 0, n);
  if (m > 4) finishRow(c40, c41, y + 4 * ldy, init ? init + 4 * ldi : 0, n);
  if (m > 5) finishRow(c50, c51, y + 5 * ldy, init ? init + 5 * ldi : 0, n);
}
function finishRow(c0: v128, c1: v128, y: usize, init: usize, n: i32): void {
  if (init) {
    c0 = f32x4.add(c0, load4(init, n));
    if (n > 4) c1 = f32x4.add(c1, load4(init + 16, n - 4));
  }
  store4(y, c0, n);
  if (n > 4) store4(y + 16, c1, n - 4);
}

/**
 * The tile from packed panels: 12 sums, two vectors of b and one of a fill V8's 15 registers, and reach its multiply-add peak (4 rows
 * reach 93 % of it). Not unrolled: V8 then spills the tile.
 */
export function tile(kc: i32, a: usize, b: usize, y: usize, ldy: usize, init: usize, ldi: usize, m: i32, n: i32): void {
  const zero = f32x4.splat(0);
  let c00 = zero, c01 = zero, c10 = zero, c11 = zero, c20 = zero, c21 = zero, c30 = zero, c31 = zero, c40 = zero, c41 = zero, c50 = zero, c51 = zero;
  for (let k = kc; k > 0; k--) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    let x = v128.load32_splat(a); c00 = fma(x, b0, c00); c01 = fma(x, b1, c01);
    x = v128.load32_splat(a, 4); c10 = fma(x, b0, c10); c11 = fma(x, b1, c11);
    x = v128.load32_splat(a, 8); c20 = fma(x, b0, c20); c21 = fma(x, b1, c21);
    x = v128.load32_splat(a, 12); c30 = fma(x, b0, c30); c31 = fma(x, b1, c31);
    x = v128.load32_splat(a, 16); c40 = fma(x, b0, c40); c41 = fma(x, b1, c41);
    x = v128.load32_splat(a, 20); c50 = fma(x, b0, c50); c51 = fma(x, b1, c51);
    a += 24; b += 32;
  }
  finish(c00, c01, c10, c11, c20, c21, c30, c31, c40, c41, c50, c51, y, ldy, init, ldi, m, n);
}

/** attrs transA, transB, K, rows per unit, column blocks, has init. local: MATMUL_K x (MATMUL_COLUMNS + rows per unit) floats. */
export function matmul(c: usize, u: i32, local: usize): void {
  const transA = attr(c, 0), transB = attr(c, 1), K = attr(c, 2), perUnit = attr(c, 3), blocks = attr(c, 4);
  const i0 = (u / blocks) * perUnit, m = min(rows(c, 2) - i0, perUnit);
  const j0 = (u % blocks) * MATMUL_COLUMNS, n = min(cols(c, 2) - j0, MATMUL_COLUMNS);
  const lda = ld(c, 0), ldy = ld(c, 2), packedB = local, packedA = local + (MATMUL_K * MATMUL_COLUMNS << 2);
  const y0 = ptr(c, 2) + <usize>i0 * ldy + (<usize>j0 << 2);
  // Equal parts of K: a last part of a few would waste a pass over y.
  const parts = (K + MATMUL_K - 1) / MATMUL_K, kc0 = ((K + parts - 1) / parts + 3) & ~3;
  let init = attr(c, 5) ? ptr(c, 3) + <usize>i0 * ld(c, 3) + (<usize>j0 << 2) : 0, ldi = attr(c, 5) ? ld(c, 3) : 0;
  for (let k0 = 0; k0 < K; k0 += kc0) {
    const kc = min(kc0, K - k0);
    packB(ptr(c, 1), ld(c, 1), transB, k0, kc, j0, n, packedB);
    if (transA) packColumns(ptr(c, 0), lda, k0, kc, i0, m, packedA);
    else packRows(ptr(c, 0) + <usize>i0 * lda + (<usize>k0 << 2), lda, kc, m, packedA);
    for (let j = 0; j < n; j += 8) {
      const b = packedB + (<usize>(j * kc) << 2);
      for (let i = 0; i < m; i += 6) {
        const y = y0 + <usize>i * ldy + (<usize>j << 2), add = init ? init + <usize>i * ldi + (<usize>j << 2) : 0;
        tile(kc, packedA + (<usize>(i * kc) << 2), b, y, ldy, add, ldi, min(6, m - i), min(8, n - j));
      }
    }
    init = y0;
    ldi = ldy;
  }
}

/**
 * Few rows, a not transposed (generation): nothing is packed. Columns are dot products when b is (N, K), else rows of b are added up.
 * A unit is MATMUL_COLUMNS columns. attrs as above.
 */
export function matmulFewRows(c: usize, u: i32): void {
  const transB = attr(c, 1), K = attr(c, 2), M = rows(c, 2), j0 = u * MATMUL_COLUMNS, j1 = min(cols(c, 2), j0 + MATMUL_COLUMNS);
  const ldb = ld(c, 1);
  for (let j = j0; j < j1; j += 4) {
    const n = j1 - j;
    for (let i = 0; i < M; i++) {
      const a = ptr(c, 0) + <usize>i * ld(c, 0);
      const sum = transB ? dots(a, ptr(c, 1) + <usize>j * ldb, ldb, K, n) : rowSums(a, ptr(c, 1) + (<usize>j << 2), ldb, K, n);
      const at = <usize>j << 2;
      store4(ptr(c, 2) + <usize>i * ld(c, 2) + at, attr(c, 5) ? f32x4.add(sum, load4(ptr(c, 3) + <usize>i * ld(c, 3) + at, n)) : sum, n);
    }
  }
}
export function dots(a: usize, b: usize, ldb: usize, K: i32, n: i32): v128 {
  const b1 = n > 1 ? b + ldb : b, b2 = n > 2 ? b + 2 * ldb : b, b3 = n > 3 ? b + 3 * ldb : b;
  let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
  let k = 0;
  for (; k + 4 <= K; k += 4) {
    const at = <usize>k << 2, x = v128.load(a + at);
    s0 = fma(x, v128.load(b + at), s0); s1 = fma(x, v128.load(b1 + at), s1);
    s2 = fma(x, v128.load(b2 + at), s2); s3 = fma(x, v128.load(b3 + at), s3);
  }
  if (k < K) {
    const at = <usize>k << 2, left = K - k, x = loadTail(a + at, left);
    s0 = fma(x, loadTail(b + at, left), s0); s1 = fma(x, loadTail(b1 + at, left), s1);
    s2 = fma(x, loadTail(b2 + at, left), s2); s3 = fma(x, loadTail(b3 + at, left), s3);
  }
  const p = lo(s0, s2), q = hi(s0, s2), r = lo(s1, s3), t = hi(s1, s3);
  return f32x4.add(f32x4.add(lo(p, r), hi(p, r)), f32x4.add(lo(q, t), hi(q, t)));
}
function rowSums(a: usize, b: usize, ldb: usize, K: i32, n: i32): v128 {
  let s0 = f32x4.splat(0), s1 = s0;
  let k = 0;
  for (; k + 2 <= K; k += 2, a += 8, b += 2 * ldb) {
    s0 = fma(v128.load32_splat(a), load4(b, n), s0);
    s1 = fma(v128.load32_splat(a, 4), load4(b + ldb, n), s1);
  }
  if (k < K) s0 = fma(v128.load32_splat(a), load4(b, n), s0);
  return f32x4.add(s0, s1);
}
