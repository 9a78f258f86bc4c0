// See conv1d_silu.ts. A unit is one time chunk of one sequence and a block of channels; four channels a vector.
import { CONV_CHANNELS, CONV_CHUNK } from "../../backends/cpu/wasm/codes";
import { attr, cols, gather4, ld, load4, ptr, rows, scatter4, store4, store8 } from "../../backends/cpu/wasm/command.simd";
import { fma, sigmoid4 } from "../../backends/cpu/wasm/math.simd";
import { convolve4, inputGrads4, slopes, weightGrads4 } from "./conv4.simd";

/** y = p σ(p) over n elements of a row. */
function silu(y: usize, n: i32): void {
  let i = 0;
  for (; i + 8 <= n; i += 8, y += 32) {
    const p0 = v128.load(y), p1 = v128.load(y, 16);
    store8(y, f32x4.mul(p0, sigmoid4(p0)), f32x4.mul(p1, sigmoid4(p1)));
  }
  for (; i < n; i += 4, y += 16) { const p = load4(y, n - i); store4(y, f32x4.mul(p, sigmoid4(p)), n - i); }
}

/**
 * p for times t0 … t1 − 1 of channels d … d + n − 1 (n ≤ 4), to `out` (rows `step` bytes apart). x is the address of time 0 of the
 * sequence at channel d; weights[k] lie at w, 16 bytes each.
 */
function convolve(x: usize, ldx: usize, w: usize, width: i32, bias: v128, out: usize, step: usize, t0: i32, t1: i32, n: i32): void {
  for (let t = t0; t < t1; t++, out += step) {
    let p = bias;
    for (let k = max(0, width - 1 - t); k < width; k++)
      p = fma(v128.load(w + (<usize>k << 4)), load4(x + <usize>(t - (width - 1) + k) * ldx, n), p);
    store4(out, p, n);
  }
}

/** weight (d, width) of four channels → width vectors at `to`. */
function transposeWeights(weight: usize, ldw: usize, width: i32, n: i32, to: usize): void {
  for (let k = 0; k < width; k++) v128.store(to + (<usize>k << 4), gather4(weight + (<usize>k << 2), ldw, n));
}

/** weight (d, 4) of eight channels → [k][8]. */
function weights8(weight: usize, ldw: usize, to: usize): void {
  for (let k = 0; k < 4; k++, weight += 4, to += 32) { v128.store(to, gather4(weight, ldw, 4)); v128.store(to, gather4(weight + 4 * ldw, ldw, 4), 16); }
}

/** attrs seqlen, chunks per sequence, channel blocks. Operands x, weight, bias, y. local: 2 width vectors. */
export function conv1dSilu(c: usize, u: i32, local: usize): void {
  const seqlen = attr(c, 0), chunks = attr(c, 1), blocks = attr(c, 2), d_inner = cols(c, 0), width = cols(c, 1);
  const block = u % blocks, chunk = (u / blocks) % chunks, b = u / blocks / chunks;
  const t0 = chunk * CONV_CHUNK, t1 = min(seqlen, t0 + CONV_CHUNK), d0 = block * CONV_CHANNELS, d1 = min(d_inner, d0 + CONV_CHANNELS);
  const x = ptr(c, 0) + <usize>(b * seqlen) * ld(c, 0), y = ptr(c, 3) + <usize>(b * seqlen + t0) * ld(c, 3);
  let d = d0;
  if (width == 4)
    for (; d + 8 <= d1; d += 8) {
      const at = <usize>d << 2;
      weights8(ptr(c, 1) + <usize>d * ld(c, 1), ld(c, 1), local);
      convolve4(x + <usize>t0 * ld(c, 0) + at, ld(c, 0), local, ptr(c, 2) + at, y + at, ld(c, 3), t0, t1 - t0);
    }
  for (; d < d1; d += 4) {
    transposeWeights(ptr(c, 1) + <usize>d * ld(c, 1), ld(c, 1), width, d1 - d, local);
    convolve(x + (<usize>d << 2), ld(c, 0), local, width, load4(ptr(c, 2) + (<usize>d << 2), d1 - d), y + (<usize>d << 2), ld(c, 3), t0, t1, d1 - d);
  }
  for (let t = t0; t < t1; t++) silu(y + <usize>(t - t0) * ld(c, 3) + (<usize>d0 << 2), d1 - d0);
}

/**
 * Operands dy, x, weight, bias, dx, parts; attrs as above. A unit first makes dp for its times and the width − 1 after them
 * (in `local`, rows of CONV_CHANNELS), then dx, and its part of dweight and dbias: parts[b·chunks + chunk][k][d], k = width for the bias.
 */
