// See layer_norm.ts. Units are runs of SUM_ROWS rows; a row is `groups` slices of n columns.
import { SUM_ROWS } from "../../backends/cpu/wasm/codes";
import { attr, attrF, cols, ld, load4, ptr, rows, store4, store8 } from "../../backends/cpu/wasm/command.simd";
import { fma, sum4 } from "../../backends/cpu/wasm/math.simd";

/** x − mean, of which n columns are there; the rest are zero. */
// @ts-ignore: decorator
@inline function centred(p: usize, mean: v128, n: i32): v128 {
  const d = f32x4.sub(load4(p, n), mean);
  if (n >= 4) return d;
  return v128.and(d, i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(n)));
}

/** Operands x, weight, y, mean, rstd, then bias if attr 2 is set; attrs eps, groups, bias. */
export function layerNorm(c: usize, u: i32): void {
  const groups = attr(c, 1), n = cols(c, 0) / groups, r0 = u * SUM_ROWS, r1 = min(rows(c, 0), r0 + SUM_ROWS), bias = attr(c, 2);
  for (let r = r0; r < r1; r++)
    for (let g = 0; g < groups; g++) {
      const skip = <usize>(g * n) << 2, w = ptr(c, 1) + skip, b = bias ? ptr(c, 5) + skip : 0;
      const x = ptr(c, 0) + <usize>r * ld(c, 0) + skip, y = ptr(c, 2) + <usize>r * ld(c, 2) + skip;
      let s0 = f32x4.splat(0), s1 = s0;
      let i = 0;
      for (; i + 8 <= n; i += 8) {
        s0 = f32x4.add(s0, v128.load(x + (<usize>i << 2)));
        s1 = f32x4.add(s1, v128.load(x + (<usize>i << 2), 16));
      }
      for (; i < n; i += 4) s0 = f32x4.add(s0, load4(x + (<usize>i << 2), n - i));
      const middle: f32 = sum4(f32x4.add(s0, s1)) / <f32>n, mean = f32x4.splat(middle);
      s0 = f32x4.splat(0); s1 = s0;
      for (i = 0; i + 8 <= n; i += 8) {
        const d = f32x4.sub(v128.load(x + (<usize>i << 2)), mean), e = f32x4.sub(v128.load(x + (<usize>i << 2), 16), mean);
        s0 = fma(d, d, s0); s1 = fma(e, e, s1);
      }
      for (; i < n; i += 4) { const d = centred(x + (<usize>i << 2), mean, n - i); s0 = fma(d, d, s0); }
      const rstd: f32 = <f32>1 / sqrt<f32>(sum4(f32x4.add(s0, s1)) / <f32>n + attrF(c, 0)), scale = f32x4.splat(rstd);
      store<f32>(ptr(c, 3) + <usize>r * ld(c, 3) + (<usize>g << 2), middle);
      store<f32>(ptr(c, 4) + <usize>r * ld(c, 4) + (<usize>g << 2), rstd);
      i = normalise(x, mean, scale, w, b, y, n);
      for (; i < n; i += 4) {
        const at = <usize>i << 2, m = n - i;
        const v = f32x4.mul(f32x4.mul(f32x4.sub(load4(x + at, m), mean), scale), load4(w + at, m));
        store4(y + at, bias ? f32x4.add(v, load4(b + at, m)) : v, m);
      }
    }
}

