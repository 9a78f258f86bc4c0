// See soft_cap.ts. Units are runs of SUM_ROWS rows.
import { SUM_ROWS } from "../../backends/cpu/wasm/codes";
import { attrF, cols, ld, load4, ptr, rows, store4 } from "../../backends/cpu/wasm/command.simd";
import { tanh4 } from "../../backends/cpu/wasm/math.simd";

/** Operands x, y; attr cap. */
export function softCap(c: usize, u: i32): void {
  const n = cols(c, 0), r0 = u * SUM_ROWS, r1 = min(rows(c, 0), r0 + SUM_ROWS), cap = f32x4.splat(attrF(c, 0)), inverse = f32x4.splat(<f32>1 / attrF(c, 0));
  for (let r = <usize>r0; r < <usize>r1; r++)
    for (let i = 0; i < n; i += 4) {
      const at = <usize>i << 2, m = n - i;
      store4(ptr(c, 1) + r * ld(c, 1) + at, f32x4.mul(cap, tanh4(f32x4.mul(inverse, load4(ptr(c, 0) + r * ld(c, 0) + at, m)))), m);
    }
}

/** Operands dy, x, dx; attr cap. */
export function softCapGrad(c: usize, u: i32): void {
  const n = cols(c, 0), r0 = u * SUM_ROWS, r1 = min(rows(c, 0), r0 + SUM_ROWS), inverse = f32x4.splat(<f32>1 / attrF(c, 0)), one = f32x4.splat(1);
  for (let r = <usize>r0; r < <usize>r1; r++)
    for (let i = 0; i < n; i += 4) {
      const at = <usize>i << 2, m = n - i, t = tanh4(f32x4.mul(inverse, load4(ptr(c, 1) + r * ld(c, 1) + at, m)));
      const slope = f32x4.mul(f32x4.sub(one, t), f32x4.add(one, t));
      store4(ptr(c, 2) + r * ld(c, 2) + at, f32x4.mul(slope, load4(ptr(c, 0) + r * ld(c, 0) + at, m)), m);
    }
}
