// See swap_axes.ts. Operands x, y; attrs a, b, inner; a unit is a run of FLAT_UNIT elements of y.
import { FLAT_UNIT } from "../../backends/cpu/wasm/codes";
import { attr, cols, ld, ptr, rows } from "../../backends/cpu/wasm/command.simd";

export function swapAxes(c: usize, u: i32): void {
  const a = attr(c, 0), b = attr(c, 1), inner = attr(c, 2), n = cols(c, 0), block = a * b * inner;
  const last = min(rows(c, 0) * n, (u + 1) * FLAT_UNIT);
  for (let e = u * FLAT_UNIT; e < last; e++) {
    const within = e % block, k = within % inner, i = within / inner % a, j = within / (inner * a);
    const from = e - within + (i * b + j) * inner + k;
    const value = load<f32>(ptr(c, 0) + <usize>(from / n) * ld(c, 0) + (<usize>(from % n) << 2));
    store<f32>(ptr(c, 1) + <usize>(e / n) * ld(c, 1) + (<usize>(e % n) << 2), value);
  }
}
