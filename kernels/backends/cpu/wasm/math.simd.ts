// exp, log, sigmoid and softplus on four floats.
//
// Polynomials are minimax fits (exp, 2^x) and Cephes' logf; each is within a few ulp. Constants are read from memory: V8 rebuilds
// a vector constant at every use, a broadcast load is one instruction.
import { CONSTANTS } from "./codes";

// @ts-ignore: decorator
@inline function at(i: i32): v128 { return v128.load32_splat(CONSTANTS + (i << 2)); }
function put(i: i32, x: f32): void { store<f32>(CONSTANTS + (i << 2), x); }

export function initConstants(): void {
  // exp: lowest and highest argument, log2 e, rounding constant, ln 2 in two parts, polynomial
  put(0, -87.0); put(1, 88.72283); put(2, 1.44269504); put(3, 12582912.0); put(4, 0.693145752); put(5, 1.42860677e-6);
  put(6, 0.00831243067); put(7, 0.0418909883); put(8, 0.166671182); put(9, 0.499992258); put(10, 1.0);
  // 2^x: lowest argument, polynomial
  put(11, -125.0); put(12, 0.00132647272); put(13, 0.00967151281); put(14, 0.0555073374); put(15, 0.240222421); put(16, 0.693146978);
  // log: polynomial, −1/2, ln 2, √2 − 1
  put(17, 7.0376836292e-2); put(18, -1.1514610310e-1); put(19, 1.1676998740e-1); put(20, -1.2420140846e-1); put(21, 1.4249322787e-1);
  put(22, -1.6668057665e-1); put(23, 2.0000714765e-1); put(24, -2.4999993993e-1); put(25, 3.3333331174e-1); put(26, -0.5);
  put(27, 0.69314718); put(28, 0.41421356); put(29, Infinity); put(30, 1e-33); put(31, 87.0);
  // tanh: polynomial, where it ends, largest argument
  put(40, -5.70498872745e-3); put(41, 2.06390887954e-2); put(42, -5.37397155531e-2); put(43, 1.33314422036e-1); put(44, -3.33332819422e-1);
  put(45, 0.625); put(46, 20.0);
  // erfc: the factor of its argument, polynomial
  put(47, 0.3275911); put(48, 1.061405429); put(49, -1.453152027); put(50, 1.421413741); put(51, -0.284496736); put(52, 0.254829592);
}

// @ts-ignore: decorator
@inline export function fma(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}
/** c − a·b */
// @ts-ignore: decorator
@inline export function fnma(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_nmadd(a, b, c);
  return f32x4.sub(c, f32x4.mul(a, b));
}

// The constants of exp2n, to be held in locals by a loop that calls it often.
// @ts-ignore: decorator
@inline export function cLow2(): v128 { return at(11); }
// @ts-ignore: decorator
@inline export function cRound(): v128 { return at(3); }
// @ts-ignore: decorator
@inline export function c2p5(): v128 { return at(12); }
// @ts-ignore: decorator
@inline export function c2p4(): v128 { return at(13); }
// @ts-ignore: decorator
@inline export function c2p3(): v128 { return at(14); }
// @ts-ignore: decorator
@inline export function c2p2(): v128 { return at(15); }
// @ts-ignore: decorator
@inline export function c2p1(): v128 { return at(16); }
// @ts-ignore: decorator
@inline export function cOne(): v128 { return at(10); }
// @ts-ignore: decorator
@inline export function cLog2e(): v128 { return at(2); }

/** 2^x for x ≤ 127; below −125 it stays at 2^−125. NaN stays NaN. */
// @ts-ignore: decorator
@inline export function exp2n(x: v128, low: v128, round: v128, p5: v128, p4: v128, p3: v128, p2: v128, p1: v128, one: v128): v128 {
  x = f32x4.pmax(x, low);
  const t = f32x4.add(x, round);
  const r = f32x4.sub(x, f32x4.sub(t, round));
  let p = fma(p5, r, p4);
  p = fma(p, r, p3);
  p = fma(p, r, p2);
  p = fma(p, r, p1);
  p = fma(p, r, one);
  return i32x4.add(p, i32x4.shl(t, 23));
}

/** e^x for −87 ≤ x ≤ 88.7: exact, never zero, never infinite. NaN stays NaN; anything else outside is the caller's business. */
// @ts-ignore: decorator
@inline function expInside(x: v128): v128 {
  const t = fma(x, at(2), at(3));
  const n = f32x4.sub(t, at(3));
  let r = fnma(n, at(4), x);
  r = fnma(n, at(5), r);
  let p = fma(at(6), r, at(7));
  p = fma(p, r, at(8));
  p = fma(p, r, at(9));
  p = fma(p, r, at(10));
  p = fma(p, r, at(10));
  return i32x4.add(p, i32x4.shl(t, 23));
}

