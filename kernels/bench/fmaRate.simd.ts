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
