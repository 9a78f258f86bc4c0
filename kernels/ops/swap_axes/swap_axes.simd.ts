// See swap_axes.ts. Operands x, y; attrs a, b, inner; a unit is a run of FLAT_UNIT elements of y. Places are counted along, not divided for.
import { FLAT_UNIT } from "../../backends/cpu/wasm/codes";
import { attr, cols, ld, ptr, rows } from "../../backends/cpu/wasm/command.simd";

export function swapAxes(c: usize, u: i32): void {
  const a = attr(c, 0), b = attr(c, 1), inner = attr(c, 2), n = cols(c, 0), block = a * b * inner;
  const first = u * FLAT_UNIT, last = min(rows(c, 0) * n, first + FLAT_UNIT), x = ptr(c, 0), flat = ld(c, 0) == <usize>n << 2;
  // y's element e is (block, j, i, k), and lies in row r, column col.
  let base = first - first % block, k = first % inner, i = first % block / inner % a, j = first % block / (inner * a);
  let col = first % n, y = ptr(c, 1) + <usize>(first / n) * ld(c, 1);
  for (let e = first; e < last; e++) {
    const from = base + (i * b + j) * inner + k;
    const at = flat ? <usize>from << 2 : <usize>(from / n) * ld(c, 0) + (<usize>(from % n) << 2);
    store<f32>(y + (<usize>col << 2), load<f32>(x + at));
    if (++col == n) { col = 0; y += ld(c, 1); }
    if (++k < inner) continue;
    k = 0;
    if (++i < a) continue;
    i = 0;
    if (++j < b) continue;
    j = 0;
    base += block;
  }
}
