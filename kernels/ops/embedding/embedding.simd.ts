// See embedding.ts. An id outside the vocabulary gives a row of NaN rather than someone else's memory.
import { SUM_ROWS } from "../../backends/cpu/wasm/codes";
import { cols, ld, load4, ptr, rows, store4 } from "../../backends/cpu/wasm/command.simd";

/** Operands ids, weight, y; a unit is a run of rows. */
export function embedding(c: usize, u: i32): void {
  const n = cols(c, 2), r0 = u * SUM_ROWS, r1 = min(rows(c, 2), r0 + SUM_ROWS);
  for (let r = r0; r < r1; r++) {
    const id = load<i32>(ptr(c, 0) + <usize>r * ld(c, 0)), y = ptr(c, 2) + <usize>r * ld(c, 2);
    if (<u32>id < <u32>rows(c, 1)) memory.copy(y, ptr(c, 1) + <usize>id * ld(c, 1), <usize>n << 2);
    else for (let i = 0; i < n; i++) store<f32>(y + (<usize>i << 2), NaN);
  }
}

/** Operands ids, dy, dweight; a unit is 16 columns, so that rows add up in row order whatever the threads. */
export function embeddingGrad(c: usize, u: i32): void {
  const c0 = u << 4, n = min(16, cols(c, 2) - c0), vocab = rows(c, 2);
  const out = ptr(c, 2) + (<usize>c0 << 2), dy = ptr(c, 1) + (<usize>c0 << 2);
  for (let v = 0; v < vocab; v++) memory.fill(out + <usize>v * ld(c, 2), 0, <usize>n << 2);
  for (let r = 0; r < rows(c, 1); r++) {
    const id = load<i32>(ptr(c, 0) + <usize>r * ld(c, 0));
    if (<u32>id >= <u32>vocab) continue;
    let x = dy + <usize>r * ld(c, 1), y = out + <usize>id * ld(c, 2);
    for (let i = 0; i < n; i += 4, x += 16, y += 16) store4(y, f32x4.add(load4(y, n - i), load4(x, n - i)), n - i);
  }
}
