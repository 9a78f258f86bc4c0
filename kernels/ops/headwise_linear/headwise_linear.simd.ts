// See headwise_linear.ts. Large blocks of headwise_linear are matmuls of their own (headwise_linear.cpu.ts); the rest is here.
import { HEADWISE_DEPTH, MATMUL_COLUMNS } from "../../backends/cpu/wasm/codes";
import { attr, cols, ld, load4, ptr, rows, store4 } from "../../backends/cpu/wasm/command.simd";
import { fma } from "../../backends/cpu/wasm/math.simd";
import { packedBlock } from "../matmul/block.simd";
import { packB, packColumns } from "../matmul/pack.simd";

/**
 * Many small blocks. Operands x, weight, y, then addend if attr 4 is set; attrs K, N, transpose, rows per unit, addend. local: the weights as [head][k][N padded to 4], which
 * stay in the first cache. Four rows at a time share each load of them; rows beyond the last repeat it and are not stored.
 */
export function headwiseSmall(c: usize, u: i32, local: usize): void {
  const K = attr(c, 0), N = attr(c, 1), transpose = attr(c, 2), heads = rows(c, 1), addend = attr(c, 4);
  const r0 = u * attr(c, 3), r1 = min(rows(c, 0), r0 + attr(c, 3)), padded = (N + 3) & ~3, step = <usize>padded << 2;
  for (let h = 0, to = local; h < heads; h++) {
    const w = ptr(c, 1) + <usize>h * ld(c, 1);
    for (let k = 0; k < K; k++, to += step)
      for (let n = 0; n < padded; n++)
        store<f32>(to + (<usize>n << 2), n < N ? load<f32>(w + (<usize>(transpose ? k * N + n : n * K + k) << 2)) : 0);
  }
  for (let r = r0; r < r1; r += 4) {
    const left = r1 - r;
    let x0 = ptr(c, 0) + <usize>r * ld(c, 0), y = ptr(c, 2) + <usize>r * ld(c, 2), w0 = local;
    let x1 = left > 1 ? x0 + ld(c, 0) : x0, x2 = left > 2 ? x0 + 2 * ld(c, 0) : x0, x3 = left > 3 ? x0 + 3 * ld(c, 0) : x0;
    let more = addend ? ptr(c, 3) + <usize>r * ld(c, 3) : 0;
    for (let h = 0; h < heads; h++) {
      for (let n = 0; n < N; n += 4) {
        let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
        if (addend) {
          const from = more + (<usize>n << 2), m = N - n;
          s0 = load4(from, m);
          if (left > 1) s1 = load4(from + ld(c, 3), m);
          if (left > 2) s2 = load4(from + 2 * ld(c, 3), m);
          if (left > 3) s3 = load4(from + 3 * ld(c, 3), m);
        }
        let w = w0 + (<usize>n << 2);
        for (let k = 0; k < K; k++, w += step) {
          const v = v128.load(w), at = <usize>k << 2;
          s0 = fma(v128.load32_splat(x0 + at), v, s0); s1 = fma(v128.load32_splat(x1 + at), v, s1);
          s2 = fma(v128.load32_splat(x2 + at), v, s2); s3 = fma(v128.load32_splat(x3 + at), v, s3);
        }
        const to = y + (<usize>n << 2);
        store4(to, s0, N - n);
        if (left > 1) store4(to + ld(c, 2), s1, N - n);
        if (left > 2) store4(to + 2 * ld(c, 2), s2, N - n);
        if (left > 3) store4(to + 3 * ld(c, 2), s3, N - n);
      }
      const wide = <usize>K << 2;
      x0 += wide; x1 += wide; x2 += wide; x3 += wide;
      y += <usize>N << 2;
      more += <usize>N << 2;
      w0 += <usize>K * step;
    }
  }
}