/** y = (x − mean) scale w + b for the first columns by eights; how many. */
function normalise(x: usize, mean: v128, scale: v128, w: usize, b: usize, y: usize, n: i32): i32 {
  let i = 0;
  for (; i + 8 <= n; i += 8, x += 32, w += 32, y += 32) {
    let v0 = f32x4.mul(f32x4.mul(f32x4.sub(v128.load(x), mean), scale), v128.load(w));
    let v1 = f32x4.mul(f32x4.mul(f32x4.sub(v128.load(x, 16), mean), scale), v128.load(w, 16));
    if (b) { v0 = f32x4.add(v0, v128.load(b)); v1 = f32x4.add(v1, v128.load(b, 16)); b += 32; }
    store8(y, v0, v1);
  }
  return i;
}
/** The first pass of the gradient over columns by eights: parts of dweight and dbias; Σ dy w normed and Σ dy w of eight lanes to `sums`. */
function firstPass(dy: usize, x: usize, mean: v128, scale: v128, w: usize, weights: usize, biases: usize, n: i32, sums: usize): i32 {
  let dot0 = f32x4.splat(0), dot1 = dot0, sum0 = dot0, sum1 = dot0;
  let i = 0;
  for (; i + 8 <= n; i += 8, dy += 32, x += 32, w += 32, weights += 32) {
    const d0 = v128.load(dy), d1 = v128.load(dy, 16), h0 = f32x4.mul(d0, v128.load(w)), h1 = f32x4.mul(d1, v128.load(w, 16));
    const n0 = f32x4.mul(f32x4.sub(v128.load(x), mean), scale), n1 = f32x4.mul(f32x4.sub(v128.load(x, 16), mean), scale);
    const w0 = fma(d0, n0, v128.load(weights)), w1 = fma(d1, n1, v128.load(weights, 16));
    dot0 = fma(h0, n0, dot0); dot1 = fma(h1, n1, dot1);
    sum0 = f32x4.add(sum0, h0); sum1 = f32x4.add(sum1, h1);
    if (biases) {
      const b0 = f32x4.add(v128.load(biases), d0), b1 = f32x4.add(v128.load(biases, 16), d1);
      store8(biases, b0, b1);
      biases += 32;
    }
    store8(weights, w0, w1);
  }
  store8(sums, dot0, dot1);
  v128.store(sums, sum1, 48); v128.store(sums, sum0, 32);
  return i;
}
/** The second: dx. */
function secondPass(dy: usize, x: usize, mean: v128, scale: v128, w: usize, along: v128, offset: v128, more: usize, dx: usize, n: i32): i32 {
  let i = 0;
  for (; i + 8 <= n; i += 8, dy += 32, x += 32, w += 32, dx += 32) {
    const h0 = f32x4.sub(f32x4.mul(v128.load(dy), v128.load(w)), offset), h1 = f32x4.sub(f32x4.mul(v128.load(dy, 16), v128.load(w, 16)), offset);
    const n0 = f32x4.mul(f32x4.sub(v128.load(x), mean), scale), n1 = f32x4.mul(f32x4.sub(v128.load(x, 16), mean), scale);
    let d0 = f32x4.mul(scale, f32x4.sub(h0, f32x4.mul(n0, along))), d1 = f32x4.mul(scale, f32x4.sub(h1, f32x4.mul(n1, along)));
    if (more) { d0 = f32x4.add(d0, v128.load(more)); d1 = f32x4.add(d1, v128.load(more, 16)); more += 32; }
    store8(dx, d0, d1);
  }
  return i;
}

/** Operands dy, x, weight, mean, rstd, dx, parts of dweight, parts of dbias, then addend if attr 0 is set; attrs addend, groups, bias. local: 64 bytes. */
export function layerNormGrad(c: usize, u: i32, local: usize): void {
  const all = cols(c, 1), groups = attr(c, 1), n = all / groups, r0 = u * SUM_ROWS, r1 = min(rows(c, 1), r0 + SUM_ROWS);
  const addend = attr(c, 0), bias = attr(c, 2), share = (<usize>u * all) << 2;
  memory.fill(ptr(c, 6) + share, 0, <usize>all << 2);
  if (bias) memory.fill(ptr(c, 7) + share, 0, <usize>all << 2);
  for (let r = r0; r < r1; r++)
    for (let g = 0; g < groups; g++) {
      const skip = <usize>(g * n) << 2, w = ptr(c, 2) + skip, weights = ptr(c, 6) + share + skip, biases = ptr(c, 7) + share + skip;
      const dy = ptr(c, 0) + <usize>r * ld(c, 0) + skip, x = ptr(c, 1) + <usize>r * ld(c, 1) + skip;
      const dx = ptr(c, 5) + <usize>r * ld(c, 5) + skip, more = addend ? ptr(c, 8) + <usize>r * ld(c, 8) + skip : 0;
      const mean = v128.load32_splat(ptr(c, 3) + <usize>r * ld(c, 3) + (<usize>g << 2));
      const rstd = load<f32>(ptr(c, 4) + <usize>r * ld(c, 4) + (<usize>g << 2)), scale = f32x4.splat(rstd);
      let i = firstPass(dy, x, mean, scale, w, weights, bias ? biases : 0, n, local);
      let dot = f32x4.add(v128.load(local), v128.load(local, 16)), sum = f32x4.add(v128.load(local, 32), v128.load(local, 48));
      for (; i < n; i += 4) {
        const at = <usize>i << 2, m = n - i;
        const d = load4(dy + at, m), h = f32x4.mul(d, load4(w + at, m)), normed = f32x4.mul(centred(x + at, mean, m), scale);
        dot = fma(h, normed, dot);
        sum = f32x4.add(sum, h);
        store4(weights + at, fma(d, normed, load4(weights + at, m)), m);
        if (bias) store4(biases + at, f32x4.add(load4(biases + at, m), d), m);
      }
      const along = f32x4.splat(sum4(dot) / <f32>n), offset = f32x4.splat(sum4(sum) / <f32>n);
      i = secondPass(dy, x, mean, scale, w, along, offset, more, dx, n);
      for (; i < n; i += 4) {
        const at = <usize>i << 2, m = n - i;
        const h = f32x4.sub(f32x4.mul(load4(dy + at, m), load4(w + at, m)), offset);
        const normed = f32x4.mul(f32x4.sub(load4(x + at, m), mean), scale);
        let d = f32x4.mul(scale, f32x4.sub(h, f32x4.mul(normed, along)));
        if (addend) d = f32x4.add(d, load4(more + at, m));
        store4(dx + at, d, m);
      }
    }
}
