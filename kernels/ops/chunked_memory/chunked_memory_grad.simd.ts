// The backward pass of a matrix memory in chunks; see chunked_memory.simd.ts.
import { cols, ld, ptr } from "../../backends/cpu/wasm/command.simd";
import { fma } from "../../backends/cpu/wasm/math.simd";
import {
  addRows, axpy, chunksOf, decayState, dot, exp2of, gatesAt, groupsOf, hasSkip, headsOf, isNormalised, leftAt, leftOfState,
  multiplyInto, rowAt, scaleRows, seqlenOf, stateAt, stateBytes, stepsOf, up4,
} from "./memory.simd";
import { FULL, LOWER, LOWER_RESULT, product, UPPER } from "./product.simd";

/** Of the rows of one head, Q·chunks each: the gradient of ⟨q, n⟩, of the logarithm of the decay, of w, and ⟨dy, v⟩. */
// @ts-ignore: decorator
@inline function rowsAt(c: usize, k: i32, b: i32, h: i32, which: i32): usize {
  return ptr(c, k) + (<usize>(((b * headsOf(c) + h) * 4 + which) * chunksOf(c) * stepsOf(c)) << 2);
}

/**
 * Operands q, dy, y, gates, states, adjoints, rows, crossing. A unit is one head of one sequence, from its end: adjoints[chunk] is the
 * adjoint of the state after the chunk; crossing[chunk] is what passes from before the chunk to behind it.
 */
export function memoryAdjoints(c: usize, u: i32, local: usize): void {
  const Q = stepsOf(c), H = headsOf(c), chunks = chunksOf(c), seqlen = seqlenOf(c), N = cols(c, 0) / groupsOf(c), P = cols(c, 1) / H;
  const b = u / H, h = u % H, g = h / (H / groupsOf(c)), bytes = stateBytes(c, N, P), n = <usize>up4(N * P) << 2, ldN = <usize>up4(N) << 2;
  const left = local, factor = left + (<usize>Q << 2), Qs = factor + (<usize>Q << 2), pack = Qs + <usize>Q * ldN, dqn0 = rowsAt(c, 6, b, h, 0);
  let dS = stateAt(c, 5, b, h, chunks - 1, bytes);
  memory.fill(dS, 0, bytes);
  for (let chunk = chunks - 1; chunk >= 0; chunk--, dS -= bytes) {
    const row = b * seqlen + chunk * Q, steps = min(Q, seqlen - chunk * Q), gates = gatesAt(c, 3, b, h, chunk), dqn = dqn0 + (<usize>(chunk * Q) << 2);
    leftOfState(gates, Q, chunk, steps, left);
    const decay = load<f32>(left + (<usize>(steps - 1) << 2));
    store<f32>(ptr(c, 7) + (<usize>(u * chunks + chunk) << 2), decay * dot(stateAt(c, 4, b, h, chunk, bytes), dS, <i32>(bytes >> 2)));
    if (isNormalised(c)) {
      const inverse = gates + (<usize>(5 * Q) << 2);
      for (let t = 0; t < steps; t++) {
        const at = <usize>t << 2, dn = -load<f32>(inverse + (<usize>Q << 2) + at) * load<f32>(inverse + at);
        store<f32>(dqn + at, dn == 0 ? 0 : dn * dot(rowAt(c, 1, row + t, h * P), rowAt(c, 2, row + t, h * P), P));
      }
      multiplyInto(left, inverse, up4(steps), factor);
    } else memory.copy(factor, left, <usize>Q << 2);
    if (chunk == 0) break;
    const before = dS - bytes;
    memory.copy(before, dS, bytes);
    decayState(before, bytes, decay);
    const q = rowAt(c, 0, row, g * N);
    scaleRows(q, ld(c, 0), factor, steps, N, Qs, ldN);
    product(Qs, ldN, 1, rowAt(c, 1, row, h * P), ld(c, 1), 0, N, P, steps, before, <usize>P << 2, true, FULL, pack);
    if (isNormalised(c)) for (let t = 0; t < steps; t++) {
      const at = <usize>t << 2;
      axpy(load<f32>(left + at) * load<f32>(dqn + at), q + <usize>t * ld(c, 0), N, before + n);
    }
  }
}

/**
 * Row t of the intra-chunk gradient: with e_s = 2^(…), g_s = (dP_s + dqn) e_s and m_s = cb_s g_s w_s: W_s = cb_s e_s w_s, dCB_s += g_s w_s,
 * given_s += m_s / w_s (the diagonal too), and what passes from s or before to t: crossed_s += Σ_{i ≤ s} m_i for s < t.
 */
