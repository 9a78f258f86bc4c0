// See reverse.ts. Operands x, y; attr seqlen; a unit is a run of rows of y.
import { SUM_ROWS } from "../../backends/cpu/wasm/codes";
import { attr, cols, ld, ptr, rows } from "../../backends/cpu/wasm/command.simd";

export function reverse(c: usize, u: i32): void {
  const seqlen = attr(c, 0), bytes = <usize>cols(c, 1) << 2;
  const r0 = u * SUM_ROWS, r1 = min(rows(c, 1), r0 + SUM_ROWS);
  for (let r = r0; r < r1; r++) {
    const t = r % seqlen, from = r - t + seqlen - 1 - t;
    memory.copy(ptr(c, 1) + <usize>r * ld(c, 1), ptr(c, 0) + <usize>from * ld(c, 0), bytes);
  }
}
