// See skip_gate.ts. Units are runs of SUM_ROWS rows.
import { SUM_ROWS } from "../../backends/cpu/wasm/codes";
import { cols, ld, load4, ptr, rows, store4 } from "../../backends/cpu/wasm/command.simd";
import { fma, sigmoid4 } from "../../backends/cpu/wasm/math.simd";

/** Operands a, c, skip, z, y. */
export function skipGate(c: usize, u: i32): void {
  const n = cols(c, 0), r0 = u * SUM_ROWS, r1 = min(rows(c, 0), r0 + SUM_ROWS), skip = ptr(c, 2);
  for (let r = <usize>r0; r < <usize>r1; r++) {
    const a = ptr(c, 0) + r * ld(c, 0), b = ptr(c, 1) + r * ld(c, 1), z = ptr(c, 3) + r * ld(c, 3), y = ptr(c, 4) + r * ld(c, 4);
    for (let i = 0; i < n; i += 4) {
      const at = <usize>i << 2, m = n - i, gate = load4(z + at, m);
      store4(y + at, f32x4.mul(fma(load4(skip + at, m), load4(b + at, m), load4(a + at, m)), f32x4.mul(gate, sigmoid4(gate))), m);
    }
  }
}

/** Operands dy, a, c, skip, z, da, dc, dz, parts. parts[u] is this run's dskip. */
export function skipGateGrad(c: usize, u: i32): void {
  const n = cols(c, 0), r0 = u * SUM_ROWS, r1 = min(rows(c, 0), r0 + SUM_ROWS), skip = ptr(c, 3), parts = ptr(c, 8) + (<usize>(u * n) << 2);
  memory.fill(parts, 0, <usize>n << 2);
  for (let r = <usize>r0; r < <usize>r1; r++) {
    const dy = ptr(c, 0) + r * ld(c, 0), a = ptr(c, 1) + r * ld(c, 1), b = ptr(c, 2) + r * ld(c, 2), z = ptr(c, 4) + r * ld(c, 4);
    const da = ptr(c, 5) + r * ld(c, 5), dc = ptr(c, 6) + r * ld(c, 6), dz = ptr(c, 7) + r * ld(c, 7);
    for (let i = 0; i < n; i += 4) {
      const at = <usize>i << 2, m = n - i, g = load4(dy + at, m), gate = load4(z + at, m), k = load4(skip + at, m), x = load4(b + at, m);
      const s = sigmoid4(gate), one = f32x4.splat(1), through = f32x4.mul(g, f32x4.mul(gate, s));
      store4(dz + at, f32x4.mul(f32x4.mul(g, fma(k, x, load4(a + at, m))), f32x4.mul(s, fma(gate, f32x4.sub(one, s), one))), m);
      store4(da + at, through, m);
      store4(dc + at, f32x4.mul(through, k), m);
      store4(parts + at, fma(through, x, load4(parts + at, m)), m);
    }
  }
}
