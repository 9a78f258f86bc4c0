// See draw_token.ts. Operands logits, settings, cursor, tokens, bits, token, weights (scratch); attrs the domain; a unit is one sequence.
import { attr, cols, ld, load4, loadTail, ptr, store4 } from "../../backends/cpu/wasm/command.simd";
import { exp4, log1 } from "../../backends/cpu/wasm/math.simd";

/** Word 0 of Philox4x32-10. */
function philox0(key0: u32, key1: u32, c0: u32, c1: u32, c2: u32, c3: u32): u32 {
  for (let round = 0; round < 10; round++) {
    const a = <u64>0xd2511f53 * <u64>c0, b = <u64>0xcd9e8d57 * <u64>c2;
    c0 = <u32>(b >> 32) ^ c1 ^ key0; c1 = <u32>b;
    c2 = <u32>(a >> 32) ^ c3 ^ key1; c3 = <u32>a;
    key0 += 0x9e3779b9; key1 += 0xbb67ae85;
  }
  return c0;
}

/** The float whose place in the order of all floats is `key`. */
// @ts-ignore: decorator
@inline function floatAt(key: u32): f32 { return reinterpret<f32>(key & 0x80000000 ? key ^ 0x80000000 : ~key); }

/** Of n logits with weights, the sum of weights (in float64, in order) or the number of those at or above `edge`. */
function massAbove(x: usize, weights: usize, n: i32, edge: f32, counted: bool): f64 {
  let sum: f64 = 0;
  for (let i = 0; i < n; i++) {
    const at = <usize>i << 2;
    if (load<f32>(x + at) >= edge) sum += counted ? 1 : load<f32>(weights + at);
  }
  return sum;
}

/** The largest edge with at least `wanted` above it, bit by bit. */
function edgeFor(x: usize, weights: usize, n: i32, wanted: f64, counted: bool): f32 {
  let key: u32 = 0;
  for (let bit = 31; bit >= 0; bit--) {
    const next = key | (<u32>1 << bit);
    if (massAbove(x, weights, n, floatAt(next), counted) >= wanted) key = next;
  }
  return floatAt(key);
}

export function drawToken(c: usize, r: i32): void {
  const n = cols(c, 0), x = ptr(c, 0) + <usize>r * ld(c, 0), settings = ptr(c, 1), cursor = ptr(c, 2) + <usize>r * ld(c, 2);
  const tokens = ptr(c, 3) + <usize>r * ld(c, 3), bits = ptr(c, 4) + <usize>r * ld(c, 4);
  const weights = ptr(c, 6) + ((<usize>r * <usize>n) << 2);
  const temperature = load<f32>(settings), topK = <i32>load<f32>(settings, 4), topP = load<f32>(settings, 8);
  const next = load<i32>(cursor) + 1, given = load<i32>(cursor, 4);
  let top = -Infinity as f32, likeliest = 0;
  for (let i = 0; i < n; i++) {
    const v = load<f32>(x + (<usize>i << 2));
    if (v > top) { top = v; likeliest = i; }
  }
  const shift = f32x4.splat(top), scale = f32x4.splat(temperature > 0 ? 1 / temperature : 1);
  let all: f64 = 0, total: f64 = 0;
  for (let i = 0; i < n; i += 4) {
    const at = <usize>i << 2, there = n - i;
    // lanes that are not there read −∞
    const v = there >= 4 ? load4(x + at, 4) : v128.bitselect(loadTail(x + at, there), f32x4.splat(-Infinity), i32x4.gt_s(i32x4.splat(there), i32x4(0, 1, 2, 3)));
    const below = f32x4.sub(v, shift), own = exp4(below), w = exp4(f32x4.mul(below, scale));
    all += (<f64>f32x4.extract_lane(own, 0) + <f64>f32x4.extract_lane(own, 1)) + (<f64>f32x4.extract_lane(own, 2) + <f64>f32x4.extract_lane(own, 3));
    total += (<f64>f32x4.extract_lane(w, 0) + <f64>f32x4.extract_lane(w, 1)) + (<f64>f32x4.extract_lane(w, 2) + <f64>f32x4.extract_lane(w, 3));
    store4(weights + at, w, there);
  }
  let id = likeliest;
  if (next < given && next < cols(c, 3)) id = load<i32>(tokens + (<usize>next << 2));
  else if (temperature > 0) {
    let edge = -Infinity as f32;
    if (topK > 0 && topK < n) {
      edge = edgeFor(x, weights, n, <f64>topK, true);
      total = massAbove(x, weights, n, edge, false);
    }
    if (topP > 0 && topP < 1) {
      edge = max<f32>(edge, edgeFor(x, weights, n, <f64>topP * total, false));
      total = massAbove(x, weights, n, edge, false);
    }
    const word = philox0(load<u32>(cursor, 8), load<u32>(cursor, 12), <u32>(next - given), load<u32>(cursor, 16), attr(c, 0), <u32>r);
    const target = <f64>(word >> 8) / 16777216.0 * total;
    let sum: f64 = 0;
    for (let i = 0; i < n; i++) {
      const at = <usize>i << 2;
      if (!(load<f32>(x + at) >= edge)) continue;
      if (load<f32>(weights + at) > 0) id = i;
      sum += load<f32>(weights + at);
      if (sum > target) break;
    }
  }
  store<i32>(cursor, next);
  store<i32>(ptr(c, 5) + <usize>r * ld(c, 5), id);
  if (next >= cols(c, 3)) return;
  store<i32>(tokens + (<usize>next << 2), id);
  // a given id may lie outside what can be drawn
  const logit: f32 = id >= 0 && id < n ? load<f32>(x + (<usize>id << 2)) : NaN;
  store<f32>(bits + (<usize>next << 2), ((top - logit) + log1(<f32>all)) * <f32>1.4426950408889634);
}
