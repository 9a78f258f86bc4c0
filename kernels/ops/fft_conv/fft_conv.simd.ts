// See fft_conv.ts. A unit is four channels of all sequences; two sequences are transformed at once as real and imaginary part, which a
// real kernel keeps apart. local: transforms of the kernel and of the sequences (n elements of 32 bytes each).
import { attr, cols, ld, load4, ptr, rows, store4 } from "../../backends/cpu/wasm/command.simd";
import { fma, fnma } from "../../backends/cpu/wasm/math.simd";
import { fftDown, fftTable, fftUp } from "./fft.simd";

/** Operands table; attrs n. */
export function fftConvTable(c: usize): void { fftTable(attr(c, 0), ptr(c, 0)); }

/** The first `count` rows of four channels of a, and of b as imaginary part (0: none), zeros up to n. */
function load(a: usize, b: usize, step: usize, count: i32, n: i32, left: i32, to: usize): void {
  for (let t = 0; t < count; t++, to += 32, a += step) {
    v128.store(to, load4(a, left));
    v128.store(to, b ? load4(b, left) : f32x4.splat(0), 16);
    if (b) b += step;
  }
  memory.fill(to, 0, <usize>(n - count) << 5);
}
/** z ← scale · z · k, or z · conj(k). */
function multiply(z: usize, k: usize, n: i32, scale: v128, conjugate: bool): void {
  for (let i = 0; i < n; i++, z += 32, k += 32) {
    const re = v128.load(z), im = v128.load(z, 16), kRe = f32x4.mul(scale, v128.load(k));
    let kIm = f32x4.mul(scale, v128.load(k, 16));
    if (conjugate) kIm = f32x4.neg(kIm);
    v128.store(z, fnma(im, kIm, f32x4.mul(re, kRe)));
    v128.store(z, fma(im, kRe, f32x4.mul(re, kIm)), 16);
  }
}

/** Writes y = z's part + D ⊙ x for one sequence. */
function finish(z: usize, D: v128, x: usize, ldx: usize, y: usize, ldy: usize, seqlen: i32, left: i32): void {
  for (let t = 0; t < seqlen; t++, z += 32, x += ldx, y += ldy) store4(y, fma(D, load4(x, left), v128.load(z)), left);
}

/** Operands u, kernel, D, y, table; attrs batch, seqlen, n. */
export function fftConv(c: usize, u: i32, local: usize): void {
  const batch = attr(c, 0), seqlen = attr(c, 1), n = attr(c, 2), table = ptr(c, 4), at = <usize>u << 4, left = cols(c, 0) - u * 4;
  const K = local, Z = K + (<usize>n << 5), scale = f32x4.splat(<f32>1 / <f32>n), D = load4(ptr(c, 2) + at, left), step = ld(c, 0);
  load(ptr(c, 1) + at, 0, ld(c, 1), min(seqlen, rows(c, 1)), n, left, K);
  fftDown(K, n, table, n);
  for (let b = 0; b < batch; b += 2) {
    const x = ptr(c, 0) + <usize>(b * seqlen) * step + at, y = ptr(c, 3) + <usize>(b * seqlen) * ld(c, 3) + at, two = b + 1 < batch;
    load(x, two ? x + <usize>seqlen * step : 0, step, seqlen, n, left, Z);
    fftDown(Z, n, table, n);
    multiply(Z, K, n, scale, false);
    fftUp(Z, n, table, n);
    finish(Z, D, x, step, y, ld(c, 3), seqlen, left);
    if (two) finish(Z + 16, D, x + <usize>seqlen * step, step, y + <usize>seqlen * ld(c, 3), ld(c, 3), seqlen, left);
  }
}

/** Operands dy, u, kernel, D, du, dkernel, dD, table; attrs as above. */
export function fftConvGrad(c: usize, u: i32, local: usize): void {
  const batch = attr(c, 0), seqlen = attr(c, 1), n = attr(c, 2), table = ptr(c, 7), at = <usize>u << 4, left = cols(c, 0) - u * 4, size = <usize>n << 5;
  const K = local, X = K + size, G = X + size, sum = G + size, scale = f32x4.splat(<f32>1 / <f32>n), D = load4(ptr(c, 3) + at, left);
  const lags = rows(c, 2), used = min(seqlen, lags);
  load(ptr(c, 2) + at, 0, ld(c, 2), used, n, left, K);
  fftDown(K, n, table, n);
  memory.fill(sum, 0, size);
  let skip = f32x4.splat(0);
  for (let b = 0; b < batch; b += 2) {
    const first = <usize>(b * seqlen), two = b + 1 < batch, x = ptr(c, 1) + first * ld(c, 1) + at, g = ptr(c, 0) + first * ld(c, 0) + at;
    load(x, two ? x + <usize>seqlen * ld(c, 1) : 0, ld(c, 1), seqlen, n, left, X);
    load(g, two ? g + <usize>seqlen * ld(c, 0) : 0, ld(c, 0), seqlen, n, left, G);
    for (let t = 0, p = X, q = G; t < seqlen; t++, p += 32, q += 32) {
      skip = fma(v128.load(p), v128.load(q), skip);
      skip = fma(v128.load(p, 16), v128.load(q, 16), skip);
    }
    fftDown(X, n, table, n);
    fftDown(G, n, table, n);
    for (let i = 0, s = sum, p = X, q = G; i < n; i++, s += 32, p += 32, q += 32) {
      const xRe = v128.load(p), xIm = v128.load(p, 16), gRe = v128.load(q), gIm = v128.load(q, 16);
      v128.store(s, fma(gRe, xRe, fma(gIm, xIm, v128.load(s))));
      v128.store(s, fma(gIm, xRe, fnma(gRe, xIm, v128.load(s, 16))), 16);
    }
    multiply(G, K, n, scale, true);
    fftUp(G, n, table, n);
    const du = ptr(c, 4) + first * ld(c, 4) + at;
    finish(G, D, g, ld(c, 0), du, ld(c, 4), seqlen, left);
    if (two) finish(G + 16, D, g + <usize>seqlen * ld(c, 0), ld(c, 0), du + <usize>seqlen * ld(c, 4), ld(c, 4), seqlen, left);
  }
  fftUp(sum, n, table, n);
  for (let l = 0, p = sum, to = ptr(c, 5) + at; l < lags; l++, p += 32, to += ld(c, 5)) store4(to, l < used ? f32x4.mul(scale, v128.load(p)) : f32x4.splat(0), left);
  store4(ptr(c, 6) + at, skip, left);
}
