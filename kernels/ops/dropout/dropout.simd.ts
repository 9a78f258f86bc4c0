// See dropout.ts. Four blocks of Philox side by side give the words of 16 columns.
import { attr, attrF, cols, ld, load4, ptr, rows, store4 } from "../../backends/cpu/wasm/command.simd";

const DOMAIN: i32 = 0x64726f70;

/** Operands x, hyper, y; attrs rows per unit, seed (2), stream, threshold, scale, column of the step. */
export function dropout(c: usize, u: i32): void {
  const n = cols(c, 0), r0 = u * attr(c, 0), r1 = min(rows(c, 0), r0 + attr(c, 0)), blocks = (n + 3) >> 2;
  const step = i32x4.splat(<i32><u32>load<f32>(ptr(c, 1) + (<usize>attr(c, 6) << 2)));
  const stream = i32x4.splat(attr(c, 3)), threshold = i32x4.splat(attr(c, 4)), scale = f32x4.splat(attrF(c, 5));
  const m0 = i32x4.splat(0xd2511f53), m1 = i32x4.splat(0xcd9e8d57);
  for (let r = r0; r < r1; r++) {
    const x = ptr(c, 0) + <usize>r * ld(c, 0), y = ptr(c, 2) + <usize>r * ld(c, 2);
    for (let i = 0; i < n; i += 16) {
      let c0 = i32x4.add(i32x4.splat(r * blocks + (i >> 2)), i32x4(0, 1, 2, 3)), c1 = step, c2 = i32x4.splat(DOMAIN), c3 = stream;
      let k0 = attr(c, 1), k1 = attr(c, 2);
      for (let round = 0; round < 10; round++) {
        const a = i64x2.extmul_low_i32x4_u(c0, m0), b = i64x2.extmul_high_i32x4_u(c0, m0);
        const d = i64x2.extmul_low_i32x4_u(c2, m1), e = i64x2.extmul_high_i32x4_u(c2, m1);
        c0 = v128.xor(v128.xor(v128.shuffle<i32>(d, e, 1, 3, 5, 7), c1), i32x4.splat(k0));
        c2 = v128.xor(v128.xor(v128.shuffle<i32>(a, b, 1, 3, 5, 7), c3), i32x4.splat(k1));
        c1 = v128.shuffle<i32>(d, e, 0, 2, 4, 6);
        c3 = v128.shuffle<i32>(a, b, 0, 2, 4, 6);
        k0 += 0x9e3779b9; k1 += 0xbb67ae85;
      }
      // Words by block become blocks by word.
      const p = v128.shuffle<i32>(c0, c1, 0, 4, 1, 5), q = v128.shuffle<i32>(c2, c3, 0, 4, 1, 5);
      const s = v128.shuffle<i32>(c0, c1, 2, 6, 3, 7), t = v128.shuffle<i32>(c2, c3, 2, 6, 3, 7);
      const at = <usize>i << 2;
      keep(x + at, y + at, v128.shuffle<i32>(p, q, 0, 1, 4, 5), threshold, scale, n - i);
      if (n - i > 4) keep(x + at + 16, y + at + 16, v128.shuffle<i32>(p, q, 2, 3, 6, 7), threshold, scale, n - i - 4);
      if (n - i > 8) keep(x + at + 32, y + at + 32, v128.shuffle<i32>(s, t, 0, 1, 4, 5), threshold, scale, n - i - 8);
      if (n - i > 12) keep(x + at + 48, y + at + 48, v128.shuffle<i32>(s, t, 2, 3, 6, 7), threshold, scale, n - i - 12);
    }
  }
}

// @ts-ignore: decorator
@inline function keep(x: usize, y: usize, words: v128, threshold: v128, scale: v128, n: i32): void {
  store4(y, v128.and(f32x4.mul(load4(x, n), scale), i32x4.ge_u(words, threshold)), n);
}
