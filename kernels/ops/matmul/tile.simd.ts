// Register tiles: 6 rows times 8 or 16 columns of sums, which run over k in order, whatever the tile: the same bits.
//
// 6 x 8: 12 sums, two vectors of b and one of a fill V8's 15 registers, and reach its 128-bit multiply-add peak (4 rows reach 93 % of it).
// 6 x 16: as full where the engine fuses pairs of vectors into 256-bit registers (backends/cpu/wide.ts), with spills elsewhere.
// None is unrolled: V8 then spills. Part of a tile goes by `edge`, so that sums leave their registers in one way only.
import { load4, store4, store8 } from "../../backends/cpu/wasm/command.simd";
import { fma } from "../../backends/cpu/wasm/math.simd";

/** Room of this thread for one tile, rows 64 bytes apart. */
let edge: usize = 0;
export function setEdge(address: usize): void { edge = address; }

/** Adds `init` to the m x n corner of the tile that lies in `edge`, and stores it. */
function fromEdge(y: usize, ldy: usize, init: usize, ldi: usize, m: i32, n: i32): void {
  for (let r = 0, from = edge; r < m; r++, from += 64, y += ldy)
    for (let j = 0; j < n; j += 4) {
      const at = <usize>j << 2, sum = v128.load(from + at);
      store4(y + at, init ? f32x4.add(sum, load4(init + <usize>r * ldi + at, n - j)) : sum, n - j);
    }
}

/** y (m ≤ 6, n ≤ 8) = a · b [+ init]: a packed in panels of 6 rows, b in panels of 8 columns. */
export function tile(kc: i32, a: usize, b: usize, y: usize, ldy: usize, init: usize, ldi: usize, m: i32, n: i32): void {
  const zero = f32x4.splat(0), whole = m == 6 && n == 8, add = whole ? init : 0, step = whole ? ldy : 64;
  let c00 = zero, c01 = zero, c10 = zero, c11 = zero, c20 = zero, c21 = zero;
  let c30 = zero, c31 = zero, c40 = zero, c41 = zero, c50 = zero, c51 = zero;
  let x: v128, to = whole ? y : edge;
  for (let k = kc; k > 0; k--) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    x = v128.load32_splat(a); c00 = fma(x, b0, c00); c01 = fma(x, b1, c01);
    x = v128.load32_splat(a, 4); c10 = fma(x, b0, c10); c11 = fma(x, b1, c11);
    x = v128.load32_splat(a, 8); c20 = fma(x, b0, c20); c21 = fma(x, b1, c21);
    x = v128.load32_splat(a, 12); c30 = fma(x, b0, c30); c31 = fma(x, b1, c31);
    x = v128.load32_splat(a, 16); c40 = fma(x, b0, c40); c41 = fma(x, b1, c41);
    x = v128.load32_splat(a, 20); c50 = fma(x, b0, c50); c51 = fma(x, b1, c51);
    a += 24; b += 32;
  }
  if (add) {
    let from = add;
    c00 = f32x4.add(c00, v128.load(from)); c01 = f32x4.add(c01, v128.load(from, 16)); from += ldi;
    c10 = f32x4.add(c10, v128.load(from)); c11 = f32x4.add(c11, v128.load(from, 16)); from += ldi;
    c20 = f32x4.add(c20, v128.load(from)); c21 = f32x4.add(c21, v128.load(from, 16)); from += ldi;
    c30 = f32x4.add(c30, v128.load(from)); c31 = f32x4.add(c31, v128.load(from, 16)); from += ldi;
    c40 = f32x4.add(c40, v128.load(from)); c41 = f32x4.add(c41, v128.load(from, 16)); from += ldi;
    c50 = f32x4.add(c50, v128.load(from)); c51 = f32x4.add(c51, v128.load(from, 16));
  }
  store8(to, c00, c01); to += step;
  store8(to, c10, c11); to += step;
  store8(to, c20, c21); to += step;
  store8(to, c30, c31); to += step;
  store8(to, c40, c41); to += step;
  store8(to, c50, c51);
  if (!whole) fromEdge(y, ldy, init, ldi, m, n);
}

