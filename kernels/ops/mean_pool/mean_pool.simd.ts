// See mean_pool.ts. attrs seqlen.
import { SUM_ROWS } from "../../backends/cpu/wasm/codes";
import { attr, cols, ld, load4, ptr, rows, store4 } from "../../backends/cpu/wasm/command.simd";

/** Operands x, y; a unit is one sequence. Sums of 64 steps are added up, which keeps long sequences exact. */
export function meanPool(c: usize, b: i32): void {
  const seqlen = attr(c, 0), n = cols(c, 1), y = ptr(c, 1) + <usize>b * ld(c, 1);
  const scale = f32x4.splat(<f32>seqlen);
  for (let i = 0; i < n; i += 4) {
    let x = ptr(c, 0) + <usize>(b * seqlen) * ld(c, 0) + (<usize>i << 2);
    let sum = f32x4.splat(0);
    for (let t = 0; t < seqlen;) {
      let part = f32x4.splat(0);
      for (const end = min(seqlen, t + SUM_ROWS); t < end; t++, x += ld(c, 0)) part = f32x4.add(part, load4(x, n - i));
      sum = f32x4.add(sum, part);
    }
    store4(y + (<usize>i << 2), f32x4.div(sum, scale), n - i);
  }
}

/** Operands dy, dx; a unit is a run of rows. */
export function meanPoolGrad(c: usize, u: i32): void {
  const seqlen = attr(c, 0), n = cols(c, 1), r0 = u * SUM_ROWS, r1 = min(rows(c, 1), r0 + SUM_ROWS);
  const scale = f32x4.splat(<f32>seqlen);
  for (let r = r0; r < r1; r++) {
    const dy = ptr(c, 0) + <usize>(r / seqlen) * ld(c, 0), dx = ptr(c, 1) + <usize>r * ld(c, 1);
    for (let i = 0; i < n; i += 4) store4(dx + (<usize>i << 2), f32x4.div(load4(dy + (<usize>i << 2), n - i), scale), n - i);
  }
}
