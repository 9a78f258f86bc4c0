// See column_sum.ts: each unit sums SUM_ROWS rows into its row of parts (parts, N), which SUM_PARTS then adds up.
import { SUM_ROWS } from "../../backends/cpu/wasm/codes";
import { cols, ld, load4, ptr, rows, store4, store8 } from "../../backends/cpu/wasm/command.simd";

/** 32 columns at once: whole cache lines, and several sums in flight. */
function sums32(x: usize, ldx: usize, rows: i32, y: usize): void {
  let a = f32x4.splat(0), b = a, c = a, d = a, e = a, f = a, g = a, h = a;
  for (; rows > 0; rows--, x += ldx) {
    a = f32x4.add(a, v128.load(x)); b = f32x4.add(b, v128.load(x, 16)); c = f32x4.add(c, v128.load(x, 32)); d = f32x4.add(d, v128.load(x, 48));
    e = f32x4.add(e, v128.load(x, 64)); f = f32x4.add(f, v128.load(x, 80)); g = f32x4.add(g, v128.load(x, 96)); h = f32x4.add(h, v128.load(x, 112));
  }
  store8(y, a, b);
  v128.store(y, d, 48); v128.store(y, c, 32); v128.store(y, f, 80); v128.store(y, e, 64); v128.store(y, h, 112); v128.store(y, g, 96);
}

export function columnSum(c: usize, u: i32): void {
  const n = cols(c, 0), r0 = u * SUM_ROWS, r1 = min(rows(c, 0), r0 + SUM_ROWS);
  const y = ptr(c, 1) + ((<usize>u * n) << 2);
  let i = 0;
  for (; i + 32 <= n; i += 32) sums32(ptr(c, 0) + <usize>r0 * ld(c, 0) + (<usize>i << 2), ld(c, 0), r1 - r0, y + (<usize>i << 2));
  for (; i < n; i += 4) {
    let x = ptr(c, 0) + <usize>r0 * ld(c, 0) + (<usize>i << 2);
    let sum = f32x4.splat(0);
    for (let r = r0; r < r1; r++, x += ld(c, 0)) sum = f32x4.add(sum, load4(x, n - i));
    store4(y + (<usize>i << 2), sum, n - i);
  }
}
