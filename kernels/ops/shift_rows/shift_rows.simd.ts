// See shift_rows.ts. Operands x, y; attrs from, to, shift; a unit is a run of rows of y.
import { SUM_ROWS } from "../../backends/cpu/wasm/codes";
import { attr, cols, ld, ptr, rows } from "../../backends/cpu/wasm/command.simd";

export function shiftRows(c: usize, u: i32): void {
  const from = attr(c, 0), to = attr(c, 1), shift = attr(c, 2), bytes = <usize>cols(c, 1) << 2;
  const r0 = u * SUM_ROWS, r1 = min(rows(c, 1), r0 + SUM_ROWS);
  for (let r = r0; r < r1; r++) {
    const y = ptr(c, 1) + <usize>r * ld(c, 1), t = r % to - shift;
    if (t >= 0 && t < from) memory.copy(y, ptr(c, 0) + <usize>(r / to * from + t) * ld(c, 0), bytes);
    else memory.fill(y, 0, bytes);
  }
}
