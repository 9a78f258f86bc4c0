// See scatter_rows.ts. Operands x, y; attrs firstRow, rowStep; a unit is a run of rows of y.
import { SUM_ROWS } from "../../backends/cpu/wasm/codes";
import { attr, cols, ld, ptr, rows } from "../../backends/cpu/wasm/command.simd";

export function scatterRows(c: usize, u: i32): void {
  const first = attr(c, 0), step = attr(c, 1), bytes = <usize>cols(c, 1) << 2;
  const r0 = u * SUM_ROWS, r1 = min(rows(c, 1), r0 + SUM_ROWS);
  for (let r = r0; r < r1; r++) {
    const y = ptr(c, 1) + <usize>r * ld(c, 1), k = (r - first) / step;
    if (r >= first && (r - first) % step == 0 && k < rows(c, 0)) memory.copy(y, ptr(c, 0) + <usize>k * ld(c, 0), bytes);
    else memory.fill(y, 0, bytes);
  }
}