/** The same with rows of a where they lie, lda bytes apart; in place of those beyond m the first is read. */
export function rowsTile(kc: i32, a: usize, lda: usize, b: usize, y: usize, ldy: usize, init: usize, ldi: usize, m: i32, n: i32): void {
  const zero = f32x4.splat(0), whole = m == 6 && n == 8, add = whole ? init : 0, step = whole ? ldy : 64;
  let c00 = zero, c01 = zero, c10 = zero, c11 = zero, c20 = zero, c21 = zero;
  let c30 = zero, c31 = zero, c40 = zero, c41 = zero, c50 = zero, c51 = zero;
  let x: v128, to = whole ? y : edge;
  let a1 = m > 1 ? a + lda : a, a2 = m > 2 ? a + 2 * lda : a, a3 = m > 3 ? a + 3 * lda : a, a4 = m > 4 ? a + 4 * lda : a, a5 = m > 5 ? a + 5 * lda : a;
  for (let k = kc; k > 0; k--) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    x = v128.load32_splat(a); c00 = fma(x, b0, c00); c01 = fma(x, b1, c01);
    x = v128.load32_splat(a1); c10 = fma(x, b0, c10); c11 = fma(x, b1, c11);
    x = v128.load32_splat(a2); c20 = fma(x, b0, c20); c21 = fma(x, b1, c21);
    x = v128.load32_splat(a3); c30 = fma(x, b0, c30); c31 = fma(x, b1, c31);
    x = v128.load32_splat(a4); c40 = fma(x, b0, c40); c41 = fma(x, b1, c41);
    x = v128.load32_splat(a5); c50 = fma(x, b0, c50); c51 = fma(x, b1, c51);
    a += 4; a1 += 4; a2 += 4; a3 += 4; a4 += 4; a5 += 4; b += 32;
  }
  if (add) {
    let from = add;
    c00 = f32x4.add(c00, v128.load(from)); c01 = f32x4.add(c01, v128.load(from, 16)); from += ldi;
    c10 = f32x4.add(c10, v128.load(from)); c11 = f32x4.add(c11, v128.load(from, 16)); from += ldi;
    c20 = f32x4.add(c20, v128.load(from)); c21 = f32x4.add(c21, v128.load(from, 16)); from += ldi;
    c30 = f32x4.add(c30, v128.load(from)); c31 = f32x4.add(c31, v128.load(from, 16)); from += ldi;
    c40 = f32x4.add(c40, v128.load(from)); c41 = f32x4.add(c41, v128.load(from, 16)); from += ldi;
    c50 = f32x4.add(c50, v128.load(from)); c51 = f32x4.add(c51, v128.load(from, 16));
  }
  store8(to, c00, c01); to += step;
  store8(to, c10, c11); to += step;
  store8(to, c20, c21); to += step;
  store8(to, c30, c31); to += step;
  store8(to, c40, c41); to += step;
  store8(to, c50, c51);
  if (!whole) fromEdge(y, ldy, init, ldi, m, n);
}

