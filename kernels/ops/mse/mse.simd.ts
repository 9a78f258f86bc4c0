// See mse.ts. Sums in float64: parts of (Σ weight · error², Σ weight) per run of rows, then in order.
import { SUM_ROWS } from "../../backends/cpu/wasm/codes";
import { attr, cols, ld, load4, ptr, rows } from "../../backends/cpu/wasm/command.simd";

/** Operands pred, target, weight, parts. */
export function mse(c: usize, u: i32): void {
  const n = cols(c, 0), r0 = u * SUM_ROWS, r1 = min(rows(c, 0), r0 + SUM_ROWS);
  let sum = f64x2.splat(0), total = f64x2.splat(0);
  for (let r = r0; r < r1; r++) {
    const p = ptr(c, 0) + <usize>r * ld(c, 0), t = ptr(c, 1) + <usize>r * ld(c, 1), w = ptr(c, 2) + <usize>r * ld(c, 2);
    for (let i = 0; i < n; i += 4) {
      const at = <usize>i << 2;
      const weight = load4(w + at, n - i), error = f32x4.sub(load4(p + at, n - i), load4(t + at, n - i));
      const square = f32x4.mul(weight, f32x4.mul(error, error));
      sum = f64x2.add(sum, f64x2.add(f64x2.promote_low_f32x4(square), f64x2.promote_low_f32x4(v128.shuffle<i32>(square, square, 2, 3, 2, 3))));
      total = f64x2.add(total, f64x2.add(f64x2.promote_low_f32x4(weight), f64x2.promote_low_f32x4(v128.shuffle<i32>(weight, weight, 2, 3, 2, 3))));
    }
  }
  const part = ptr(c, 3) + (<usize>u << 4);
  store<f64>(part, f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1));
  store<f64>(part, f64x2.extract_lane(total, 0) + f64x2.extract_lane(total, 1), 8);
}

/** Operands parts, loss, count; attrs number of parts. */
export function mseSum(c: usize): void {
  let sum: f64 = 0, total: f64 = 0;
  for (let k = 0; k < attr(c, 0); k++) {
    sum += load<f64>(ptr(c, 0) + (<usize>k << 4));
    total += load<f64>(ptr(c, 0) + (<usize>k << 4), 8);
  }
  store<f32>(ptr(c, 2), <f32>total);
  store<f32>(ptr(c, 1), <f32>(sum / max<f64>(total, 1e-12)));
}
