// See cross_entropy.ts. Units are runs of SUM_ROWS rows.
import { SUM_ROWS } from "../../backends/cpu/wasm/codes";
import { cols, ld, load4, loadTail, ptr, rows, store4 } from "../../backends/cpu/wasm/command.simd";
import { exp4, log1, sum4 } from "../../backends/cpu/wasm/math.simd";

/** The largest of n floats, NaN if any is. */
function rowMax(x: usize, n: i32): f32 {
  let m = f32x4.splat(-Infinity);
  let i = 0;
  for (; i + 4 <= n; i += 4, x += 16) m = f32x4.max(m, v128.load(x));
  let best = max<f32>(max<f32>(f32x4.extract_lane(m, 0), f32x4.extract_lane(m, 1)), max<f32>(f32x4.extract_lane(m, 2), f32x4.extract_lane(m, 3)));
  for (; i < n; i++, x += 4) best = max<f32>(best, load<f32>(x));
  return best;
}

/** Operands logits, targets, nll, lse. */
export function crossEntropy(c: usize, u: i32): void {
  const n = cols(c, 0), r0 = u * SUM_ROWS, r1 = min(rows(c, 0), r0 + SUM_ROWS);
  for (let r = r0; r < r1; r++) {
    const x = ptr(c, 0) + <usize>r * ld(c, 0), target = load<i32>(ptr(c, 1) + <usize>r * ld(c, 1));
    const top = rowMax(x, n), shift = f32x4.splat(top);
    let sum = f32x4.splat(0);
    let i = 0, p = x;
    for (; i + 4 <= n; i += 4, p += 16) sum = f32x4.add(sum, exp4(f32x4.sub(v128.load(p), shift)));
    if (i < n) {
      // The lanes that are not there read −∞.
      const v = v128.bitselect(loadTail(p, n - i), f32x4.splat(-Infinity), i32x4.gt_s(i32x4.splat(n - i), i32x4(0, 1, 2, 3)));
      sum = f32x4.add(sum, exp4(f32x4.sub(v, shift)));
    }
    const log = log1(sum4(sum));
    store<f32>(ptr(c, 3) + <usize>r * ld(c, 3), top + log);
    // (top − logit) first: exact where they are close. A target outside the vocabulary must not pass unnoticed.
    const nll: f32 = target < 0 ? 0 : target < n ? (top - load<f32>(x + (<usize>target << 2))) + log : NaN;
    store<f32>(ptr(c, 2) + <usize>r * ld(c, 2), nll);
  }
}

/** Operands nll, targets, loss, count: sums in row order, in float64. */
export function crossEntropySum(c: usize): void {
  let sum: f64 = 0, count = 0;
  for (let r = 0; r < rows(c, 0); r++) {
    sum += load<f32>(ptr(c, 0) + <usize>r * ld(c, 0));
    if (load<i32>(ptr(c, 1) + <usize>r * ld(c, 1)) >= 0) count++;
  }
  store<f32>(ptr(c, 3), <f32>count);
  store<f32>(ptr(c, 2), <f32>(sum / <f64>max(count, 1)));
}

/** Operands logits, targets, lse, count, dloss, dlogits. */
export function crossEntropyGrad(c: usize, u: i32): void {
  const n = cols(c, 0), r0 = u * SUM_ROWS, r1 = min(rows(c, 0), r0 + SUM_ROWS);
  const factor = load<f32>(ptr(c, 4)) / max<f32>(load<f32>(ptr(c, 3)), 1), scale = f32x4.splat(factor);
  for (let r = r0; r < r1; r++) {
    const x = ptr(c, 0) + <usize>r * ld(c, 0), y = ptr(c, 5) + <usize>r * ld(c, 5);
    const target = load<i32>(ptr(c, 1) + <usize>r * ld(c, 1)), lse = f32x4.splat(load<f32>(ptr(c, 2) + <usize>r * ld(c, 2)));
    if (target < 0) { memory.fill(y, 0, <usize>n << 2); continue; }
    for (let i = 0; i < n; i += 4) {
      const at = <usize>i << 2;
      store4(y + at, f32x4.mul(scale, exp4(f32x4.sub(load4(x + at, n - i), lse))), n - i);
    }
    if (target < n) { const p = y + (<usize>target << 2); store<f32>(p, load<f32>(p) - factor); }
  }
}
