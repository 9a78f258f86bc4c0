// Sums over partial results, in a fixed order.
import { FLAT_UNIT } from "./codes";
import { attr, cols, ld, load4, ptr, rows, store4 } from "./command.simd";

/**
 * out[r][c] = Σ_k part[k][r·cols + c]: attrs number of parts, elements from part to part, rows per unit (0: units are column ranges
 * of 256 of a single row). Operands: parts, out.
 */
export function sumParts(c: usize, u: i32): void {
  const parts = attr(c, 0), step = <usize>attr(c, 1) << 2, perUnit = attr(c, 2);
  let n = cols(c, 1), r0 = 0, r1 = 1;
  let skip: usize = 0;
  if (perUnit == 0) { skip = <usize>u * 1024; n = min(256, n - u * 256); }
  else { r0 = u * perUnit; r1 = min(rows(c, 1), r0 + perUnit); }
  for (let r = r0; r < r1; r++) {
    const y = ptr(c, 1) + <usize>r * ld(c, 1) + skip;
    const x = ptr(c, 0) + ((<usize>r * cols(c, 1)) << 2) + skip;
    for (let i = 0; i < n; i += 4) {
      let p = x + (<usize>i << 2);
      let sum = load4(p, n - i);
      for (let k = 1; k < parts; k++) { p += step; sum = f32x4.add(sum, load4(p, n - i)); }
      store4(y + (<usize>i << 2), sum, n - i);
    }
  }
}

/** Part u of Σ x² in float64: a range of a flat x, or a run of rows. attrs flat, rows per unit. Operands: x, parts. */
export function squareSum(c: usize, u: i32): void {
  let n = cols(c, 0), r0 = 0, r1 = 1;
  let skip: usize = 0;
  if (attr(c, 0)) { const total = rows(c, 0) * n; n = min(FLAT_UNIT, total - u * FLAT_UNIT); skip = <usize>u * (FLAT_UNIT << 2); }
  else { r0 = u * attr(c, 1); r1 = min(rows(c, 0), r0 + attr(c, 1)); }
  let s = f64x2.splat(0), t = f64x2.splat(0);
  for (let r = r0; r < r1; r++) {
    let x = ptr(c, 0) + <usize>r * ld(c, 0) + skip;
    for (let i = 0; i < n; i += 4, x += 16) {
      const v = load4(x, n - i);
      const lo = f64x2.promote_low_f32x4(v), hi = f64x2.promote_low_f32x4(v128.shuffle<i32>(v, v, 2, 3, 2, 3));
      s = f64x2.add(s, f64x2.mul(lo, lo)); t = f64x2.add(t, f64x2.mul(hi, hi));
    }
  }
  s = f64x2.add(s, t);
  store<f64>(ptr(c, 1) + (<usize>u << 3), f64x2.extract_lane(s, 0) + f64x2.extract_lane(s, 1));
}
/** √ of the sum of the parts. attrs number of parts. Operands: parts, out. */
export function normSum(c: usize): void {
  let sum: f64 = 0;
  for (let k = 0; k < attr(c, 0); k++) sum += load<f64>(ptr(c, 0) + (<usize>k << 3));
  store<f32>(ptr(c, 1), <f32>Math.sqrt(sum));
}
