// See selective_scan_step.ts.
import { cols, ld, load4, loadTail, ptr, store4, storeTail } from "../../backends/cpu/wasm/command.simd";
import {
  c2p1, c2p2, c2p3, c2p4, c2p5, cLog2e, cLow2, cOne, cRound, exp2n, expNegAbs, flushTiny, fma, sigmoid4, softplusOf, sum4,
} from "../../backends/cpu/wasm/math.simd";

/** Operands u, delta, A, B, C, D, z, delta_bias, state, y. Four states a vector; a unit is one sequence. */
export function selectiveScanStep(c: usize, b: i32, local: usize): void {
  const d_inner = cols(c, 0), N = cols(c, 2), row = <usize>b;
  const low = cLow2(), round = cRound(), p5 = c2p5(), p4 = c2p4(), p3 = c2p3(), p2 = c2p2(), p1 = c2p1(), one = cOne();
  const B = ptr(c, 3) + row * ld(c, 3), C = ptr(c, 4) + row * ld(c, 4);
  for (let d = 0; d < d_inner; d += 4) {
    const left = min(4, d_inner - d), at = <usize>d << 2;
    const raw = f32x4.add(load4(ptr(c, 1) + row * ld(c, 1) + at, left), load4(ptr(c, 7) + at, left));
    const step = softplusOf(raw, expNegAbs(raw)), x = load4(ptr(c, 0) + row * ld(c, 0) + at, left);
    const z = load4(ptr(c, 6) + row * ld(c, 6) + at, left);
    v128.store(local, f32x4.mul(step, cLog2e()));
    v128.store(local, f32x4.mul(step, x), 16);
    for (let k = 0; k < left; k++) {
      const step2 = v128.load32_splat(local + (<usize>k << 2)), dx = v128.load32_splat(local + (<usize>k << 2), 16);
      const A = ptr(c, 2) + <usize>(d + k) * ld(c, 2), h = ptr(c, 8) + row * ld(c, 8) + (<usize>((d + k) * N) << 2);
      let sum = f32x4.splat(0);
      let n = 0;
      for (; n + 4 <= N; n += 4) {
        const i = <usize>n << 2;
        const e = exp2n(f32x4.mul(step2, v128.load(A + i)), low, round, p5, p4, p3, p2, p1, one);
        const next = flushTiny(fma(e, v128.load(h + i), f32x4.mul(dx, v128.load(B + i))));
        v128.store(h + i, next);
        sum = fma(next, v128.load(C + i), sum);
      }
      if (n < N) {
        const i = <usize>n << 2, rest = N - n;
        const e = exp2n(f32x4.mul(step2, loadTail(A + i, rest)), low, round, p5, p4, p3, p2, p1, one);
        const next = flushTiny(fma(e, loadTail(h + i, rest), f32x4.mul(dx, loadTail(B + i, rest))));
        storeTail(h + i, next, rest);
        sum = fma(next, loadTail(C + i, rest), sum);
      }
      store<f32>(local + 32 + (<usize>k << 2), sum4(sum));
    }
    const y = fma(load4(ptr(c, 5) + at, left), x, v128.load(local, 32));
    store4(ptr(c, 9) + row * ld(c, 9) + at, f32x4.mul(y, f32x4.mul(z, sigmoid4(z))), left);
  }
}
