// The forward pass of a matrix memory with one decay a step, in chunks of Q steps; what ssd and mlstm share.
import { cols, ld, load4, ptr, store4 } from "../../backends/cpu/wasm/command.simd";
import {
  axpy, chunksOf, decayState, dot, exp2of, gatesAt, groupsOf, hasSkip, headsOf, isNormalised, leftAt, leftOfState, multiplyInto, rowAt,
  scaleRows, seqlenOf, stateAt, stateBytes, stepsOf, sum, up4,
} from "./memory.simd";
import { FULL, LOWER, LOWER_RESULT, product } from "./product.simd";

/** Operands k, v, gates, states. A unit is one head of one sequence: states[chunk] is the state before each chunk. */
export function memoryStates(c: usize, u: i32, local: usize): void {
  const Q = stepsOf(c), H = headsOf(c), chunks = chunksOf(c), seqlen = seqlenOf(c), N = cols(c, 0) / groupsOf(c), P = cols(c, 1) / H;
  const b = u / H, h = u % H, g = h / (H / groupsOf(c)), bytes = stateBytes(c, N, P), n = <usize>up4(N * P) << 2;
  const left = local, weight = left + (<usize>Q << 2), Kw = weight + (<usize>Q << 2), pack = Kw + (<usize>(Q * up4(N)) << 2);
  let S = stateAt(c, 3, b, h, 0, bytes);
  memory.fill(S, 0, bytes);
  for (let chunk = 0; chunk + 1 < chunks; chunk++, S += bytes) {
    const row = b * seqlen + chunk * Q, gates = gatesAt(c, 2, b, h, chunk), next = S + bytes, ldK = <usize>up4(N) << 2;
    leftAt(gates, Q, Q - 1, Q, left);
    multiplyInto(left, gates + (<usize>(4 * Q) << 2), Q, weight);
    leftOfState(gates, Q, chunk, Q, left);
    scaleRows(rowAt(c, 0, row, g * N), ld(c, 0), weight, Q, N, Kw, ldK);
    memory.copy(next, S, bytes);
    decayState(next, bytes, load<f32>(left + (<usize>(Q - 1) << 2)));
    product(Kw, ldK, 1, rowAt(c, 1, row, h * P), ld(c, 1), 0, N, P, Q, next, <usize>P << 2, true, FULL, pack);
    if (isNormalised(c)) for (let s = 0; s < Q; s++) axpy(1, Kw + <usize>s * ldK, N, next + n);
  }
}

/** Row t of the weights: cb_s 2^(…) w_s for s ≤ t, 0 beyond. */
function weighRow(cb: usize, gates: usize, Q: i32, t: i32, steps: i32, to: usize): void {
  const row = <usize>Q << 2, at = <usize>t << 2, w = gates + 4 * row;
  const ri = v128.load32_splat(gates + at), rf = v128.load32_splat(gates + row + at), last = i32x4.splat(t), zero = f32x4.splat(0);
  let lane = i32x4(0, 1, 2, 3);
  for (let s = 0; s < steps; s += 4) {
    const o = <usize>s << 2;
    if (s > t) { v128.store(to + o, zero); continue; }
    const x = f32x4.add(f32x4.add(ri, v128.load(gates + 2 * row + o)), f32x4.add(rf, v128.load(gates + 3 * row + o)));
    const y = f32x4.mul(f32x4.mul(v128.load(cb + o), v128.load(w + o)), exp2of(x));
    v128.store(to + o, v128.andnot(y, i32x4.gt_s(i32x4.add(lane, i32x4.splat(s)), last)));
  }
}

/** Operands q, k, v, D, gates, states, y. A unit is a chunk of one group of one sequence. */
export function memoryOutputs(c: usize, u: i32, local: usize): void {
  const Q = stepsOf(c), G = groupsOf(c), H = headsOf(c), chunks = chunksOf(c), N = cols(c, 0) / G, P = cols(c, 2) / H;
  const g = u % G, chunk = (u / G) % chunks, b = u / G / chunks, bytes = stateBytes(c, N, P), n = <usize>up4(N * P) << 2;
  const row = b * seqlenOf(c) + chunk * Q, steps = min(Q, seqlenOf(c) - chunk * Q), ldQ = <usize>Q << 2, ldN = <usize>up4(N) << 2;
  const left = local, CB = left + ldQ, W = CB + <usize>Q * ldQ, Qs = W + <usize>Q * ldQ, pack = Qs + <usize>Q * ldN;
  const q = rowAt(c, 0, row, g * N), k = rowAt(c, 1, row, g * N);
  product(q, ld(c, 0), 0, k, ld(c, 1), 1, steps, steps, N, CB, ldQ, false, LOWER_RESULT, pack);
  for (let h = g * (H / G); h < (g + 1) * (H / G); h++) {
    const gates = gatesAt(c, 4, b, h, chunk), v = rowAt(c, 2, row, h * P), y = rowAt(c, 6, row, h * P), S = stateAt(c, 5, b, h, chunk, bytes);
    for (let t = 0; t < steps; t++) weighRow(CB + <usize>t * ldQ, gates, Q, t, up4(steps), W + <usize>t * ldQ);
    product(W, ldQ, 0, v, ld(c, 2), 0, steps, P, steps, y, ld(c, 6), false, LOWER, pack);
    if (chunk) {
      leftOfState(gates, Q, chunk, steps, left);
      scaleRows(q, ld(c, 0), left, steps, N, Qs, ldN);
      product(Qs, ldN, 0, S, <usize>P << 2, 0, steps, P, N, y, ld(c, 6), true, FULL, pack);
    }
    if (hasSkip(c)) {
      const D = load<f32>(ptr(c, 3) + (<usize>h << 2));
      for (let t = 0; t < steps; t++) axpy(D, v + <usize>t * ld(c, 2), P, y + <usize>t * ld(c, 6));
    }
    if (isNormalised(c)) for (let t = 0; t < steps; t++) {
      const at = <usize>t << 2, total = sum(W + <usize>t * ldQ, up4(t + 1)) + (chunk ? dot(Qs + <usize>t * ldN, S + n, N) : <f32>0);
      const floor = f32x4.extract_lane(exp2of(f32x4.splat(min(<f32>126, load<f32>(gates + at) - load<f32>(gates + 7 * ldQ + at)))), 0);
      const inverse: f32 = <f32>1 / max(abs(total), floor);
      store<f32>(gates + 5 * ldQ + at, inverse);
      store<f32>(gates + 6 * ldQ + at, abs(total) > floor ? (total > 0 ? <f32>1 : <f32>-1) : 0);
      const yt = y + <usize>t * ld(c, 6), f = f32x4.splat(inverse);
      for (let p = 0; p < P; p += 4) { const o = <usize>p << 2; store4(yt + o, f32x4.mul(f, load4(yt + o, P - p)), P - p); }
    }
  }
}
