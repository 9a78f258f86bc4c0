// See quantile_loss.ts. Units are runs of SUM_ROWS rows. Sums in float64, as in mse.simd.ts, whose last step adds up the parts.
import { SUM_ROWS } from "../../backends/cpu/wasm/codes";
import { attr, attrF, cols, ld, load4, ptr, rows, store4 } from "../../backends/cpu/wasm/command.simd";

/** The four lanes added in float64. */
// @ts-ignore: decorator
@inline function wide(v: v128): v128 {
  return f64x2.add(f64x2.promote_low_f32x4(v), f64x2.promote_low_f32x4(v128.shuffle<i32>(v, v, 2, 3, 2, 3)));
}

/** Operands pred, target, weight, parts; attrs number of quantiles, their levels. */
export function quantileLoss(c: usize, u: i32): void {
  const quantiles = attr(c, 0), n = cols(c, 1), r0 = u * SUM_ROWS, r1 = min(rows(c, 1), r0 + SUM_ROWS);
  let sum = f64x2.splat(0), total = f64x2.splat(0);
  for (let r = r0; r < r1; r++) {
    const t = ptr(c, 1) + <usize>r * ld(c, 1), w = ptr(c, 2) + <usize>r * ld(c, 2);
    for (let k = 0; k < quantiles; k++) {
      const p = ptr(c, 0) + <usize>r * ld(c, 0) + (<usize>(k * n) << 2), up = f32x4.splat(attrF(c, 1 + k)), down = f32x4.splat(attrF(c, 1 + k) - 1);
      for (let i = 0; i < n; i += 4) {
        const at = <usize>i << 2, e = f32x4.sub(load4(t + at, n - i), load4(p + at, n - i)), weight = load4(w + at, n - i);
        sum = f64x2.add(sum, wide(f32x4.mul(weight, f32x4.max(f32x4.mul(up, e), f32x4.mul(down, e)))));
        if (k == 0) total = f64x2.add(total, wide(weight));
      }
    }
  }
  const part = ptr(c, 3) + (<usize>u << 4);
  store<f64>(part, (f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1)) * (2 / <f64>quantiles));
  store<f64>(part, f64x2.extract_lane(total, 0) + f64x2.extract_lane(total, 1), 8);
}

/** Operands pred, target, weight, count, dloss, dpred; attrs as above. */
export function quantileLossGrad(c: usize, u: i32): void {
  const quantiles = attr(c, 0), n = cols(c, 1), r0 = u * SUM_ROWS, r1 = min(rows(c, 1), r0 + SUM_ROWS), zero = f32x4.splat(0);
  const scale = f32x4.splat(2 * load<f32>(ptr(c, 4)) / (<f32>quantiles * max<f32>(load<f32>(ptr(c, 3)), 1e-12)));
  for (let r = r0; r < r1; r++) {
    const t = ptr(c, 1) + <usize>r * ld(c, 1), w = ptr(c, 2) + <usize>r * ld(c, 2);
    for (let k = 0; k < quantiles; k++) {
      const skip = <usize>(k * n) << 2, p = ptr(c, 0) + <usize>r * ld(c, 0) + skip, y = ptr(c, 5) + <usize>r * ld(c, 5) + skip;
      const below = f32x4.splat(-attrF(c, 1 + k)), above = f32x4.splat(1 - attrF(c, 1 + k));
      for (let i = 0; i < n; i += 4) {
        const at = <usize>i << 2, m = n - i, e = f32x4.sub(load4(t + at, m), load4(p + at, m));
        const slope = v128.or(v128.and(below, f32x4.gt(e, zero)), v128.and(above, f32x4.lt(e, zero)));
        store4(y + at, f32x4.mul(f32x4.mul(scale, load4(w + at, m)), slope), m);
      }
    }
  }
}
