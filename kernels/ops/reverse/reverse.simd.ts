// See reverse.ts. Operands x, y and, with attr lengths, lengths; attrs seqlen, lengths; a unit is a run of rows of y.
import { SUM_ROWS } from "../../backends/cpu/wasm/codes";
import { attr, cols, ld, ptr, rows } from "../../backends/cpu/wasm/command.simd";

export function reverse(c: usize, u: i32): void {
  const seqlen = attr(c, 0), bytes = <usize>cols(c, 1) << 2;
  const r0 = u * SUM_ROWS, r1 = min(rows(c, 1), r0 + SUM_ROWS);
  for (let r = r0; r < r1; r++) {
    const b = r / seqlen, t = r - b * seqlen;
    const length = attr(c, 1) ? min(seqlen, load<i32>(ptr(c, 2) + <usize>b * ld(c, 2))) : seqlen;
    const from = r - t + (t < length ? length - 1 - t : t);
    memory.copy(ptr(c, 1) + <usize>r * ld(c, 1), ptr(c, 0) + <usize>from * ld(c, 0), bytes);
  }
}