/** Parts of headwise_outer for small blocks. Operands a, b, parts; attrs heads, gates, seqlen, previous, rows per unit. parts [unit] as y. */
export function headwiseOuterSmall(c: usize, u: i32): void {
  const heads = attr(c, 0), gates = attr(c, 1), seqlen = attr(c, 2), previous = attr(c, 3), perUnit = attr(c, 4);
  const J = cols(c, 0) / (heads * gates), K = cols(c, 1) / heads, r0 = u * perUnit, r1 = min(rows(c, 0), r0 + perUnit);
  const lda = ld(c, 0), ldb = ld(c, 1);
  let y = ptr(c, 2) + (<usize>u * (heads * gates * J * K) << 2);
  for (let h = 0; h < heads; h++)
    for (let g = 0; g < gates; g++)
      for (let j = 0; j < J; j += 4, y += <usize>(4 * K) << 2) {
        const m = min(4, J - j), j1: usize = m > 1 ? 4 : 0, j2: usize = m > 2 ? 8 : 0, j3: usize = m > 3 ? 12 : 0;
        for (let k = 0; k < K; k += 4) {
          const n = K - k;
          let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
          let a = ptr(c, 0) + <usize>r0 * lda + (<usize>((g * heads + h) * J + j) << 2);
          let b = ptr(c, 1) + <usize>r0 * ldb + (<usize>(h * K + k) << 2);
          if (previous) b -= ldb;
          for (let r = r0; r < r1; r++, a += lda, b += ldb) {
            if (previous && r % seqlen == 0) continue;
            const v = load4(b, n);
            s0 = fma(v128.load32_splat(a), v, s0); s1 = fma(v128.load32_splat(a + j1), v, s1);
            s2 = fma(v128.load32_splat(a + j2), v, s2); s3 = fma(v128.load32_splat(a + j3), v, s3);
          }
          const to = y + (<usize>k << 2), step = <usize>K << 2;
          store4(to, s0, n);
          if (m > 1) store4(to + step, s1, n);
          if (m > 2) store4(to + 2 * step, s2, n);
          if (m > 3) store4(to + 3 * step, s3, n);
        }
        if (m < 4) y -= <usize>((4 - m) * K) << 2;
      }
}

/**
 * headwise_outer for large blocks with the matmul's register tile. Operands a, b, y; attrs heads, gates, seqlen, previous, rows j of a
 * unit, blocks of j, blocks of k. A unit owns its part of y and walks all rows. local: HEADWISE_DEPTH × (MATMUL_COLUMNS + rows of a unit).
 */
export function headwiseOuter(c: usize, u: i32, local: usize): void {
  const heads = attr(c, 0), gates = attr(c, 1), seqlen = attr(c, 2), lag = attr(c, 3), perUnit = attr(c, 4), jBlocks = attr(c, 5), kBlocks = attr(c, 6);
  const J = cols(c, 0) / (heads * gates), K = cols(c, 1) / heads;
  const k0 = (u % kBlocks) * MATMUL_COLUMNS, j0 = ((u / kBlocks) % jBlocks) * perUnit, block = u / (kBlocks * jBlocks);
  const g = block % gates, h = block / gates, m = min(J - j0, perUnit), n = min(K - k0, MATMUL_COLUMNS);
  const a = ptr(c, 0) + (<usize>((g * heads + h) * J + j0) << 2), b = ptr(c, 1) + (<usize>(h * K + k0) << 2);
  const y0 = ptr(c, 2) + <usize>h * ld(c, 2) + (<usize>((g * J + j0) * K + k0) << 2), ldy = <usize>K << 2;
  const packedB = local, packedA = local + (HEADWISE_DEPTH * MATMUL_COLUMNS << 2);
  if (seqlen <= lag) for (let j = 0; j < m; j++) memory.fill(y0 + <usize>j * ldy, 0, <usize>n << 2);
  let init: usize = 0;
  for (let s = 0; s < rows(c, 0); s += seqlen)
    for (let t = lag; t < seqlen; t += HEADWISE_DEPTH) {
      const depth = min(HEADWISE_DEPTH, seqlen - t);
      packB(b, ld(c, 1), 0, s + t - lag, depth, 0, n, packedB);
      packColumns(a, ld(c, 0), s + t, depth, 0, m, packedA);
      packedBlock(depth, packedA, packedB, y0, ldy, init, ldy, m, n);
      init = y0;
    }
}