/** y (m ≤ 6, n ≤ 16) of two panels of b, `panel` bytes apart. */
export function wideTile(kc: i32, a: usize, b: usize, panel: usize, y: usize, ldy: usize, init: usize, ldi: usize, m: i32, n: i32): void {
  const zero = f32x4.splat(0), whole = m == 6 && n == 16, add = whole ? init : 0, step = whole ? ldy : 64;
  let c00 = zero, c01 = zero, c02 = zero, c03 = zero, c10 = zero, c11 = zero, c12 = zero, c13 = zero, c20 = zero, c21 = zero, c22 = zero, c23 = zero;
  let c30 = zero, c31 = zero, c32 = zero, c33 = zero, c40 = zero, c41 = zero, c42 = zero, c43 = zero, c50 = zero, c51 = zero, c52 = zero, c53 = zero;
  let x: v128, to = whole ? y : edge, p = b + panel;
  for (let k = kc; k > 0; k--) {
    const b0 = v128.load(b), b1 = v128.load(b, 16), b2 = v128.load(p), b3 = v128.load(p, 16);
    x = v128.load32_splat(a); c00 = fma(x, b0, c00); c01 = fma(x, b1, c01); c02 = fma(x, b2, c02); c03 = fma(x, b3, c03);
    x = v128.load32_splat(a, 4); c10 = fma(x, b0, c10); c11 = fma(x, b1, c11); c12 = fma(x, b2, c12); c13 = fma(x, b3, c13);
    x = v128.load32_splat(a, 8); c20 = fma(x, b0, c20); c21 = fma(x, b1, c21); c22 = fma(x, b2, c22); c23 = fma(x, b3, c23);
    x = v128.load32_splat(a, 12); c30 = fma(x, b0, c30); c31 = fma(x, b1, c31); c32 = fma(x, b2, c32); c33 = fma(x, b3, c33);
    x = v128.load32_splat(a, 16); c40 = fma(x, b0, c40); c41 = fma(x, b1, c41); c42 = fma(x, b2, c42); c43 = fma(x, b3, c43);
    x = v128.load32_splat(a, 20); c50 = fma(x, b0, c50); c51 = fma(x, b1, c51); c52 = fma(x, b2, c52); c53 = fma(x, b3, c53);
    a += 24; b += 32; p += 32;
  }
  if (add) {
    let from = add;
    c00 = f32x4.add(c00, v128.load(from)); c01 = f32x4.add(c01, v128.load(from, 16)); c02 = f32x4.add(c02, v128.load(from, 32)); c03 = f32x4.add(c03, v128.load(from, 48)); from += ldi;
    c10 = f32x4.add(c10, v128.load(from)); c11 = f32x4.add(c11, v128.load(from, 16)); c12 = f32x4.add(c12, v128.load(from, 32)); c13 = f32x4.add(c13, v128.load(from, 48)); from += ldi;
    c20 = f32x4.add(c20, v128.load(from)); c21 = f32x4.add(c21, v128.load(from, 16)); c22 = f32x4.add(c22, v128.load(from, 32)); c23 = f32x4.add(c23, v128.load(from, 48)); from += ldi;
    c30 = f32x4.add(c30, v128.load(from)); c31 = f32x4.add(c31, v128.load(from, 16)); c32 = f32x4.add(c32, v128.load(from, 32)); c33 = f32x4.add(c33, v128.load(from, 48)); from += ldi;
    c40 = f32x4.add(c40, v128.load(from)); c41 = f32x4.add(c41, v128.load(from, 16)); c42 = f32x4.add(c42, v128.load(from, 32)); c43 = f32x4.add(c43, v128.load(from, 48)); from += ldi;
    c50 = f32x4.add(c50, v128.load(from)); c51 = f32x4.add(c51, v128.load(from, 16)); c52 = f32x4.add(c52, v128.load(from, 32)); c53 = f32x4.add(c53, v128.load(from, 48));
  }
  store8(to, c00, c01); v128.store(to, c03, 48); v128.store(to, c02, 32); to += step;
  store8(to, c10, c11); v128.store(to, c13, 48); v128.store(to, c12, 32); to += step;
  store8(to, c20, c21); v128.store(to, c23, 48); v128.store(to, c22, 32); to += step;
  store8(to, c30, c31); v128.store(to, c33, 48); v128.store(to, c32, 32); to += step;
  store8(to, c40, c41); v128.store(to, c43, 48); v128.store(to, c42, 32); to += step;
  store8(to, c50, c51); v128.store(to, c53, 48); v128.store(to, c52, 32);
  if (!whole) fromEdge(y, ldy, init, ldi, m, n);
}