function gradRow(cb: usize, dP: usize, gates: usize, Q: i32, t: i32, steps: i32, dqn: f32, W: usize, dCB: usize, given: usize, crossed: usize): void {
  const row = <usize>Q << 2, at = <usize>t << 2, w0 = gates + 4 * row;
  const ri = v128.load32_splat(gates + at), rf = v128.load32_splat(gates + row + at), last = i32x4.splat(t), zero = f32x4.splat(0), extra = f32x4.splat(dqn);
  let carry = zero;
  for (let s = 0; s < steps; s += 4) {
    const o = <usize>s << 2;
    if (s > t) { v128.store(W + o, zero); continue; }
    const x = f32x4.add(f32x4.add(ri, v128.load(gates + 2 * row + o)), f32x4.add(rf, v128.load(gates + 3 * row + o)));
    const index = i32x4.add(i32x4(0, 1, 2, 3), i32x4.splat(s)), beyond = i32x4.gt_s(index, last);
    const e = v128.andnot(exp2of(x), beyond), w = v128.load(w0 + o);
    const cbs = v128.andnot(v128.load(cb + o), beyond), grad = f32x4.mul(v128.andnot(f32x4.add(v128.load(dP + o), extra), beyond), e);
    v128.store(W + o, f32x4.mul(f32x4.mul(cbs, w), e));
    v128.store(dCB + o, fma(grad, w, v128.load(dCB + o)));
    const both = f32x4.mul(cbs, grad);
    v128.store(given + o, f32x4.add(v128.load(given + o), both));
    let sums = f32x4.mul(both, w);
    sums = f32x4.add(sums, v128.shuffle<i32>(zero, sums, 0, 4, 5, 6));
    sums = f32x4.add(f32x4.add(sums, v128.shuffle<i32>(zero, sums, 0, 1, 4, 5)), carry);
    carry = v128.shuffle<i32>(sums, sums, 3, 3, 3, 3);
    v128.store(crossed + o, f32x4.add(v128.load(crossed + o), v128.and(sums, i32x4.lt_s(index, last))));
  }
}

/**
 * Operands q, k, v, dy, D, gates, states, adjoints, rows, crossing, dq, dk, dv. A unit is a chunk of one group of one sequence. The
 * gradient of log d_t is what passes from before t to t or later. It is summed from just that: across the whole chunk, from before the
 * chunk to each row, from each row to behind the chunk, from row to row. (The shorter sum of q dq − k dk loses its digits in differences.)
 */
