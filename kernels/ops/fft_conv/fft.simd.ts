// Complex Fourier transforms of four channels at once: element i is 32 bytes, the real parts of four channels, then the imaginary ones.
// Radix 4, decimation in frequency, in place, depth first so that small blocks stay in the first cache. What comes out is in a permuted
// order that the way back undoes, stage by stage: a pointwise product between the two needs no order.
import { fma, fnma } from "../../backends/cpu/wasm/math.simd";
import { sin64 } from "../../backends/cpu/wasm/complex.simd";

/** cos and −sin of 2πk/n for k < n, 8 bytes each. The f64 rotation loses less than float32 keeps. */
export function fftTable(n: i32, table: usize): void {
  const angle: f64 = 6.283185307179586 / <f64>n, c = sin64(angle, 1), s = sin64(angle, 0);
  let re: f64 = 1, im: f64 = 0;
  for (let k = 0; k < n; k++, table += 8) {
    store<f32>(table, <f32>re); store<f32>(table, <f32>-im, 4);
    const r = re * c - im * s;
    im = re * s + im * c;
    re = r;
  }
}

/** x[0 … m) to its transform; n is the size the table is for. */
export function fftDown(x: usize, m: i32, table: usize, n: i32): void {
  if (m < 2) return;
  if (m == 2) { half(x); return; }
  const q = m >> 2, step = <usize>(n / m) << 3, b0 = <usize>q << 5, c0 = b0 << 1, d0 = b0 + c0;
  let w1 = table, w2 = table, w3 = table, p = x;
  for (let j = 0; j < q; j++, p += 32, w1 += step, w2 += step << 1, w3 += step * 3) {
    const aRe = v128.load(p), aIm = v128.load(p, 16), bRe = v128.load(p + b0), bIm = v128.load(p + b0, 16);
    const cRe = v128.load(p + c0), cIm = v128.load(p + c0, 16), dRe = v128.load(p + d0), dIm = v128.load(p + d0, 16);
    const e0 = f32x4.add(aRe, cRe), e1 = f32x4.add(aIm, cIm), f0 = f32x4.sub(aRe, cRe), f1 = f32x4.sub(aIm, cIm);
    const g0 = f32x4.add(bRe, dRe), g1 = f32x4.add(bIm, dIm), h0 = f32x4.sub(bRe, dRe), h1 = f32x4.sub(bIm, dIm);
    v128.store(p, f32x4.add(e0, g0)); v128.store(p, f32x4.add(e1, g1), 16);
    turned(p + b0, f32x4.add(f0, h1), f32x4.sub(f1, h0), w1);
    turned(p + c0, f32x4.sub(e0, g0), f32x4.sub(e1, g1), w2);
    turned(p + d0, f32x4.sub(f0, h1), f32x4.add(f1, h0), w3);
  }
  for (let k: usize = 0; k < 4; k++) fftDown(x + k * b0, q, table, n);
}

/** The way back: m times what fftDown began with. */
export function fftUp(x: usize, m: i32, table: usize, n: i32): void {
  if (m < 2) return;
  if (m == 2) { half(x); return; }
  const q = m >> 2, step = <usize>(n / m) << 3, b0 = <usize>q << 5, c0 = b0 << 1, d0 = b0 + c0;
  for (let k: usize = 0; k < 4; k++) fftUp(x + k * b0, q, table, n);
  let w1 = table, w2 = table, w3 = table, p = x;
  for (let j = 0; j < q; j++, p += 32, w1 += step, w2 += step << 1, w3 += step * 3) {
    const yRe = v128.load(p), yIm = v128.load(p, 16);
    turnedBack(p + b0, w1); turnedBack(p + c0, w2); turnedBack(p + d0, w3);
    const bRe = v128.load(p + b0), bIm = v128.load(p + b0, 16), cRe = v128.load(p + c0), cIm = v128.load(p + c0, 16);
    const dRe = v128.load(p + d0), dIm = v128.load(p + d0, 16);
    const e0 = f32x4.add(yRe, cRe), e1 = f32x4.add(yIm, cIm), g0 = f32x4.sub(yRe, cRe), g1 = f32x4.sub(yIm, cIm);
    const f0 = f32x4.add(bRe, dRe), f1 = f32x4.add(bIm, dIm), h0 = f32x4.sub(bRe, dRe), h1 = f32x4.sub(bIm, dIm);
    v128.store(p, f32x4.add(e0, f0)); v128.store(p, f32x4.add(e1, f1), 16);
    v128.store(p + c0, f32x4.sub(e0, f0)); v128.store(p + c0, f32x4.sub(e1, f1), 16);
    v128.store(p + b0, f32x4.sub(g0, h1)); v128.store(p + b0, f32x4.add(g1, h0), 16);
    v128.store(p + d0, f32x4.add(g0, h1)); v128.store(p + d0, f32x4.sub(g1, h0), 16);
  }
}

function half(x: usize): void {
  const aRe = v128.load(x), aIm = v128.load(x, 16), bRe = v128.load(x, 32), bIm = v128.load(x, 48);
  v128.store(x, f32x4.add(aRe, bRe)); v128.store(x, f32x4.add(aIm, bIm), 16);
  v128.store(x, f32x4.sub(aRe, bRe), 32); v128.store(x, f32x4.sub(aIm, bIm), 48);
}
// @ts-ignore: decorator
@inline function turned(p: usize, re: v128, im: v128, w: usize): void {
  const c = v128.load32_splat(w), s = v128.load32_splat(w, 4);
  v128.store(p, fnma(im, s, f32x4.mul(re, c)));
  v128.store(p, fma(im, c, f32x4.mul(re, s)), 16);
}
// @ts-ignore: decorator
@inline function turnedBack(p: usize, w: usize): void {
  const c = v128.load32_splat(w), s = v128.load32_splat(w, 4), re = v128.load(p), im = v128.load(p, 16);
  v128.store(p, fma(im, s, f32x4.mul(re, c)));
  v128.store(p, fnma(re, s, f32x4.mul(im, c)), 16);
}
