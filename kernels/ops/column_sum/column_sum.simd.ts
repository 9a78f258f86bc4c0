// See column_sum.ts: each unit sums SUM_ROWS rows into its row of parts (parts, N), which SUM_PARTS then adds up.
import { SUM_ROWS } from "../../backends/cpu/wasm/codes";
import { cols, ld, load4, ptr, rows, store4 } from "../../backends/cpu/wasm/command.simd";

export function columnSum(c: usize, u: i32): void {
  const n = cols(c, 0), r0 = u * SUM_ROWS, r1 = min(rows(c, 0), r0 + SUM_ROWS);
  const y = ptr(c, 1) + ((<usize>u * n) << 2);
  for (let i = 0; i < n; i += 4) {
    let x = ptr(c, 0) + <usize>r0 * ld(c, 0) + (<usize>i << 2);
    let sum = f32x4.splat(0);
    for (let r = r0; r < r1; r++, x += ld(c, 0)) sum = f32x4.add(sum, load4(x, n - i));
    store4(y + (<usize>i << 2), sum, n - i);
  }
}
