// Small products inside one unit of work, on the register tile of matmul.
import { isWide } from "../matmul/block.simd";
import { packB, packColumns, packRows } from "../matmul/pack.simd";
import { tile, wideTile } from "../matmul/tile.simd";

/** Parts of the inner dimension, rows and columns packed at a time. */
const PART: i32 = 128;
const ROWS: i32 = 66;
const COLUMNS: i32 = 64;

/** What is known to be zero: nothing; tiles of y above the diagonal are left out; a is lower triangular; a is upper triangular. */
export const FULL: i32 = 0;
export const LOWER_RESULT: i32 = 1;
export const LOWER: i32 = 2;
export const UPPER: i32 = 3;

/**
 * y (M, N) = op(a) op(b), or += where `add`; lda, ldb, ldy in bytes. A triangular op(a) is square, at most PART wide, and holds zeros on
 * its other side for at least 6 columns from the diagonal on. `local` has (ROWS + COLUMNS) PART floats.
 */
export function product(a: usize, lda: usize, transA: i32, b: usize, ldb: usize, transB: i32, M: i32, N: i32, K: i32,
  y: usize, ldy: usize, add: bool, shape: i32, local: usize): void {
  const packedB = local + (ROWS * PART << 2);
  for (let k0 = 0; k0 < K; k0 += PART) {
    const kc = min(PART, K - k0);
    for (let j0 = 0; j0 < N; j0 += COLUMNS) {
      const n = min(COLUMNS, N - j0);
      packB(b, ldb, transB, k0, kc, j0, n, packedB);
      for (let i0 = 0; i0 < M; i0 += ROWS) {
        const m = min(ROWS, M - i0);
        if (transA) packColumns(a, lda, k0, kc, i0, m, local);
        else packRows(a + <usize>i0 * lda + (<usize>k0 << 2), lda, kc, m, local);
        for (let j = 0; j < n;) {
          const pair = isWide() && n - j > 8, pb = packedB + (<usize>(j * kc) << 2), panel = <usize>kc << 5;
          for (let i = 0; i < m; i += 6) {
            if (shape == LOWER_RESULT && j0 + j > i0 + i + 5) continue;
            const from = shape == UPPER ? i0 + i : 0, depth = (shape == LOWER ? min(kc, i0 + i + 6) : kc) - from;
            const out = y + <usize>(i0 + i) * ldy + (<usize>(j0 + j) << 2), init: usize = add || k0 > 0 ? out : 0;
            const pa = local + (<usize>(i * kc) << 2) + <usize>(from * 24), b = pb + <usize>(from << 5);
            if (pair) wideTile(depth, pa, b, panel, out, ldy, init, ldy, min(6, m - i), min(16, n - j));
            else tile(depth, pa, b, out, ldy, init, ldy, min(6, m - i), min(8, n - j));
          }
          j += pair ? 16 : 8;
        }
      }
    }
  }
}
