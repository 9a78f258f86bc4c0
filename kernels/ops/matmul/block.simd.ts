// Walks over a block of a product with packed columns, by the widest tile that fits.
import { CONTROL_WIDE } from "../../backends/cpu/wasm/codes";
import { rowsTile, tile, wideRowsTile, wideTile } from "./tile.simd";

/** Whether the engine makes wide registers of pairs: then the wide tiles pay. */
// @ts-ignore: decorator
@inline export function isWide(): bool { return load<i32>(CONTROL_WIDE) != 0; }

/** y (m, n) = a · b [+ init], a packed in panels of 6 rows, b in panels of 8 columns. */
export function packedBlock(kc: i32, a: usize, b: usize, y: usize, ldy: usize, init: usize, ldi: usize, m: i32, n: i32): void {
  const wide = isWide(), depth = <usize>kc << 2, panel = <usize>kc << 5;
  for (let j = 0; j < n;) {
    const pair = wide && n - j > 8, pb = b + <usize>j * depth, at = <usize>j << 2;
    for (let i = 0; i < m; i += 6) {
      const pa = a + <usize>i * depth, to = y + <usize>i * ldy + at, add = init ? init + <usize>i * ldi + at : 0;
      if (pair) wideTile(kc, pa, pb, panel, to, ldy, add, ldi, min(6, m - i), min(16, n - j));
      else tile(kc, pa, pb, to, ldy, add, ldi, min(6, m - i), min(8, n - j));
    }
    j += pair ? 16 : 8;
  }
}
/** The same with rows of a where they lie, for wide registers. */
export function rowsBlock(kc: i32, a: usize, lda: usize, b: usize, y: usize, ldy: usize, init: usize, ldi: usize, m: i32, n: i32): void {
  const depth = <usize>kc << 2, panel = <usize>kc << 5;
  for (let j = 0; j < n;) {
    const pair = n - j > 8, pb = b + <usize>j * depth, at = <usize>j << 2;
    for (let i = 0; i < m; i += 6) {
      const pa = a + <usize>i * lda, to = y + <usize>i * ldy + at, add = init ? init + <usize>i * ldi + at : 0;
      if (pair) wideRowsTile(kc, pa, lda, pb, panel, to, ldy, add, ldi, min(6, m - i), min(16, n - j));
      else rowsTile(kc, pa, lda, pb, to, ldy, add, ldi, min(6, m - i), min(8, n - j));
    }
    j += pair ? 16 : 8;
  }
}
