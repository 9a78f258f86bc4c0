// What the kernels of a chunked matrix memory share: where things lie, and loops over rows (see chunked_memory.cpu.ts for the layout).
//   S_t = d_t S_{t−1} + w_t k_t v_tᵀ,  y_t = S_tᵀ q_t.
// Exponents are kept to base 2 as a whole number and a fraction, summed apart: the weight of step s at step t is
// 2^((ri_t + ci_s) + (rf_t + cf_s)) w_s, exact however far the decays have run; the whole numbers absorb the stabiliser of mlstm.
import { attr, ld, load4, ptr, store4 } from "../../backends/cpu/wasm/command.simd";
import { c2p1, c2p2, c2p3, c2p4, c2p5, cLow2, cOne, cRound, exp2n, flushTiny, fma, sum4 } from "../../backends/cpu/wasm/math.simd";

// Shared attributes: seqlen, chunks, Q, groups G, heads H, whether sums are normalised (mlstm), whether y gets D x (ssd).
// @ts-ignore: decorator
@inline export function seqlenOf(c: usize): i32 { return attr(c, 0); }
// @ts-ignore: decorator
@inline export function chunksOf(c: usize): i32 { return attr(c, 1); }
// @ts-ignore: decorator
@inline export function stepsOf(c: usize): i32 { return attr(c, 2); }
// @ts-ignore: decorator
@inline export function groupsOf(c: usize): i32 { return attr(c, 3); }
// @ts-ignore: decorator
@inline export function headsOf(c: usize): i32 { return attr(c, 4); }
// @ts-ignore: decorator
@inline export function isNormalised(c: usize): bool { return attr(c, 5) != 0; }
// @ts-ignore: decorator
@inline export function hasSkip(c: usize): bool { return attr(c, 6) != 0; }
// @ts-ignore: decorator
@inline export function up4(n: i32): i32 { return (n + 3) & ~3; }

/** Bytes of one chunk's gates: ri, rf, ci, cf, w, then of mlstm 1 / denominator and its sign, then bi, Q each. bi − ri is the stabiliser. */
// @ts-ignore: decorator
@inline export function gateBytes(Q: i32): usize { return <usize>(8 * Q) << 2; }
/** Bytes of one state: S, then the normaliser n. */
// @ts-ignore: decorator
@inline export function stateBytes(c: usize, N: i32, P: i32): usize { return <usize>(up4(N * P) + (isNormalised(c) ? up4(N) : 0)) << 2; }
// @ts-ignore: decorator
@inline export function gatesAt(c: usize, k: i32, b: i32, h: i32, chunk: i32): usize {
  return ptr(c, k) + <usize>((b * headsOf(c) + h) * chunksOf(c) + chunk) * gateBytes(stepsOf(c));
}
// @ts-ignore: decorator
@inline export function stateAt(c: usize, k: i32, b: i32, h: i32, chunk: i32, bytes: usize): usize {
  return ptr(c, k) + <usize>((b * headsOf(c) + h) * chunksOf(c) + chunk) * bytes;
}
// @ts-ignore: decorator
@inline export function rowAt(c: usize, k: i32, row: i32, column: i32): usize { return ptr(c, k) + <usize>row * ld(c, k) + (<usize>column << 2); }
// @ts-ignore: decorator
@inline export function exp2of(x: v128): v128 { return exp2n(x, cLow2(), cRound(), c2p5(), c2p4(), c2p3(), c2p2(), c2p1(), cOne()); }

/** to_s = 2^((ri_e + ci_s) + (rf_e + cf_s)): what is left at row e of what step s put in, w apart. */
export function leftAt(gates: usize, Q: i32, e: i32, steps: i32, to: usize): void {
  const row = <usize>Q << 2, at = <usize>e << 2;
  const ri = v128.load32_splat(gates + at), rf = v128.load32_splat(gates + row + at);
  for (let s = 0; s < steps; s += 4) {
    const o = <usize>s << 2;
    const x = f32x4.add(f32x4.add(ri, v128.load(gates + 2 * row + o)), f32x4.add(rf, v128.load(gates + 3 * row + o)));
    v128.store(to + o, exp2of(x));
  }
}
/** The stabiliser that the state before this chunk carries: 0 at first, then that of the last row before. */
function carriedOf(gates: usize, Q: i32, chunk: i32): f32 {
  if (chunk == 0) return 0;
  const before = gates - gateBytes(Q), last = <usize>(Q - 1) << 2, row = <usize>Q << 2;
  return load<f32>(before + 7 * row + last) - load<f32>(before + last);
}
/** to_t: what is left at each step of the state before the chunk. */
export function leftOfState(gates: usize, Q: i32, chunk: i32, steps: i32, to: usize): void {
  const row = <usize>Q << 2, m = f32x4.splat(carriedOf(gates, Q, chunk));
  for (let t = 0; t < steps; t += 4) {
    const o = <usize>t << 2;
    v128.store(to + o, exp2of(f32x4.add(f32x4.add(m, v128.load(gates + o)), v128.load(gates + row + o))));
  }
}
// @ts-ignore: decorator
@inline export function multiplyInto(a: usize, b: usize, n: i32, to: usize): void {
  for (let i = 0; i < n; i += 4) { const o = <usize>i << 2; v128.store(to + o, f32x4.mul(v128.load(a + o), v128.load(b + o))); }
}
/** Rows of x times a factor each. */
export function scaleRows(x: usize, ldx: usize, factor: usize, rows: i32, n: i32, to: usize, ldTo: usize): void {
  for (let r = 0; r < rows; r++, x += ldx, to += ldTo) {
    const f = v128.load32_splat(factor + (<usize>r << 2));
    for (let i = 0; i < n; i += 4) { const o = <usize>i << 2; store4(to + o, f32x4.mul(f, load4(x + o, n - i)), n - i); }
  }
}
/** Each row of y plus a factor times the row of x. */
export function addRows(x: usize, ldx: usize, factor: usize, rows: i32, n: i32, y: usize, ldy: usize): void {
  for (let r = 0; r < rows; r++, x += ldx, y += ldy) {
    const f = v128.load32_splat(factor + (<usize>r << 2));
    for (let i = 0; i < n; i += 4) { const o = <usize>i << 2; store4(y + o, fma(f, load4(x + o, n - i), load4(y + o, n - i)), n - i); }
  }
}
// @ts-ignore: decorator
@inline export function axpy(f: f32, x: usize, n: i32, y: usize): void {
  const v = f32x4.splat(f);
  for (let i = 0; i < n; i += 4) { const o = <usize>i << 2; store4(y + o, fma(v, load4(x + o, n - i), load4(y + o, n - i)), n - i); }
}
// @ts-ignore: decorator
@inline export function dot(x: usize, y: usize, n: i32): f32 {
  let s = f32x4.splat(0);
  for (let i = 0; i < n; i += 4) { const o = <usize>i << 2; s = fma(load4(x + o, n - i), load4(y + o, n - i), s); }
  return sum4(s);
}
// @ts-ignore: decorator
@inline export function sum(x: usize, n: i32): f32 {
  let s = f32x4.splat(0);
  for (let i = 0; i < n; i += 4) s = f32x4.add(s, load4(x + (<usize>i << 2), n - i));
  return sum4(s);
}
/** Of a state, or its adjoint: multiplied by the decay over a chunk. */
export function decayState(state: usize, bytes: usize, decay: f32): void {
  const d = f32x4.splat(decay);
  for (let o: usize = 0; o < bytes; o += 16) v128.store(state + o, flushTiny(f32x4.mul(d, v128.load(state + o))));
}
