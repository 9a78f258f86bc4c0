// See activation.ts and ../glu/glu.ts: one walk for both and their gradients.
import { ACTIVATION, ACTIVATION_GRAD, FLAT_UNIT, GLU, GLU_GRAD } from "../../backends/cpu/wasm/codes";
import { attr, cols, ld, load4, ptr, rows, store4, store8 } from "../../backends/cpu/wasm/command.simd";
import { erfcTail, expBelow, expNegAbs, fma, sigmoid4, sigmoidOf, softplusOf, tanh4 } from "../../backends/cpu/wasm/math.simd";

// @ts-ignore: decorator
@inline function k(x: f32): v128 { return f32x4.splat(x); }
/** Φ(x), the normal distribution function, given e^(−x²/2). */
// @ts-ignore: decorator
@inline function normal(x: v128, e: v128): v128 {
  const half = f32x4.mul(k(0.5), erfcTail(f32x4.mul(f32x4.abs(x), k(0.70710678)), e));
  return v128.bitselect(half, f32x4.sub(k(1), half), f32x4.lt(x, k(0)));
}
// @ts-ignore: decorator
@inline function bell(x: v128): v128 { return expBelow(f32x4.mul(k(-0.5), f32x4.mul(x, x))); }
/** tanh(√(2/π) (x + 0.044715 x³)) */
// @ts-ignore: decorator
@inline function innerTanh(x: v128): v128 {
  return tanh4(f32x4.mul(x, fma(f32x4.mul(x, x), k(0.0356774081), k(0.79788456))));
}

// `kind` is a constant where these are inlined, so each row loop holds one function only.
// @ts-ignore: decorator
@inline function f(x: v128, kind: i32): v128 {
  if (kind == 0) return f32x4.mul(x, sigmoid4(x));
  if (kind == 1) return f32x4.mul(x, normal(x, bell(x)));
  if (kind == 2) return f32x4.mul(f32x4.mul(k(0.5), x), f32x4.add(k(1), innerTanh(x)));
  if (kind == 3) return sigmoid4(x);
  if (kind == 4) return softplusOf(x, expNegAbs(x));
  if (kind == 5) return tanh4(x);
  return f32x4.pmax(x, k(0));
}
// @ts-ignore: decorator
@inline function slope(x: v128, kind: i32): v128 {
  if (kind == 0) { const s = sigmoid4(x); return f32x4.mul(s, fma(x, f32x4.sub(k(1), s), k(1))); }
  if (kind == 1) { const e = bell(x); return fma(f32x4.mul(x, e), k(0.39894228), normal(x, e)); }
  if (kind == 2) {
    const t = innerTanh(x), rise = fma(f32x4.mul(x, x), k(0.107032224), k(0.79788456));
    return f32x4.mul(k(0.5), f32x4.add(f32x4.add(k(1), t), f32x4.mul(f32x4.mul(x, rise), f32x4.mul(f32x4.sub(k(1), t), f32x4.add(k(1), t)))));
  }
  if (kind == 3) { const s = sigmoid4(x); return f32x4.mul(s, f32x4.sub(k(1), s)); }
  if (kind == 4) return sigmoidOf(x, expNegAbs(x));
  if (kind == 5) { const t = tanh4(x); return f32x4.mul(f32x4.sub(k(1), t), f32x4.add(k(1), t)); }
  return v128.and(k(1), f32x4.gt(x, k(0)));
}

// @ts-ignore: decorator
@inline function rowOf(op: i32, kind: i32, p: usize, q: usize, s: usize, y: usize, z: usize, n: i32): void {
  for (let i = 0; i < n; i += 4) {
    const at = <usize>i << 2, m = n - i;
    if (op == ACTIVATION) store4(y + at, f(load4(p + at, m), kind), m);
    else if (op == ACTIVATION_GRAD) store4(y + at, f32x4.mul(load4(p + at, m), slope(load4(q + at, m), kind)), m);
    else if (op == GLU) store4(y + at, f32x4.mul(load4(p + at, m), f(load4(q + at, m), kind)), m);
    else {
      const dy = load4(p + at, m), b = load4(s + at, m);
      store4(z + at, f32x4.mul(f32x4.mul(dy, load4(q + at, m)), slope(b, kind)), m);
      store4(y + at, f32x4.mul(dy, f(b, kind)), m);
    }
  }
}
// @ts-ignore: decorator
@inline function byKind(op: i32, kind: i32, p: usize, q: usize, s: usize, y: usize, z: usize, n: i32): void {
  switch (kind) {
    case 0: rowOf(op, 0, p, q, s, y, z, n); break;
    case 1: rowOf(op, 1, p, q, s, y, z, n); break;
    case 2: rowOf(op, 2, p, q, s, y, z, n); break;
    case 3: rowOf(op, 3, p, q, s, y, z, n); break;
    case 4: rowOf(op, 4, p, q, s, y, z, n); break;
    case 5: rowOf(op, 5, p, q, s, y, z, n); break;
    default: rowOf(op, 6, p, q, s, y, z, n);
  }
}

