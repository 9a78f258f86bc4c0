// Parts of the operands of a matmul in the order its register tiles read them.
import { load4, loadTail } from "../../backends/cpu/wasm/command.simd";

// @ts-ignore: decorator
@inline export function lo(a: v128, b: v128): v128 { return v128.shuffle<i32>(a, b, 0, 4, 1, 5); }
// @ts-ignore: decorator
@inline export function hi(a: v128, b: v128): v128 { return v128.shuffle<i32>(a, b, 2, 6, 3, 7); }

/** op(b)[k0 … k0 + kc)[j0 … j0 + n) into panels of 8 columns, zero beyond n. */
export function packB(b: usize, ldb: usize, trans: i32, k0: i32, kc: i32, j0: i32, n: i32, to: usize): void {
  for (let j = 0; j < n; j += 8) {
    const m = min(8, n - j);
    if (!trans) {
      let s = b + <usize>k0 * ldb + (<usize>(j0 + j) << 2);
      if (m == 8) for (let k = 0; k < kc; k++, s += ldb, to += 32) { v128.store(to, v128.load(s)); v128.store(to, v128.load(s, 16), 16); }
      else for (let k = 0; k < kc; k++, s += ldb, to += 32) {
        v128.store(to, load4(s, m));
        v128.store(to, m > 4 ? loadTail(s + 16, m - 4) : f32x4.splat(0), 16);
      }
      continue;
    }
    for (let half = 0; half < 8; half += 4) {
      const s = b + <usize>(j0 + j + half) * ldb + (<usize>k0 << 2);
      let q = to + (half << 2);
      const left = m - half;
      if (left >= 4) {
        const s1 = s + ldb, s2 = s1 + ldb, s3 = s2 + ldb;
        let k = 0;
        for (; k + 4 <= kc; k += 4, q += 128) {
          const at = <usize>k << 2;
          const r0 = v128.load(s + at), r1 = v128.load(s1 + at), r2 = v128.load(s2 + at), r3 = v128.load(s3 + at);
          const a = lo(r0, r2), e = hi(r0, r2), d = lo(r1, r3), f = hi(r1, r3);
          v128.store(q, lo(a, d)); v128.store(q, hi(a, d), 32); v128.store(q, lo(e, f), 64); v128.store(q, hi(e, f), 96);
        }
        for (; k < kc; k++, q += 32) {
          const at = <usize>k << 2;
          store<f32>(q, load<f32>(s + at)); store<f32>(q, load<f32>(s1 + at), 4);
          store<f32>(q, load<f32>(s2 + at), 8); store<f32>(q, load<f32>(s3 + at), 12);
        }
      } else for (let k = 0; k < kc; k++, q += 32) {
        v128.store(q, f32x4.splat(0));
        for (let i = 0; i < left; i++) store<f32>(q + (<usize>i << 2), load<f32>(s + <usize>i * ldb + (<usize>k << 2)));
      }
    }
    to += <usize>kc << 5;
  }
}

/** Rows i0 … i0 + m of op(a), a stored (K, M): panels of 6 rows, k after k, zero beyond m. 24 rows at once, to use whole cache lines of a. */
export function packColumns(a: usize, lda: usize, k0: i32, kc: i32, i0: i32, m: i32, to: usize): void {
  const panel = <usize>(kc * 24);
  let i = 0;
  for (; i + 24 <= m; i += 24, to += 4 * panel) {
    let s = a + <usize>k0 * lda + (<usize>(i0 + i) << 2), p = to;
    for (let k = 0; k < kc; k++, s += lda, p += 24) {
      v128.store(p, v128.load(s)); store<u64>(p + 16, load<u64>(s + 16));
      v128.store(p + panel, v128.load(s, 24)); store<u64>(p + panel + 16, load<u64>(s + 40));
      v128.store(p + 2 * panel, v128.load(s, 48)); store<u64>(p + 2 * panel + 16, load<u64>(s + 64));
      v128.store(p + 3 * panel, v128.load(s, 72)); store<u64>(p + 3 * panel + 16, load<u64>(s + 88));
    }
  }
  for (; i < m; i += 6, to += panel) {
    let s = a + <usize>k0 * lda + (<usize>(i0 + i) << 2), p = to;
    const n = min(6, m - i);
    if (n == 6) for (let k = 0; k < kc; k++, s += lda, p += 24) { v128.store(p, v128.load(s)); store<u64>(p + 16, load<u64>(s + 16)); }
    else for (let k = 0; k < kc; k++, s += lda, p += 24)
      for (let r = 0; r < 6; r++) store<f32>(p + (<usize>r << 2), r < n ? load<f32>(s + (<usize>r << 2)) : 0);
  }
}

/** Rows of a stored (M, K), from address `a` on: the same panels. Rows beyond m repeat one that is there; their sums are not stored. */
export function packRows(a: usize, lda: usize, kc: i32, m: i32, to: usize): void {
  for (let i = 0; i < m; i += 6, a += 6 * lda) {
    const n = m - i;
    const a1 = n > 1 ? a + lda : a, a2 = n > 2 ? a + 2 * lda : a, a3 = n > 3 ? a + 3 * lda : a;
    const a4 = n > 4 ? a + 4 * lda : a, a5 = n > 5 ? a + 5 * lda : a;
    let k = 0;
    for (; k + 4 <= kc; k += 4, to += 96) {
      const at = <usize>k << 2;
      const r0 = v128.load(a + at), r1 = v128.load(a1 + at), r2 = v128.load(a2 + at), r3 = v128.load(a3 + at);
      const r4 = v128.load(a4 + at), r5 = v128.load(a5 + at);
      const p = lo(r0, r2), q = hi(r0, r2), r = lo(r1, r3), t = hi(r1, r3), v = lo(r4, r5), w = hi(r4, r5);
      v128.store(to, lo(p, r)); v128.store64_lane(to, v, 0, 16);
      v128.store(to, hi(p, r), 24); v128.store64_lane(to, v, 1, 40);
      v128.store(to, lo(q, t), 48); v128.store64_lane(to, w, 0, 64);
      v128.store(to, hi(q, t), 72); v128.store64_lane(to, w, 1, 88);
    }
    for (; k < kc; k++, to += 24) {
      const at = <usize>k << 2;
      store<f32>(to, load<f32>(a + at)); store<f32>(to, load<f32>(a1 + at), 4); store<f32>(to, load<f32>(a2 + at), 8);
      store<f32>(to, load<f32>(a3 + at), 12); store<f32>(to, load<f32>(a4 + at), 16); store<f32>(to, load<f32>(a5 + at), 20);
    }
  }
}
