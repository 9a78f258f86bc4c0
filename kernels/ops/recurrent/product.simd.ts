// Products of up to four rows with a packed matrix, made anew at every time step of a recurrent cell (recurrent.simd.ts).
import { store8 } from "../../backends/cpu/wasm/command.simd";
import { fma } from "../../backends/cpu/wasm/math.simd";
import { isWide } from "../matmul/block.simd";

/** y (4 rows, 8 columns) = a (4 rows of `depth`) times one packed panel [k][8]. */
function tile4(depth: i32, a: usize, lda: usize, b: usize, y: usize, ldy: usize): void {
  const a1 = a + lda, a2 = a1 + lda, a3 = a2 + lda, zero = f32x4.splat(0);
  let c00 = zero, c01 = zero, c10 = zero, c11 = zero, c20 = zero, c21 = zero, c30 = zero, c31 = zero;
  for (let at: usize = 0, end = <usize>depth << 2; at < end; at += 4, b += 32) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    let x = v128.load32_splat(a + at); c00 = fma(x, b0, c00); c01 = fma(x, b1, c01);
    x = v128.load32_splat(a1 + at); c10 = fma(x, b0, c10); c11 = fma(x, b1, c11);
    x = v128.load32_splat(a2 + at); c20 = fma(x, b0, c20); c21 = fma(x, b1, c21);
    x = v128.load32_splat(a3 + at); c30 = fma(x, b0, c30); c31 = fma(x, b1, c31);
  }
  v128.store(y, c00); v128.store(y, c01, 16); y += ldy;
  v128.store(y, c10); v128.store(y, c11, 16); y += ldy;
  v128.store(y, c20); v128.store(y, c21, 16); y += ldy;
  v128.store(y, c30); v128.store(y, c31, 16);
}
/** The same with two panels, for wide registers: as many sums in flight. */
function wideTile4(depth: i32, a: usize, lda: usize, b: usize, panel: usize, y: usize, ldy: usize): void {
  const zero = f32x4.splat(0);
  let a1 = a + lda, a2 = a1 + lda, a3 = a2 + lda, p = b + panel;
  let c00 = zero, c01 = zero, c02 = zero, c03 = zero, c10 = zero, c11 = zero, c12 = zero, c13 = zero;
  let c20 = zero, c21 = zero, c22 = zero, c23 = zero, c30 = zero, c31 = zero, c32 = zero, c33 = zero;
  for (; depth > 0; depth--) {
    const b0 = v128.load(b), b1 = v128.load(b, 16), b2 = v128.load(p), b3 = v128.load(p, 16);
    let x = v128.load32_splat(a); c00 = fma(x, b0, c00); c01 = fma(x, b1, c01); c02 = fma(x, b2, c02); c03 = fma(x, b3, c03);
    x = v128.load32_splat(a1); c10 = fma(x, b0, c10); c11 = fma(x, b1, c11); c12 = fma(x, b2, c12); c13 = fma(x, b3, c13);
    x = v128.load32_splat(a2); c20 = fma(x, b0, c20); c21 = fma(x, b1, c21); c22 = fma(x, b2, c22); c23 = fma(x, b3, c23);
    x = v128.load32_splat(a3); c30 = fma(x, b0, c30); c31 = fma(x, b1, c31); c32 = fma(x, b2, c32); c33 = fma(x, b3, c33);
    a += 4; a1 += 4; a2 += 4; a3 += 4; b += 32; p += 32;
  }
  store8(y, c00, c01); v128.store(y, c03, 48); v128.store(y, c02, 32); y += ldy;
  store8(y, c10, c11); v128.store(y, c13, 48); v128.store(y, c12, 32); y += ldy;
  store8(y, c20, c21); v128.store(y, c23, 48); v128.store(y, c22, 32); y += ldy;
  store8(y, c30, c31); v128.store(y, c33, 48); v128.store(y, c32, 32);
}
/** One row and four panels: as many sums in flight as tile4 has. */
function row4(depth: i32, a: usize, b: usize, panel: usize, y: usize): void {
  const p1 = b + panel, p2 = p1 + panel, p3 = p2 + panel, zero = f32x4.splat(0);
  let c0 = zero, c1 = zero, c2 = zero, c3 = zero, c4 = zero, c5 = zero, c6 = zero, c7 = zero;
  for (let at: usize = 0, end = <usize>depth << 5; at < end; at += 32, a += 4) {
    const x = v128.load32_splat(a);
    c0 = fma(x, v128.load(b + at), c0); c1 = fma(x, v128.load(b + at, 16), c1);
    c2 = fma(x, v128.load(p1 + at), c2); c3 = fma(x, v128.load(p1 + at, 16), c3);
    c4 = fma(x, v128.load(p2 + at), c4); c5 = fma(x, v128.load(p2 + at, 16), c5);
    c6 = fma(x, v128.load(p3 + at), c6); c7 = fma(x, v128.load(p3 + at, 16), c7);
  }
  v128.store(y, c0); v128.store(y, c1, 16); v128.store(y, c2, 32); v128.store(y, c3, 48);
  v128.store(y, c4, 64); v128.store(y, c5, 80); v128.store(y, c6, 96); v128.store(y, c7, 112);
}
function row1(depth: i32, a: usize, b: usize, y: usize): void {
  let c0 = f32x4.splat(0), c1 = c0;
  for (; depth > 0; depth--, a += 4, b += 32) {
    const x = v128.load32_splat(a);
    c0 = fma(x, v128.load(b), c0); c1 = fma(x, v128.load(b, 16), c1);
  }
  v128.store(y, c0); v128.store(y, c1, 16);
}
/** y = a · packed for up to four rows; there is room for four in a and y. */
export function product(rows: i32, depth: i32, a: usize, lda: usize, packed: usize, panels: i32, y: usize, ldy: usize): void {
  const panel = <usize>depth << 5;
  if (rows >= 3) {
    let p = 0;
    if (isWide()) for (; p + 2 <= panels; p += 2) wideTile4(depth, a, lda, packed + <usize>p * panel, panel, y + (<usize>p << 5), ldy);
    for (; p < panels; p++) tile4(depth, a, lda, packed + <usize>p * panel, y + (<usize>p << 5), ldy);
    return;
  }
  for (let r = 0; r < rows; r++, a += lda, y += ldy) {
    let p = 0;
    for (; p + 4 <= panels; p += 4) row4(depth, a, packed + <usize>p * panel, panel, y + (<usize>p << 5));
    for (; p < panels; p++) row1(depth, a, packed + <usize>p * panel, y + (<usize>p << 5));
  }
}
