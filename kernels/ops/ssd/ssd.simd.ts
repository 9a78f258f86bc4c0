// The gates of ssd, their gradients, and one step. The rest is in ../chunked_memory.
import { attr, cols, gather4, ld, load4, ptr, scatter4, store4 } from "../../backends/cpu/wasm/command.simd";
import { cLog2e, exp4, expNegAbs, fma, sigmoidOf, softplusOf, sum4 } from "../../backends/cpu/wasm/math.simd";
import { gateBytes } from "../chunked_memory/memory.simd";

/** Below this a decay is zero in f32; the bound keeps sums of whole numbers exact. */
const LOWEST: f32 = -1000;

/** dt + dt_bias of head h at four rows from `row` on, of which n are there. */
function rawOf(c: usize, dt: i32, bias: i32, h: i32, row: i32, n: i32): v128 {
  const raw = gather4(ptr(c, dt) + <usize>row * ld(c, dt) + (<usize>h << 2), ld(c, dt), n);
  return f32x4.add(raw, v128.load32_splat(ptr(c, bias) + (<usize>h << 2)));
}

/** Operands dt, A, dt_bias, gates; attrs seqlen, chunks, Q, heads. A unit is one head of one sequence. */
export function ssdGates(c: usize, u: i32): void {
  const seqlen = attr(c, 0), chunks = attr(c, 1), Q = attr(c, 2), H = attr(c, 3), b = u / H, h = u % H, row = <usize>Q << 2;
  const rate = f32x4.mul(v128.load32_splat(ptr(c, 1) + (<usize>h << 2)), cLog2e());
  let gates = ptr(c, 3) + <usize>(u * chunks) * gateBytes(Q);
  memory.fill(gates, 0, <usize>chunks * gateBytes(Q));
  for (let chunk = 0; chunk < chunks; chunk++, gates += gateBytes(Q)) {
    const steps = min(Q, seqlen - chunk * Q), first = b * seqlen + chunk * Q;
    for (let t = 0; t < steps; t += 4) {
      const raw = rawOf(c, 0, 2, h, first + t, steps - t), step = softplusOf(raw, expNegAbs(raw)), o = <usize>t << 2;
      store4(gates + 4 * row + o, step, steps - t);
      store4(gates + row + o, f32x4.max(f32x4.mul(step, rate), f32x4.splat(LOWEST)), steps - t);
    }
    let whole: f32 = 0, part: f32 = 0;
    for (let t = 0; t < steps; t++) {
      const o = <usize>t << 2;
      part += load<f32>(gates + row + o);
      const carry = floor<f32>(part);
      whole += carry; part -= carry;
      store<f32>(gates + o, whole); store<f32>(gates + row + o, part);
      store<f32>(gates + 2 * row + o, -whole); store<f32>(gates + 3 * row + o, -part);
      store<f32>(gates + 7 * row + o, whole);
    }
  }
}

/** Operands dt, A, dt_bias, gates, rows, ddt, parts; attrs as above, then batch. parts: dA, dD, ddt_bias, each (batch, H). */
export function ssdGateGrad(c: usize, u: i32): void {
  const seqlen = attr(c, 0), chunks = attr(c, 1), Q = attr(c, 2), H = attr(c, 3), batch = attr(c, 4), b = u / H, h = u % H;
  const length = <usize>(chunks * Q) << 2, A = v128.load32_splat(ptr(c, 1) + (<usize>h << 2));
  const da = ptr(c, 4) + <usize>(4 * u + 1) * length, dw = da + length, own = dw + length;
  let dA = f32x4.splat(0), dD = dA, dbias = dA;
  for (let chunk = 0; chunk < chunks; chunk++) {
    const steps = min(Q, seqlen - chunk * Q), first = b * seqlen + chunk * Q, gates = ptr(c, 3) + <usize>(u * chunks + chunk) * gateBytes(Q);
    for (let t = 0; t < steps; t += 4) {
      const left = steps - t, o = <usize>t << 2, at = (<usize>(chunk * Q) << 2) + o;
      const raw = rawOf(c, 0, 2, h, first + t, left), decay = load4(da + at, left);
      const draw = f32x4.mul(fma(A, decay, load4(dw + at, left)), sigmoidOf(raw, expNegAbs(raw)));
      dA = fma(decay, load4(gates + (<usize>(4 * Q) << 2) + o, left), dA);
      dD = f32x4.add(dD, load4(own + at, left));
      // Lanes behind the end are zero: their da and dw are.
      dbias = f32x4.add(dbias, draw);
      scatter4(ptr(c, 5) + <usize>(first + t) * ld(c, 5) + (<usize>h << 2), ld(c, 5), draw, left);
    }
  }
  const parts = ptr(c, 6) + (<usize>u << 2), each = <usize>(batch * H) << 2;
  store<f32>(parts, sum4(dA)); store<f32>(parts + each, sum4(dD)); store<f32>(parts + 2 * each, sum4(dbias));
}

/** Operands x, dt, A, B, C, D, dt_bias, state, y; attr groups. A unit is one head of one sequence. */
export function ssdStep(c: usize, u: i32): void {
  const H = cols(c, 1), G = attr(c, 0), P = cols(c, 0) / H, N = cols(c, 3) / G, b = u / H, h = u % H, g = h / (H / G);
  const raw = rawOf(c, 1, 6, h, b, 1), step4 = softplusOf(raw, expNegAbs(raw)), step = f32x4.extract_lane(step4, 0);
  const decay = f32x4.splat(f32x4.extract_lane(exp4(f32x4.mul(step4, v128.load32_splat(ptr(c, 2) + (<usize>h << 2)))), 0));
  const B = ptr(c, 3) + <usize>b * ld(c, 3) + (<usize>(g * N) << 2), C = ptr(c, 4) + <usize>b * ld(c, 4) + (<usize>(g * N) << 2);
  const x = ptr(c, 0) + <usize>b * ld(c, 0) + (<usize>(h * P) << 2), y = ptr(c, 8) + <usize>b * ld(c, 8) + (<usize>(h * P) << 2);
  let S = ptr(c, 7) + <usize>b * ld(c, 7) + (<usize>(h * P * N) << 2);
  const D = load<f32>(ptr(c, 5) + (<usize>h << 2));
  for (let p = 0; p < P; p++, S += <usize>N << 2) {
    const xp = load<f32>(x + (<usize>p << 2)), in4 = f32x4.splat(step * xp);
    let sum = f32x4.splat(0);
    for (let n = 0; n < N; n += 4) {
      const o = <usize>n << 2, left = N - n, next = fma(decay, load4(S + o, left), f32x4.mul(in4, load4(B + o, left)));
      store4(S + o, next, left);
      sum = fma(load4(C + o, left), next, sum);
    }
    store<f32>(y + (<usize>p << 2), D * xp + sum4(sum));
  }
}
