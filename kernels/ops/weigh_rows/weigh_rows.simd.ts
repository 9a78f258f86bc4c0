// See weigh_rows.ts. Operands x, w, y, then otherwise if attr 0 is set; a unit is a run of SUM_ROWS rows.
import { SUM_ROWS } from "../../backends/cpu/wasm/codes";
import { attr, cols, ld, load4, ptr, rows, store4 } from "../../backends/cpu/wasm/command.simd";

export function weighRows(c: usize, u: i32): void {
  const n = cols(c, 2), whole = cols(c, 1) == 1;
  const r0 = u * SUM_ROWS, r1 = min(rows(c, 2), r0 + SUM_ROWS);
  for (let r = r0; r < r1; r++) {
    const x = ptr(c, 0) + <usize>r * ld(c, 0), w = ptr(c, 1) + <usize>r * ld(c, 1), y = ptr(c, 2) + <usize>r * ld(c, 2);
    for (let i = 0; i < n; i += 4) {
      const at = <usize>i << 2, left = n - i;
      const weight = whole ? i32x4.splat(load<i32>(w)) : load4(w + at, left);
      const other = attr(c, 0) ? load4(ptr(c, 3) + at, left) : f32x4.splat(0);
      const value = f32x4.mul(f32x4.convert_i32x4_s(weight), load4(x + at, left));
      store4(y + at, v128.bitselect(other, value, i32x4.eq(weight, i32x4.splat(0))), left);
    }
  }
}
