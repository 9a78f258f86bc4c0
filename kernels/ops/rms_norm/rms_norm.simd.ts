// See rms_norm.ts. Units are runs of SUM_ROWS rows; a row is `groups` slices of n columns.
import { SUM_ROWS } from "../../backends/cpu/wasm/codes";
import { attr, attrF, cols, ld, load4, ptr, rows, store4, store8 } from "../../backends/cpu/wasm/command.simd";
import { fma, sum4 } from "../../backends/cpu/wasm/math.simd";

/** Operands x, weight, y, rstd; attrs eps, groups. */
export function rmsNorm(c: usize, u: i32): void {
  const groups = attr(c, 1), n = cols(c, 0) / groups, r0 = u * SUM_ROWS, r1 = min(rows(c, 0), r0 + SUM_ROWS);
  for (let r = r0; r < r1; r++)
    for (let g = 0; g < groups; g++) {
      const skip = <usize>(g * n) << 2, w = ptr(c, 1) + skip;
      const x = ptr(c, 0) + <usize>r * ld(c, 0) + skip, y = ptr(c, 2) + <usize>r * ld(c, 2) + skip;
      let s0 = f32x4.splat(0), s1 = s0;
      let i = 0;
      for (; i + 8 <= n; i += 8) {
        const a = v128.load(x + (<usize>i << 2)), b = v128.load(x + (<usize>i << 2), 16);
        s0 = fma(a, a, s0); s1 = fma(b, b, s1);
      }
      for (; i < n; i += 4) { const a = load4(x + (<usize>i << 2), n - i); s0 = fma(a, a, s0); }
      const rstd: f32 = <f32>1 / sqrt<f32>(sum4(f32x4.add(s0, s1)) / <f32>n + attrF(c, 0)), scale = f32x4.splat(rstd);
      store<f32>(ptr(c, 3) + <usize>r * ld(c, 3) + (<usize>g << 2), rstd);
      i = normalise(x, scale, w, y, n);
      for (; i < n; i += 4) {
        const at = <usize>i << 2;
        store4(y + at, f32x4.mul(f32x4.mul(load4(x + at, n - i), scale), load4(w + at, n - i)), n - i);
      }
    }
}

/** y = x scale w for the first columns by eights; how many. */
function normalise(x: usize, scale: v128, w: usize, y: usize, n: i32): i32 {
  let i = 0;
  for (; i + 8 <= n; i += 8, x += 32, w += 32, y += 32) {
    const v0 = f32x4.mul(f32x4.mul(v128.load(x), scale), v128.load(w)), v1 = f32x4.mul(f32x4.mul(v128.load(x, 16), scale), v128.load(w, 16));
    store8(y, v0, v1);
  }
  return i;
}
/** The first pass of the gradient over columns by eights: parts of dweight; Σ dy x scale w of eight lanes to `sums`. */
function firstPass(dy: usize, x: usize, scale: v128, w: usize, parts: usize, n: i32, sums: usize): i32 {
  let dot0 = f32x4.splat(0), dot1 = dot0;
  let i = 0;
  for (; i + 8 <= n; i += 8, dy += 32, x += 32, w += 32, parts += 32) {
    const h0 = f32x4.mul(v128.load(dy), f32x4.mul(v128.load(x), scale)), h1 = f32x4.mul(v128.load(dy, 16), f32x4.mul(v128.load(x, 16), scale));
    dot0 = fma(h0, v128.load(w), dot0); dot1 = fma(h1, v128.load(w, 16), dot1);
    const p0 = f32x4.add(v128.load(parts), h0), p1 = f32x4.add(v128.load(parts, 16), h1);
    store8(parts, p0, p1);
  }
  store8(sums, dot0, dot1);
  return i;
}
/** The second: dx. */
function secondPass(dy: usize, x: usize, scale: v128, w: usize, mean: v128, more: usize, dx: usize, n: i32): i32 {
  let i = 0;
  for (; i + 8 <= n; i += 8, dy += 32, x += 32, w += 32, dx += 32) {
    const h0 = f32x4.mul(v128.load(dy), v128.load(w)), h1 = f32x4.mul(v128.load(dy, 16), v128.load(w, 16));
    let d0 = f32x4.mul(scale, f32x4.sub(h0, f32x4.mul(v128.load(x), mean))), d1 = f32x4.mul(scale, f32x4.sub(h1, f32x4.mul(v128.load(x, 16), mean)));
    if (more) { d0 = f32x4.add(d0, v128.load(more)); d1 = f32x4.add(d1, v128.load(more, 16)); more += 32; }
    store8(dx, d0, d1);
  }
  return i;
}

/** Operands dy, x, weight, rstd, dx, parts, then addend if attr 0 is set; attrs addend, groups. parts[u] is this run's dweight. local: 32 bytes. */
export function rmsNormGrad(c: usize, u: i32, local: usize): void {
  const all = cols(c, 1), groups = attr(c, 1), n = all / groups, r0 = u * SUM_ROWS, r1 = min(rows(c, 1), r0 + SUM_ROWS), addend = attr(c, 0);
  const share = ptr(c, 5) + ((<usize>u * all) << 2);
  memory.fill(share, 0, <usize>all << 2);
  for (let r = r0; r < r1; r++)
    for (let g = 0; g < groups; g++) {
      const skip = <usize>(g * n) << 2, w = ptr(c, 2) + skip, parts = share + skip;
      const dy = ptr(c, 0) + <usize>r * ld(c, 0) + skip, x = ptr(c, 1) + <usize>r * ld(c, 1) + skip;
      const dx = ptr(c, 4) + <usize>r * ld(c, 4) + skip, more = addend ? ptr(c, 6) + <usize>r * ld(c, 6) + skip : 0;
      const rstd = load<f32>(ptr(c, 3) + <usize>r * ld(c, 3) + (<usize>g << 2)), scale = f32x4.splat(rstd);
      let i = firstPass(dy, x, scale, w, parts, n, local);
      let dot = f32x4.add(v128.load(local), v128.load(local, 16));
      for (; i < n; i += 4) {
        const at = <usize>i << 2;
        const h = f32x4.mul(load4(dy + at, n - i), f32x4.mul(load4(x + at, n - i), scale));
        dot = fma(h, load4(w + at, n - i), dot);
        store4(parts + at, f32x4.add(load4(parts + at, n - i), h), n - i);
      }
      const mean = f32x4.splat(sum4(dot) / <f32>n * rstd);
      i = secondPass(dy, x, scale, w, mean, more, dx, n);
      for (; i < n; i += 4) {
        const at = <usize>i << 2;
        const h = f32x4.mul(load4(dy + at, n - i), load4(w + at, n - i));
        let d = f32x4.mul(scale, f32x4.sub(h, f32x4.mul(load4(x + at, n - i), mean)));
        if (addend) d = f32x4.add(d, load4(more + at, n - i));
        store4(dx + at, d, n - i);
      }
    }
}