export function memoryGrad(c: usize, u: i32, local: usize): void {
  const Q = stepsOf(c), G = groupsOf(c), H = headsOf(c), chunks = chunksOf(c), N = cols(c, 0) / G, P = cols(c, 2) / H;
  const g = u % G, chunk = (u / G) % chunks, b = u / G / chunks, bytes = stateBytes(c, N, P), n = <usize>up4(N * P) << 2;
  const row = b * seqlenOf(c) + chunk * Q, steps = min(Q, seqlenOf(c) - chunk * Q);
  const ldQ = <usize>Q << 2, ldN = <usize>up4(N) << 2, ldP = <usize>up4(P) << 2, square = <usize>Q * ldQ;
  const left = local, weight = left + ldQ, entering = weight + ldQ, leaving = entering + ldQ, given = leaving + ldQ, crossed = given + ldQ;
  const CB = crossed + ldQ, dCB = CB + square, dP = dCB + square, W = dP + square;
  const X = W + square, Y = X + <usize>Q * ldN, pack = Y + <usize>Q * ldP;
  const q = rowAt(c, 0, row, g * N), k = rowAt(c, 1, row, g * N), dq = rowAt(c, 10, row, g * N), dk = rowAt(c, 11, row, g * N);
  product(q, ld(c, 0), 0, k, ld(c, 1), 1, steps, steps, N, CB, ldQ, false, LOWER_RESULT, pack);
  memory.fill(dCB, 0, square);
  for (let t = 0; t < steps; t++) { memory.fill(dq + <usize>t * ld(c, 10), 0, <usize>N << 2); memory.fill(dk + <usize>t * ld(c, 11), 0, <usize>N << 2); }
  for (let h = g * (H / G); h < (g + 1) * (H / G); h++) {
    const gates = gatesAt(c, 5, b, h, chunk), v = rowAt(c, 2, row, h * P), dv = rowAt(c, 12, row, h * P);
    const S = stateAt(c, 6, b, h, chunk, bytes), dS = stateAt(c, 7, b, h, chunk, bytes), skip = <usize>(chunk * Q) << 2;
    const dqn = rowsAt(c, 8, b, h, 0) + skip, da = rowsAt(c, 8, b, h, 1) + skip, dw = rowsAt(c, 8, b, h, 2) + skip, own = rowsAt(c, 8, b, h, 3) + skip;
    let dy = rowAt(c, 3, row, h * P), ldDy = ld(c, 3);
    if (isNormalised(c)) { scaleRows(dy, ldDy, gates + 5 * ldQ, steps, P, Y, ldP); dy = Y; ldDy = ldP; }
    product(dy, ldDy, 0, v, ld(c, 2), 1, steps, steps, P, dP, ldQ, false, LOWER_RESULT, pack);
    for (let t = 0; t < steps; t++) store<f32>(own + (<usize>t << 2), load<f32>(dP + <usize>t * (ldQ + 4)));
    memory.fill(entering, 0, 4 * ldQ);
    for (let t = 0; t < steps; t++) {
      const at = <usize>t << 2, to = <usize>t * ldQ;
      const extra: f32 = isNormalised(c) ? load<f32>(dqn + at) : 0;
      gradRow(CB + to, dP + to, gates, Q, t, up4(steps), extra, W + to, dCB + to, given, crossed);
    }
    product(W, ldQ, 1, dy, ldDy, 0, steps, P, steps, dv, ld(c, 12), false, UPPER, pack);
    if (hasSkip(c)) {
      const D = load<f32>(ptr(c, 4) + (<usize>h << 2));
      for (let t = 0; t < steps; t++) axpy(D, dy + <usize>t * ldDy, P, dv + <usize>t * ld(c, 12));
    }
    if (chunk + 1 < chunks) {
      leftAt(gates, Q, steps - 1, up4(steps), left);
      multiplyInto(left, gates + 4 * ldQ, up4(steps), weight);
      // What v is to the state's adjoint: dk, and with k what each step gives to later chunks.
      product(v, ld(c, 2), 0, dS, <usize>P << 2, 1, steps, N, P, X, ldN, false, FULL, pack);
      for (let s = 0; s < steps; s++) {
        const at = <usize>s << 2, x = X + <usize>s * ldN;
        if (isNormalised(c)) axpy(1, dS + n, N, x);
        const kdS = dot(k + <usize>s * ld(c, 1), x, N);
        store<f32>(leaving + at, load<f32>(weight + at) * kdS);
        store<f32>(given + at, load<f32>(given + at) + load<f32>(left + at) * kdS);
      }
      addRows(X, ldN, weight, steps, N, dk, ld(c, 11));
      scaleRows(k, ld(c, 1), weight, steps, N, X, ldN);
      product(X, ldN, 0, dS, <usize>P << 2, 0, steps, P, N, dv, ld(c, 12), true, FULL, pack);
    }
    if (chunk) {
      leftOfState(gates, Q, chunk, steps, left);
      product(dy, ldDy, 0, S, <usize>P << 2, 1, steps, N, P, X, ldN, false, FULL, pack);
      for (let t = 0; t < steps; t++) {
        const at = <usize>t << 2, x = X + <usize>t * ldN;
        if (isNormalised(c)) axpy(load<f32>(dqn + at), S + n, N, x);
        store<f32>(entering + at, load<f32>(left + at) * dot(q + <usize>t * ld(c, 0), x, N));
      }
      addRows(X, ldN, left, steps, N, dq, ld(c, 10));
    }
    let passing = load<f32>(ptr(c, 9) + (<usize>((b * H + h) * chunks + chunk) << 2));
    for (let t = steps - 1; t >= 0; t--) {
      passing += load<f32>(entering + (<usize>t << 2));
      store<f32>(da + (<usize>t << 2), passing);
    }
    let before: f32 = 0;
    for (let t = 0; t < steps; t++) {
      const at = <usize>t << 2;
      store<f32>(da + at, load<f32>(da + at) + before + (t ? load<f32>(crossed + at - 4) : <f32>0));
      before += load<f32>(leaving + at);
    }
    memory.copy(dw, given, <usize>steps << 2);
  }
  product(dCB, ldQ, 0, k, ld(c, 1), 0, steps, N, steps, dq, ld(c, 10), true, LOWER, pack);
  product(dCB, ldQ, 1, q, ld(c, 0), 0, steps, N, steps, dk, ld(c, 11), true, UPPER, pack);
}