export function conv1dSiluGrad(c: usize, u: i32, local: usize): void {
  const seqlen = attr(c, 0), chunks = attr(c, 1), blocks = attr(c, 2), d_inner = cols(c, 1), width = cols(c, 2);
  const block = u % blocks, chunk = (u / blocks) % chunks, b = u / blocks / chunks;
  const t0 = chunk * CONV_CHUNK, t1 = min(seqlen, t0 + CONV_CHUNK), d0 = block * CONV_CHANNELS, d1 = min(d_inner, d0 + CONV_CHANNELS);
  const after = min(seqlen, t1 + width - 1);
  const w = local, p0 = local + (<usize>width << 5) + 32, step: usize = CONV_CHANNELS << 2;
  const ldx = ld(c, 1), ldy = ld(c, 0), lddx = ld(c, 4);
  const parts = ptr(c, 5) + ((<usize>(b * chunks + chunk) * (width + 1) * d_inner) << 2);
  let d = d0;
  if (width == 4)
    for (; d + 8 <= d1; d += 8) {
      const at = <usize>d << 2, first = <usize>(b * seqlen + t0), x = ptr(c, 1) + first * ldx + at, dy = ptr(c, 0) + first * ldy + at;
      const dp = p0 + (<usize>(d - d0) << 2), own = t1 - t0, later = dp + <usize>own * step, unused = p0 - 32;
      weights8(ptr(c, 2) + <usize>d * ld(c, 2), ld(c, 2), w);
      convolve4(x, ldx, w, ptr(c, 3) + at, dp, step, t0, after - t0);
      slopes(dp, step, dy, ldy, own, parts + <usize>(width * d_inner << 2) + at);
      slopes(later, step, dy + <usize>own * ldy, ldy, after - t1, unused);
      for (let t = after; t < t1 + 3; t++) memory.fill(dp + <usize>(t - t0) * step, 0, 32);
      weightGrads4(dp, step, x, ldx, t0, own, parts + at, <usize>d_inner << 2);
      inputGrads4(dp, step, w, own, ptr(c, 4) + first * lddx + at, lddx);
    }
  for (; d < d1; d += 4) {
    const n = d1 - d;
    const x = ptr(c, 1) + <usize>(b * seqlen) * ldx + (<usize>d << 2), dy = ptr(c, 0) + <usize>(b * seqlen) * ldy + (<usize>d << 2);
    const dp = p0 + (<usize>(d - d0) << 2);
    transposeWeights(ptr(c, 2) + <usize>d * ld(c, 2), ld(c, 2), width, n, w);
    // p, then dp over it; the local rows have room for whole vectors.
    convolve(x, ldx, w, width, load4(ptr(c, 3) + (<usize>d << 2), n), dp, step, t0, after, n);
    const one = f32x4.splat(1);
    let dbias = f32x4.splat(0);
    for (let t = t0; t < after; t++) {
      const q = dp + <usize>(t - t0) * step, p = v128.load(q), s = sigmoid4(p);
      const g = f32x4.mul(f32x4.mul(load4(dy + <usize>t * ldy, n), s), fma(p, f32x4.sub(one, s), one));
      v128.store(q, g);
      if (t < t1) dbias = f32x4.add(dbias, g);
    }
    store4(parts + ((<usize>width * d_inner + d) << 2), dbias, n);
    for (let k = 0; k < width; k++) {
      const back = width - 1 - k;
      let sum = f32x4.splat(0);
      for (let t = max(t0, back); t < t1; t++) sum = fma(v128.load(dp + <usize>(t - t0) * step), load4(x + <usize>(t - back) * ldx, n), sum);
      store4(parts + ((<usize>k * d_inner + d) << 2), sum, n);
    }
    let out = ptr(c, 4) + <usize>(b * seqlen + t0) * lddx + (<usize>d << 2);
    for (let t = t0; t < t1; t++, out += lddx) {
      let sum = f32x4.splat(0);
      for (let k = width - 1; k >= 0; k--) {
        const s = t + width - 1 - k;
        if (s < seqlen) sum = fma(v128.load(w + (<usize>k << 4)), v128.load(dp + <usize>(s - t0) * step), sum);
      }
      store4(out, sum, n);
    }
  }
}

/** Adds the parts up: dweight (d, width), dbias (1, d). attrs number of parts. Operands parts, dweight, dbias. One unit a block of channels. */
export function conv1dSiluGradSum(c: usize, u: i32): void {
  const count = attr(c, 0), d_inner = rows(c, 1), width = cols(c, 1);
  const d0 = u * CONV_CHANNELS, d1 = min(d_inner, d0 + CONV_CHANNELS), step = (<usize>(width + 1) * d_inner) << 2;
  for (let k = 0; k <= width; k++)
    for (let d = d0; d < d1; d += 4) {
      let p = ptr(c, 0) + ((<usize>k * d_inner + d) << 2);
      let sum = f32x4.splat(0);
      for (let i = 0; i < count; i++, p += step) sum = f32x4.add(sum, load4(p, d1 - d));
      if (k == width) store4(ptr(c, 2) + (<usize>d << 2), sum, d1 - d);
      else scatter4(ptr(c, 1) + <usize>d * ld(c, 1) + (<usize>k << 2), ld(c, 1), sum, d1 - d);
    }
}

/** Operands x, state, weight, bias, y. state (batch, d·(width − 1)) moves on by one. */
export function conv1dSiluStep(c: usize): void {
  const d_inner = cols(c, 0), width = cols(c, 2), keep = width - 1;
  for (let b = 0; b < rows(c, 0); b++)
    for (let d = 0; d < d_inner; d += 4) {
      const n = d_inner - d;
      const x = load4(ptr(c, 0) + <usize>b * ld(c, 0) + (<usize>d << 2), n);
      const w = ptr(c, 2) + <usize>d * ld(c, 2);
      const state = ptr(c, 1) + <usize>b * ld(c, 1) + ((<usize>d * keep) << 2), step = <usize>keep << 2;
      let p = fma(gather4(w + (<usize>keep << 2), ld(c, 2), n), x, load4(ptr(c, 3) + (<usize>d << 2), n));
      for (let k = 0; k < keep; k++) {
        const old = gather4(state + (<usize>k << 2), step, n);
        p = fma(gather4(w + (<usize>k << 2), ld(c, 2), n), old, p);
        if (k > 0) scatter4(state + (<usize>(k - 1) << 2), step, old, n);
      }
      scatter4(state + (<usize>(keep - 1) << 2), step, x, n);
      store4(ptr(c, 4) + <usize>b * ld(c, 4) + (<usize>d << 2), f32x4.mul(p, sigmoid4(p)), n);
    }
}
