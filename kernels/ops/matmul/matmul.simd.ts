// See matmul.ts. Operands a, b, y, init (what is added to the product: nothing, a bias row, a residual), attrs below.
//
// A unit is a block of y, all of K, so sums never depend on the number of threads. For each MATMUL_K of K it packs its part of op(b) into
// panels of 8 columns (pack.simd.ts) and runs a register tile over them (block.simd.ts); op(a) is packed into panels of 6 rows, except where
// the engine has wide registers and its rows can be read in place. After Goto & van de Geijn 2008, "Anatomy of high-performance matrix
// multiplication", with the packing private to the unit: it costs 2 % more and needs no barrier.
import { MATMUL_COLUMNS, MATMUL_K } from "../../backends/cpu/wasm/codes";
import { attr, cols, ld, load4, loadTail, ptr, rows, store4 } from "../../backends/cpu/wasm/command.simd";
import { fma } from "../../backends/cpu/wasm/math.simd";
import { isWide, packedBlock, rowsBlock } from "./block.simd";
import { hi, lo, packB, packColumns, packRows } from "./pack.simd";

/** attrs transA, transB, K, rows per unit, column blocks, has init, columns per unit. local: MATMUL_K x (columns + rows per unit) floats. */
export function matmul(c: usize, u: i32, local: usize): void {
  const transA = attr(c, 0), transB = attr(c, 1), K = attr(c, 2), perUnit = attr(c, 3), blocks = attr(c, 4), columns = attr(c, 6);
  const i0 = (u / blocks) * perUnit, m = min(rows(c, 2) - i0, perUnit);
  const j0 = (u % blocks) * columns, n = min(cols(c, 2) - j0, columns);
  const lda = ld(c, 0), ldy = ld(c, 2), packedB = local, packedA = local + (MATMUL_K * columns << 2);
  const y0 = ptr(c, 2) + <usize>i0 * ldy + (<usize>j0 << 2), inPlace = !transA && isWide();
  // Equal parts of K: a last part of a few would waste a pass over y.
  const parts = (K + MATMUL_K - 1) / MATMUL_K, kc0 = ((K + parts - 1) / parts + 3) & ~3;
  let init = attr(c, 5) ? ptr(c, 3) + <usize>i0 * ld(c, 3) + (<usize>j0 << 2) : 0, ldi = attr(c, 5) ? ld(c, 3) : 0;
  for (let k0 = 0; k0 < K; k0 += kc0) {
    const kc = min(kc0, K - k0), a = ptr(c, 0) + <usize>i0 * lda + (<usize>k0 << 2);
    packB(ptr(c, 1), ld(c, 1), transB, k0, kc, j0, n, packedB);
    if (inPlace) rowsBlock(kc, a, lda, packedB, y0, ldy, init, ldi, m, n);
    else {
      if (transA) packColumns(ptr(c, 0), lda, k0, kc, i0, m, packedA);
      else packRows(a, lda, kc, m, packedA);
      packedBlock(kc, packedA, packedB, y0, ldy, init, ldi, m, n);
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