/** e^x: 0 below −87 (no denormals), ∞ above 88.72, NaN for NaN. */
// @ts-ignore: decorator
@inline export function exp4(x: v128): v128 {
  const y = v128.andnot(expInside(f32x4.pmin(f32x4.pmax(x, at(0)), at(1))), f32x4.lt(x, at(0)));
  return v128.bitselect(at(29), y, f32x4.gt(x, at(1)));
}

/** log(1 + f) for √½ − 1 ≤ f ≤ √2 − 1. */
// @ts-ignore: decorator
@inline function logPolynomial(f: v128): v128 {
  let q = fma(at(17), f, at(18));
  q = fma(q, f, at(19)); q = fma(q, f, at(20)); q = fma(q, f, at(21)); q = fma(q, f, at(22));
  q = fma(q, f, at(23)); q = fma(q, f, at(24)); q = fma(q, f, at(25));
  const f2 = f32x4.mul(f, f);
  return f32x4.add(f, fma(q, f32x4.mul(f, f2), f32x4.mul(at(26), f2)));
}

/** log(1 + x) for 0 ≤ x ≤ 1. */
// @ts-ignore: decorator
@inline function log1p01(x: v128): v128 {
  const big = f32x4.gt(x, at(28));
  const f = v128.bitselect(f32x4.mul(f32x4.sub(at(10), x), at(26)), x, big);
  return f32x4.add(logPolynomial(f), v128.and(big, at(27)));
}

/** log x for one positive normal x (∞ and NaN pass through). */
export function log1(x: f32): f32 {
  if (!(x < Infinity)) return x;
  const bits = reinterpret<i32>(x);
  let e = (bits >> 23) - 127;
  let m = reinterpret<f32>((bits & 0x7fffff) | 0x3f800000);
  if (m > 1.41421356) { m *= 0.5; e += 1; }
  return f32x4.extract_lane(logPolynomial(f32x4.splat(m - 1)), 0) + <f32>e * <f32>0.69314718;
}

/** 1 / (1 + e^−x) with |x| held to 87. */
// @ts-ignore: decorator
@inline export function sigmoid4(x: v128): v128 {
  x = f32x4.pmin(f32x4.pmax(x, at(0)), at(31));
  return f32x4.div(at(10), f32x4.add(at(10), expInside(f32x4.neg(x))));
}
/** e^x for x ≤ 88, held above e^−87. NaN stays NaN. */
// @ts-ignore: decorator
@inline export function expBelow(x: v128): v128 { return expInside(f32x4.pmax(x, at(0))); }
/** e^−|x| held above e^−87, from which softplus and its derivative both follow. */
// @ts-ignore: decorator
@inline export function expNegAbs(x: v128): v128 { return expInside(f32x4.pmax(f32x4.neg(f32x4.abs(x)), at(0))); }
/** log(1 + e^x) given t = e^−|x|. */
// @ts-ignore: decorator
@inline export function softplusOf(x: v128, t: v128): v128 { return f32x4.add(f32x4.max(x, f32x4.splat(0)), log1p01(t)); }
/** σ(x) given t = e^−|x|. */
// @ts-ignore: decorator
@inline export function sigmoidOf(x: v128, t: v128): v128 {
  const one = at(10);
  return f32x4.div(v128.bitselect(t, one, f32x4.lt(x, f32x4.splat(0))), f32x4.add(one, t));
}
/** tanh x: Cephes' polynomial near zero, 1 − 2 / (e^2|x| + 1) beyond. */
// @ts-ignore: decorator
@inline export function tanh4(x: v128): v128 {
  const a = f32x4.abs(x), s = f32x4.mul(x, x);
  let p = fma(at(40), s, at(41));
  p = fma(p, s, at(42)); p = fma(p, s, at(43)); p = fma(p, s, at(44));
  const e = f32x4.pmin(a, at(46));
  const t = f32x4.add(expInside(f32x4.add(e, e)), at(10));
  const large = f32x4.sub(at(10), f32x4.div(f32x4.splat(2), t));
  return v128.bitselect(fma(f32x4.mul(x, s), p, x), v128.or(large, v128.and(x, i32x4.splat(0x80000000))), f32x4.lt(a, at(45)));
}
/** erfc z for z ≥ 0 given e = e^(−z²) (Abramowitz & Stegun 7.1.26, error at most 1.5e-7). */
// @ts-ignore: decorator
@inline export function erfcTail(z: v128, e: v128): v128 {
  const t = f32x4.div(at(10), fma(at(47), z, at(10)));
  let p = fma(at(48), t, at(49));
  p = fma(p, t, at(50)); p = fma(p, t, at(51)); p = fma(p, t, at(52));
  return f32x4.mul(f32x4.mul(e, t), p);
}
/** Values too small to matter, which would decay into slow denormals, become zero. NaN stays. */
// @ts-ignore: decorator
@inline export function flushTiny(x: v128): v128 { return v128.andnot(x, f32x4.lt(f32x4.abs(x), at(30))); }
/** Sum of the four lanes. */
// @ts-ignore: decorator
@inline export function sum4(v: v128): f32 {
  return (f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1)) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3));
}
