// add, mul, copy, fill, neg_exp, mse_grad: one walk over rows, or over flat ranges where all operands are contiguous.
import { ADD, COPY, FILL, FLAT_UNIT, MSE_GRAD, MUL, NEG_EXP } from "./codes";
import { attr, attrF, cols, ld, load4, ptr, rows, store4 } from "./command.simd";
import { exp4 } from "./math.simd";

function addRow(a: usize, b: usize, y: usize, n: i32): void {
  let i = 0;
  for (; i + 8 <= n; i += 8, a += 32, b += 32, y += 32) {
    const s = f32x4.add(v128.load(a), v128.load(b)), t = f32x4.add(v128.load(a, 16), v128.load(b, 16));
    v128.store(y, s); v128.store(y, t, 16);
  }
  for (; i < n; i += 4, a += 16, b += 16, y += 16) store4(y, f32x4.add(load4(a, n - i), load4(b, n - i)), n - i);
}
function mulRow(a: usize, b: usize, y: usize, n: i32): void {
  let i = 0;
  for (; i + 8 <= n; i += 8, a += 32, b += 32, y += 32) {
    const s = f32x4.mul(v128.load(a), v128.load(b)), t = f32x4.mul(v128.load(a, 16), v128.load(b, 16));
    v128.store(y, s); v128.store(y, t, 16);
  }
  for (; i < n; i += 4, a += 16, b += 16, y += 16) store4(y, f32x4.mul(load4(a, n - i), load4(b, n - i)), n - i);
}
function fillRow(y: usize, v: v128, n: i32): void {
  for (let i = 0; i < n; i += 4, y += 16) store4(y, v, n - i);
}
function negExpRow(a: usize, y: usize, n: i32): void {
  for (let i = 0; i < n; i += 4, a += 16, y += 16) store4(y, f32x4.neg(exp4(load4(a, n - i))), n - i);
}
/** y = scale · w (p − t) */
function mseGradRow(p: usize, t: usize, w: usize, y: usize, scale: v128, n: i32): void {
  for (let i = 0; i < n; i += 4, p += 16, t += 16, w += 16, y += 16)
    store4(y, f32x4.mul(f32x4.mul(scale, load4(w, n - i)), f32x4.sub(load4(p, n - i), load4(t, n - i))), n - i);
}

/** attrs: flat (1: every operand is one contiguous row), rows per unit, value. The last operand is the output. */
export function elementwise(c: usize, kernel: i32, u: i32): void {
  const out = kernel == FILL ? 0 : kernel == COPY || kernel == NEG_EXP ? 1 : kernel == MSE_GRAD ? 3 : 2;
  let n = cols(c, out), r0 = 0, r1 = 1;
  let skip: usize = 0;
  if (attr(c, 0)) {
    const total = rows(c, out) * n;
    n = min(FLAT_UNIT, total - u * FLAT_UNIT);
    skip = <usize>u * (FLAT_UNIT << 2);
  } else {
    r0 = u * attr(c, 1);
    r1 = min(rows(c, out), r0 + attr(c, 1));
  }
  let scale: f32 = 0;
  if (kernel == MSE_GRAD) scale = 2 * load<f32>(ptr(c, 5)) / max<f32>(load<f32>(ptr(c, 4)), 1e-12);
  for (let r = r0; r < r1; r++) {
    const y = ptr(c, out) + <usize>r * ld(c, out) + skip;
    if (kernel == FILL) { fillRow(y, f32x4.splat(attrF(c, 2)), n); continue; }
    const a = ptr(c, 0) + <usize>r * ld(c, 0) + skip;
    if (kernel == COPY) memory.copy(y, a, <usize>n << 2);
    else if (kernel == NEG_EXP) negExpRow(a, y, n);
    else {
      const b = ptr(c, 1) + <usize>r * ld(c, 1) + skip;
      if (kernel == ADD) addRow(a, b, y, n);
      else if (kernel == MUL) mulRow(a, b, y, n);
      else mseGradRow(a, b, ptr(c, 2) + <usize>r * ld(c, 2) + skip, y, f32x4.splat(scale), n);
    }
  }
}
