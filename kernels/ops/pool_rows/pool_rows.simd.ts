// See pool_rows.ts. attrs seqlen, last. Padding is never read: what lies there does not matter.
import { SUM_ROWS } from "../../backends/cpu/wasm/codes";
import { attr, cols, ld, load4, ptr, rows, store4 } from "../../backends/cpu/wasm/command.simd";

/** Rows of sequence b that count, from the operand that holds lengths. */
// @ts-ignore: decorator
@inline
function countOf(c: usize, operand: i32, b: i32): i32 {
  return min(attr(c, 0), max(1, load<i32>(ptr(c, operand) + <usize>b * ld(c, operand))));
}

/** Operands x, lengths, y; a unit is one sequence. Sums of 64 steps are added up, which keeps long sequences exact. */
export function poolRows(c: usize, b: i32): void {
  const seqlen = attr(c, 0), to = countOf(c, 1, b), from = attr(c, 1) ? to - 1 : 0;
  const n = cols(c, 2), y = ptr(c, 2) + <usize>b * ld(c, 2);
  const scale = f32x4.splat(<f32>(to - from));
  for (let i = 0; i < n; i += 4) {
    let x = ptr(c, 0) + <usize>(b * seqlen + from) * ld(c, 0) + (<usize>i << 2);
    let sum = f32x4.splat(0);
    for (let t = from; t < to;) {
      let part = f32x4.splat(0);
      for (const end = min(to, t + SUM_ROWS); t < end; t++, x += ld(c, 0)) part = f32x4.add(part, load4(x, n - i));
      sum = f32x4.add(sum, part);
    }
    store4(y + (<usize>i << 2), f32x4.div(sum, scale), n - i);
  }
}

/** Operands dy, lengths, dx; a unit is a run of rows. */
export function poolRowsGrad(c: usize, u: i32): void {
  const seqlen = attr(c, 0), last = attr(c, 1), n = cols(c, 2), r0 = u * SUM_ROWS, r1 = min(rows(c, 2), r0 + SUM_ROWS);
  for (let r = r0; r < r1; r++) {
    const b = r / seqlen, t = r - b * seqlen, to = countOf(c, 1, b), from = last ? to - 1 : 0;
    const dx = ptr(c, 2) + <usize>r * ld(c, 2);
    if (t < from || t >= to) {
      memory.fill(dx, 0, <usize>n << 2);
      continue;
    }
    const dy = ptr(c, 0) + <usize>b * ld(c, 0), scale = f32x4.splat(<f32>(to - from));
    for (let i = 0; i < n; i += 4) store4(dx + (<usize>i << 2), f32x4.div(load4(dy + (<usize>i << 2), n - i), scale), n - i);
  }
}
