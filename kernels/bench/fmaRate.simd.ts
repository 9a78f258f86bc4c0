// The most multiply-adds one thread can do in this engine: twelve independent chains in registers. 96 operations a round.
import { fma } from "../backends/cpu/wasm/math.simd";

// The factors are arguments: a constant vector would be rebuilt at every use.
export function chains(rounds: i32, factor: f32, addend: f32): f32 {
  const x = f32x4.splat(factor), y = f32x4.splat(addend);
  let a = f32x4.splat(1), b = a, c = a, d = a, e = a, f = a, g = a, h = a, i = a, j = a, k = a, l = a;
  for (; rounds > 0; rounds--) {
    a = fma(a, x, y); b = fma(b, x, y); c = fma(c, x, y); d = fma(d, x, y); e = fma(e, x, y); f = fma(f, x, y);
    g = fma(g, x, y); h = fma(h, x, y); i = fma(i, x, y); j = fma(j, x, y); k = fma(k, x, y); l = fma(l, x, y);
  }
  const s = f32x4.add(f32x4.add(f32x4.add(a, b), f32x4.add(c, d)), f32x4.add(f32x4.add(e, f), f32x4.add(g, h)));
  return f32x4.extract_lane(f32x4.add(s, f32x4.add(f32x4.add(i, j), f32x4.add(k, l))), 0);
}

/** The same with twelve pairs of vectors, 192 operations a round: what an engine that fuses pairs can do (backends/cpu/wide.ts); spills elsewhere. */
export function pairs(rounds: i32, factor: f32, addend: f32): f32 {
  const x = f32x4.splat(factor), y = f32x4.splat(addend), one = f32x4.splat(1);
  let a0 = one, a1 = one, b0 = one, b1 = one, c0 = one, c1 = one, d0 = one, d1 = one, e0 = one, e1 = one, f0 = one, f1 = one;
  let g0 = one, g1 = one, h0 = one, h1 = one, i0 = one, i1 = one, j0 = one, j1 = one, k0 = one, k1 = one, l0 = one, l1 = one;
  for (; rounds > 0; rounds--) {
    a0 = fma(a0, x, y); a1 = fma(a1, x, y); b0 = fma(b0, x, y); b1 = fma(b1, x, y); c0 = fma(c0, x, y); c1 = fma(c1, x, y);
    d0 = fma(d0, x, y); d1 = fma(d1, x, y); e0 = fma(e0, x, y); e1 = fma(e1, x, y); f0 = fma(f0, x, y); f1 = fma(f1, x, y);
    g0 = fma(g0, x, y); g1 = fma(g1, x, y); h0 = fma(h0, x, y); h1 = fma(h1, x, y); i0 = fma(i0, x, y); i1 = fma(i1, x, y);
    j0 = fma(j0, x, y); j1 = fma(j1, x, y); k0 = fma(k0, x, y); k1 = fma(k1, x, y); l0 = fma(l0, x, y); l1 = fma(l1, x, y);
  }
  v128.store(0, a1, 16); v128.store(0, a0, 0);
  v128.store(0, b1, 48); v128.store(0, b0, 32);
  v128.store(0, c1, 80); v128.store(0, c0, 64);
  v128.store(0, d1, 112); v128.store(0, d0, 96);
  v128.store(0, e1, 144); v128.store(0, e0, 128);
  v128.store(0, f1, 176); v128.store(0, f0, 160);
  v128.store(0, g1, 208); v128.store(0, g0, 192);
  v128.store(0, h1, 240); v128.store(0, h0, 224);
  v128.store(0, i1, 272); v128.store(0, i0, 256);
  v128.store(0, j1, 304); v128.store(0, j0, 288);
  v128.store(0, k1, 336); v128.store(0, k0, 320);
  v128.store(0, l1, 368); v128.store(0, l0, 352);
  return load<f32>(0);
}