/** The same with rows of a where they lie: with half as many instructions a step there is room for their addresses. */
export function wideRowsTile(kc: i32, a: usize, lda: usize, b: usize, panel: usize, y: usize, ldy: usize, init: usize, ldi: usize, m: i32, n: i32): void {
  const zero = f32x4.splat(0), whole = m == 6 && n == 16, add = whole ? init : 0, step = whole ? ldy : 64;
  let c00 = zero, c01 = zero, c02 = zero, c03 = zero, c10 = zero, c11 = zero, c12 = zero, c13 = zero, c20 = zero, c21 = zero, c22 = zero, c23 = zero;
  let c30 = zero, c31 = zero, c32 = zero, c33 = zero, c40 = zero, c41 = zero, c42 = zero, c43 = zero, c50 = zero, c51 = zero, c52 = zero, c53 = zero;
  let x: v128, to = whole ? y : edge, p = b + panel;
  let a1 = m > 1 ? a + lda : a, a2 = m > 2 ? a + 2 * lda : a, a3 = m > 3 ? a + 3 * lda : a, a4 = m > 4 ? a + 4 * lda : a, a5 = m > 5 ? a + 5 * lda : a;
  for (let k = kc; k > 0; k--) {
    const b0 = v128.load(b), b1 = v128.load(b, 16), b2 = v128.load(p), b3 = v128.load(p, 16);
    x = v128.load32_splat(a); c00 = fma(x, b0, c00); c01 = fma(x, b1, c01); c02 = fma(x, b2, c02); c03 = fma(x, b3, c03);
    x = v128.load32_splat(a1); c10 = fma(x, b0, c10); c11 = fma(x, b1, c11); c12 = fma(x, b2, c12); c13 = fma(x, b3, c13);
    x = v128.load32_splat(a2); c20 = fma(x, b0, c20); c21 = fma(x, b1, c21); c22 = fma(x, b2, c22); c23 = fma(x, b3, c23);
    x = v128.load32_splat(a3); c30 = fma(x, b0, c30); c31 = fma(x, b1, c31); c32 = fma(x, b2, c32); c33 = fma(x, b3, c33);
    x = v128.load32_splat(a4); c40 = fma(x, b0, c40); c41 = fma(x, b1, c41); c42 = fma(x, b2, c42); c43 = fma(x, b3, c43);
    x = v128.load32_splat(a5); c50 = fma(x, b0, c50); c51 = fma(x, b1, c51); c52 = fma(x, b2, c52); c53 = fma(x, b3, c53);
    a += 4; a1 += 4; a2 += 4; a3 += 4; a4 += 4; a5 += 4; b += 32; p += 32;
  }
  if (add) {
    let from = add;
    c00 = f32x4.add(c00, v128.load(from)); c01 = f32x4.add(c01, v128.load(from, 16)); c02 = f32x4.add(c02, v128.load(from, 32)); c03 = f32x4.add(c03, v128.load(from, 48)); from += ldi;
    c10 = f32x4.add(c10, v128.load(from)); c11 = f32x4.add(c11, v128.load(from, 16)); c12 = f32x4.add(c12, v128.load(from, 32)); c13 = f32x4.add(c13, v128.load(from, 48)); from += ldi;
    c20 = f32x4.add(c20, v128.load(from)); c21 = f32x4.add(c21, v128.load(from, 16)); c22 = f32x4.add(c22, v128.load(from, 32)); c23 = f32x4.add(c23, v128.load(from, 48)); from += ldi;
    c30 = f32x4.add(c30, v128.load(from)); c31 = f32x4.add(c31, v128.load(from, 16)); c32 = f32x4.add(c32, v128.load(from, 32)); c33 = f32x4.add(c33, v128.load(from, 48)); from += ldi;
    c40 = f32x4.add(c40, v128.load(from)); c41 = f32x4.add(c41, v128.load(from, 16)); c42 = f32x4.add(c42, v128.load(from, 32)); c43 = f32x4.add(c43, v128.load(from, 48)); from += ldi;
    c50 = f32x4.add(c50, v128.load(from)); c51 = f32x4.add(c51, v128.load(from, 16)); c52 = f32x4.add(c52, v128.load(from, 32)); c53 = f32x4.add(c53, v128.load(from, 48));
  }
  store8(to, c00, c01); v128.store(to, c03, 48); v128.store(to, c02, 32); to += step;
  store8(to, c10, c11); v128.store(to, c13, 48); v128.store(to, c12, 32); to += step;
  store8(to, c20, c21); v128.store(to, c23, 48); v128.store(to, c22, 32); to += step;
  store8(to, c30, c31); v128.store(to, c33, 48); v128.store(to, c32, 32); to += step;
  store8(to, c40, c41); v128.store(to, c43, 48); v128.store(to, c42, 32); to += step;
  store8(to, c50, c51); v128.store(to, c53, 48); v128.store(to, c52, 32);
  if (!whole) fromEdge(y, ldy, init, ldi, m, n);
}