// What networks of many units use, SiLU and GELU, on pairs of vectors (backends/cpu/wide.ts): n rounded down to eights.
function activationsSilu(p: usize, y: usize, n: i32): void {
  for (; n >= 8; n -= 8, p += 32, y += 32) { const a = f(v128.load(p), 0), b = f(v128.load(p, 16), 0); store8(y, a, b); }
}
function slopesSilu(p: usize, q: usize, y: usize, n: i32): void {
  for (; n >= 8; n -= 8, p += 32, q += 32, y += 32) {
    const a = f32x4.mul(v128.load(p), slope(v128.load(q), 0)), b = f32x4.mul(v128.load(p, 16), slope(v128.load(q, 16), 0));
    store8(y, a, b);
  }
}
function gatedSilu(p: usize, q: usize, y: usize, n: i32): void {
  for (; n >= 8; n -= 8, p += 32, q += 32, y += 32) {
    const a = f32x4.mul(v128.load(p), f(v128.load(q), 0)), b = f32x4.mul(v128.load(p, 16), f(v128.load(q, 16), 0));
    store8(y, a, b);
  }
}
function gatedGradsSilu(p: usize, q: usize, s: usize, y: usize, z: usize, n: i32): void {
  for (; n >= 8; n -= 8, p += 32, q += 32, s += 32, y += 32, z += 32) {
    const dy0 = v128.load(p), dy1 = v128.load(p, 16), a0 = v128.load(q), a1 = v128.load(q, 16), b0 = v128.load(s), b1 = v128.load(s, 16);
    const z0 = f32x4.mul(f32x4.mul(dy0, a0), slope(b0, 0)), z1 = f32x4.mul(f32x4.mul(dy1, a1), slope(b1, 0));
    const y0 = f32x4.mul(dy0, f(b0, 0)), y1 = f32x4.mul(dy1, f(b1, 0));
    store8(z, z0, z1);
    store8(y, y0, y1);
  }
}
function activationsGelu(p: usize, y: usize, n: i32): void {
  for (; n >= 8; n -= 8, p += 32, y += 32) { const a = f(v128.load(p), 1), b = f(v128.load(p, 16), 1); store8(y, a, b); }
}
function slopesGelu(p: usize, q: usize, y: usize, n: i32): void {
  for (; n >= 8; n -= 8, p += 32, q += 32, y += 32) {
    const a = f32x4.mul(v128.load(p), slope(v128.load(q), 1)), b = f32x4.mul(v128.load(p, 16), slope(v128.load(q, 16), 1));
    store8(y, a, b);
  }
}
function gatedGelu(p: usize, q: usize, y: usize, n: i32): void {
  for (; n >= 8; n -= 8, p += 32, q += 32, y += 32) {
    const a = f32x4.mul(v128.load(p), f(v128.load(q), 1)), b = f32x4.mul(v128.load(p, 16), f(v128.load(q, 16), 1));
    store8(y, a, b);
  }
}
function gatedGradsGelu(p: usize, q: usize, s: usize, y: usize, z: usize, n: i32): void {
  for (; n >= 8; n -= 8, p += 32, q += 32, s += 32, y += 32, z += 32) {
    const dy0 = v128.load(p), dy1 = v128.load(p, 16), a0 = v128.load(q), a1 = v128.load(q, 16), b0 = v128.load(s), b1 = v128.load(s, 16);
    const z0 = f32x4.mul(f32x4.mul(dy0, a0), slope(b0, 1)), z1 = f32x4.mul(f32x4.mul(dy1, a1), slope(b1, 1));
    const y0 = f32x4.mul(dy0, f(b0, 1)), y1 = f32x4.mul(dy1, f(b1, 1));
    store8(z, z0, z1);
    store8(y, y0, y1);
  }
}
function byEights(op: i32, kind: i32, p: usize, q: usize, s: usize, y: usize, z: usize, n: i32): void {
  if (op == ACTIVATION) { if (kind) activationsGelu(p, y, n); else activationsSilu(p, y, n); }
  else if (op == ACTIVATION_GRAD) { if (kind) slopesGelu(p, q, y, n); else slopesSilu(p, q, y, n); }
  else if (op == GLU) { if (kind) gatedGelu(p, q, y, n); else gatedSilu(p, q, y, n); }
  else if (kind) gatedGradsGelu(p, q, s, y, z, n);
  else gatedGradsSilu(p, q, s, y, z, n);
}

/** Operands: activation x, y · activation_grad dy, x, dx · glu a, b, y · glu_grad dy, a, b, da, db. attrs flat, rows per unit, kind. */
export function activation(c: usize, op: i32, u: i32): void {
  const inputs = op == ACTIVATION ? 1 : op == GLU_GRAD ? 3 : 2;
  let n = cols(c, 0), r0 = 0, r1 = 1;
  let skip: usize = 0;
  if (attr(c, 0)) {
    const total = rows(c, 0) * n;
    n = min(FLAT_UNIT, total - u * FLAT_UNIT);
    skip = <usize>u * (FLAT_UNIT << 2);
  } else {
    r0 = u * attr(c, 1);
    r1 = min(rows(c, 0), r0 + attr(c, 1));
  }
  const kind = attr(c, 2);
  for (let r = r0; r < r1; r++) {
    let p = ptr(c, 0) + <usize>r * ld(c, 0) + skip, left = n;
    let q = inputs > 1 ? ptr(c, 1) + <usize>r * ld(c, 1) + skip : 0;
    let s = inputs > 2 ? ptr(c, 2) + <usize>r * ld(c, 2) + skip : 0;
    let y = ptr(c, inputs) + <usize>r * ld(c, inputs) + skip;
    let z = op == GLU_GRAD ? ptr(c, 4) + <usize>r * ld(c, 4) + skip : 0;
    if (kind < 2) {
      byEights(op, kind, p, q, s, y, z, n);
      const done = <usize>(n & ~7) << 2;
      left = n & 7; p += done; q += done; s += done; y += done; z += done;
    }
    if (op == ACTIVATION) byKind(ACTIVATION, kind, p, q, s, y, 0, left);
    else if (op == ACTIVATION_GRAD) byKind(ACTIVATION_GRAD, kind, p, q, s, y, 0, left);
    else if (op == GLU) byKind(GLU, kind, p, q, s, y, 0, left);
    else byKind(GLU_GRAD, kind, p, q, s, y, z, left);
  }
}
