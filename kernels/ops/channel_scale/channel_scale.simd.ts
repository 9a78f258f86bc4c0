// See channel_scale.ts. Operands x, weight, y, then addend if attr 0 is set; a unit is a run of SUM_ROWS rows.
import { SUM_ROWS } from "../../backends/cpu/wasm/codes";
import { attr, cols, ld, load4, ptr, rows, store4 } from "../../backends/cpu/wasm/command.simd";
import { fma } from "../../backends/cpu/wasm/math.simd";

export function channelScale(c: usize, u: i32): void {
  const n = cols(c, 0), r0 = u * SUM_ROWS, r1 = min(rows(c, 0), r0 + SUM_ROWS), w = ptr(c, 1), addend = attr(c, 0);
  for (let r = r0; r < r1; r++) {
    const x = ptr(c, 0) + <usize>r * ld(c, 0), y = ptr(c, 2) + <usize>r * ld(c, 2), more = addend ? ptr(c, 3) + <usize>r * ld(c, 3) : 0;
    for (let i = 0; i < n; i += 4) {
      const at = <usize>i << 2, v = load4(x + at, n - i), scale = load4(w + at, n - i);
      store4(y + at, addend ? fma(v, scale, load4(more + at, n - i)) : f32x4.mul(v, scale), n - i);
    }
  }
}
