// The gates of mlstm, their gradients, and one step. The rest is in ../chunked_memory.
import { attr, attrF, cols, gather4, ld, load4, ptr, scatter4, store4 } from "../../backends/cpu/wasm/command.simd";
import { cLog2e, exp4, expNegAbs, fma, fnma, sigmoidOf, softplusOf, sum4 } from "../../backends/cpu/wasm/math.simd";
import { gateBytes } from "../chunked_memory/memory.simd";

const LOWEST: f32 = -1000;

/** Column h of operand k at four rows from `row` on, of which n are there. */
// @ts-ignore: decorator
@inline function column(c: usize, k: i32, h: i32, row: i32, n: i32): v128 {
  return gather4(ptr(c, k) + <usize>row * ld(c, k) + (<usize>h << 2), ld(c, k), n);
}

/**
 * Operands i, f, gates; attrs seqlen, chunks, Q, heads, 1/√dqk. A unit is one head of one sequence. The stabiliser of a step is a whole
 * power of two at least as large as the largest term: bi + max(what the state carries, max over s of ⌈i_s − b_s⌉).
 */
export function mlstmGates(c: usize, u: i32): void {
  const seqlen = attr(c, 0), chunks = attr(c, 1), Q = attr(c, 2), H = attr(c, 3), b = u / H, h = u % H, row = <usize>Q << 2;
  const scale = f32x4.splat(attrF(c, 4)), ln2 = f32x4.splat(0.693359375), ln2Rest = f32x4.splat(-2.12194440e-4);
  let gates = ptr(c, 2) + <usize>(u * chunks) * gateBytes(Q);
  memory.fill(gates, 0, <usize>chunks * gateBytes(Q));
  let carried: f32 = 0;
  for (let chunk = 0; chunk < chunks; chunk++, gates += gateBytes(Q)) {
    const steps = min(Q, seqlen - chunk * Q), first = b * seqlen + chunk * Q;
    for (let t = 0; t < steps; t += 4) {
      const left = steps - t, o = <usize>t << 2;
      const negative = f32x4.neg(column(c, 1, h, first + t, left));
      const forget = f32x4.neg(f32x4.mul(softplusOf(negative, expNegAbs(negative)), cLog2e()));
      store4(gates + row + o, f32x4.max(forget, f32x4.splat(LOWEST)), left);
      // i to base 2, its whole part and its fraction: i − n ln 2 with ln 2 in two parts.
      const x = column(c, 0, h, first + t, left), n = f32x4.floor(f32x4.mul(x, cLog2e()));
      store4(gates + 2 * row + o, n, left);
      store4(gates + 3 * row + o, f32x4.mul(fnma(n, ln2Rest, fnma(n, ln2, x)), cLog2e()), left);
      store4(gates + 4 * row + o, scale, left);
    }
    let whole: f32 = 0, part: f32 = 0, most = carried;
    for (let t = 0; t < steps; t++) {
      const o = <usize>t << 2;
      part += load<f32>(gates + row + o);
      const carry = floor<f32>(part);
      whole += carry; part -= carry;
      const ci = load<f32>(gates + 2 * row + o) - whole, cf = load<f32>(gates + 3 * row + o) - part;
      most = max(most, ci + ceil<f32>(cf));
      store<f32>(gates + o, -most); store<f32>(gates + row + o, part);
      store<f32>(gates + 2 * row + o, ci); store<f32>(gates + 3 * row + o, cf);
      store<f32>(gates + 7 * row + o, whole);
    }
    carried = whole + most;
  }
}

/** Operands f, gates, rows, di, df; attrs as above. */
export function mlstmGateGrad(c: usize, u: i32): void {
  const seqlen = attr(c, 0), chunks = attr(c, 1), Q = attr(c, 2), H = attr(c, 3), b = u / H, h = u % H;
  const length = <usize>(chunks * Q) << 2, scale = f32x4.splat(attrF(c, 4)), da = ptr(c, 2) + <usize>(4 * u + 1) * length, dw = da + length;
  for (let t = 0; t < seqlen; t += 4) {
    const left = seqlen - t, o = <usize>t << 2, row = b * seqlen + t;
    const negative = f32x4.neg(column(c, 0, h, row, left));
    scatter4(ptr(c, 3) + <usize>row * ld(c, 3) + (<usize>h << 2), ld(c, 3), f32x4.mul(scale, load4(dw + o, left)), left);
    const df = f32x4.mul(sigmoidOf(negative, expNegAbs(negative)), load4(da + o, left));
    scatter4(ptr(c, 4) + <usize>row * ld(c, 4) + (<usize>h << 2), ld(c, 4), df, left);
  }
}

/** Operands q, k, v, i, f, C, n, m, h; attr 4 1/√dqk. A unit is one head of one sequence. */
export function mlstmStep(c: usize, u: i32): void {
  const H = cols(c, 3), N = cols(c, 0) / H, P = cols(c, 2) / H, b = u / H, h = u % H;
  const negative = f32x4.neg(column(c, 4, h, b, 1)), pm = ptr(c, 7) + <usize>b * ld(c, 7) + (<usize>h << 2);
  const forget = f32x4.extract_lane(softplusOf(negative, expNegAbs(negative)), 0), before = load<f32>(pm) - forget;
  const input = f32x4.extract_lane(column(c, 3, h, b, 1), 0), m = max(before, input);
  const exps = exp4(f32x4(before - m, input - m, -m, 0));
  const kept = f32x4.splat(f32x4.extract_lane(exps, 0)), added = f32x4.extract_lane(exps, 1) * attrF(c, 4);
  store<f32>(pm, m);
  const q = ptr(c, 0) + <usize>b * ld(c, 0) + (<usize>(h * N) << 2), k = ptr(c, 1) + <usize>b * ld(c, 1) + (<usize>(h * N) << 2);
  const v = ptr(c, 2) + <usize>b * ld(c, 2) + (<usize>(h * P) << 2), y = ptr(c, 8) + <usize>b * ld(c, 8) + (<usize>(h * P) << 2);
  const n = ptr(c, 6) + <usize>b * ld(c, 6) + (<usize>(h * N) << 2);
  let C = ptr(c, 5) + <usize>b * ld(c, 5) + (<usize>(h * N * P) << 2), total = f32x4.splat(0);
  for (let d = 0; d < N; d += 4) {
    const o = <usize>d << 2, left = N - d, next = fma(kept, load4(n + o, left), f32x4.mul(f32x4.splat(added), load4(k + o, left)));
    store4(n + o, next, left);
    total = fma(next, load4(q + o, left), total);
  }
  const inverse = f32x4.splat(<f32>1 / max(abs(sum4(total)), f32x4.extract_lane(exps, 2)));
  memory.fill(y, 0, <usize>P << 2);
  for (let d = 0; d < N; d++, C += <usize>P << 2) {
    const into = f32x4.splat(added * load<f32>(k + (<usize>d << 2))), take = f32x4.mul(inverse, v128.load32_splat(q + (<usize>d << 2)));
    for (let p = 0; p < P; p += 4) {
      const o = <usize>p << 2, left = P - p, next = fma(kept, load4(C + o, left), f32x4.mul(into, load4(v + o, left)));
      store4(C + o, next, left);
      store4(y + o, fma(take, next, load4(y + o, left)), left);
    }
  }
}
