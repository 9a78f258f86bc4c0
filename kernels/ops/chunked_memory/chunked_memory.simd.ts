// A matrix memory with one decay a step, in chunks of Q steps; what ssd and mlstm share (see chunked_memory.cpu.ts for the layout).
//   S_t = d_t S_{t−1} + w_t k_t v_tᵀ,  y_t = S_tᵀ q_t.
// Exponents are kept to base 2 as a whole number and a fraction, summed apart: the weight of step s at step t is
// 2^((ri_t + ci_s) + (rf_t + cf_s)) w_s, exact however far the decays have run; the whole numbers absorb the stabiliser of mlstm.
import { attr, cols, ld, load4, ptr, store4 } from "../../backends/cpu/wasm/command.simd";
import { c2p1, c2p2, c2p3, c2p4, c2p5, cLow2, cOne, cRound, exp2n, flushTiny, fma, sum4 } from "../../backends/cpu/wasm/math.simd";
import { FULL, LOWER, LOWER_RESULT, product, UPPER } from "./product.simd";

// Shared attributes: seqlen, chunks, Q, groups G, heads H, whether sums are normalised (mlstm), whether y gets D x (ssd).
// @ts-ignore: decorator
@inline function seqlenOf(c: usize): i32 { return attr(c, 0); }
// @ts-ignore: decorator
@inline function chunksOf(c: usize): i32 { return attr(c, 1); }
// @ts-ignore: decorator
@inline function stepsOf(c: usize): i32 { return attr(c, 2); }
// @ts-ignore: decorator
@inline function groupsOf(c: usize): i32 { return attr(c, 3); }
// @ts-ignore: decorator
@inline function headsOf(c: usize): i32 { return attr(c, 4); }
// @ts-ignore: decorator
@inline function isNormalised(c: usize): bool { return attr(c, 5) != 0; }
// @ts-ignore: decorator
@inline function hasSkip(c: usize): bool { return attr(c, 6) != 0; }
// @ts-ignore: decorator
@inline function up4(n: i32): i32 { return (n + 3) & ~3; }

/** Bytes of one chunk's gates: ri, rf, ci, cf, w, then of mlstm 1 / denominator and its sign, then bi, Q each. bi − ri is the stabiliser. */
// @ts-ignore: decorator
@inline export function gateBytes(Q: i32): usize { return <usize>(8 * Q) << 2; }
/** Bytes of one state: S, then the normaliser n. */
// @ts-ignore: decorator
@inline function stateBytes(c: usize, N: i32, P: i32): usize { return <usize>(up4(N * P) + (isNormalised(c) ? up4(N) : 0)) << 2; }
// @ts-ignore: decorator
@inline function gatesAt(c: usize, k: i32, b: i32, h: i32, chunk: i32): usize {
  return ptr(c, k) + <usize>((b * headsOf(c) + h) * chunksOf(c) + chunk) * gateBytes(stepsOf(c));
}
// @ts-ignore: decorator
@inline function stateAt(c: usize, k: i32, b: i32, h: i32, chunk: i32, bytes: usize): usize {
  return ptr(c, k) + <usize>((b * headsOf(c) + h) * chunksOf(c) + chunk) * bytes;
}
// @ts-ignore: decorator
@inline function rowAt(c: usize, k: i32, row: i32, column: i32): usize { return ptr(c, k) + <usize>row * ld(c, k) + (<usize>column << 2); }
// @ts-ignore: decorator
@inline function exp2of(x: v128): v128 { return exp2n(x, cLow2(), cRound(), c2p5(), c2p4(), c2p3(), c2p2(), c2p1(), cOne()); }

/** to_s = 2^((ri_e + ci_s) + (rf_e + cf_s)): what is left at row e of what step s put in, w apart. */
function leftAt(gates: usize, Q: i32, e: i32, steps: i32, to: usize): void {
  const row = <usize>Q << 2, at = <usize>e << 2;
  const ri = v128.load32_splat(gates + at), rf = v128.load32_splat(gates + row + at);
  for (let s = 0; s < steps; s += 4) {
    const o = <usize>s << 2;
    const x = f32x4.add(f32x4.add(ri, v128.load(gates + 2 * row + o)), f32x4.add(rf, v128.load(gates + 3 * row + o)));
    v128.store(to + o, exp2of(x));
  }
}
/** The stabiliser that the state before this chunk carries: 0 at first, then that of the last row before. */
function carriedOf(gates: usize, Q: i32, chunk: i32): f32 {
  if (chunk == 0) return 0;
  const before = gates - gateBytes(Q), last = <usize>(Q - 1) << 2, row = <usize>Q << 2;
  return load<f32>(before + 7 * row + last) - load<f32>(before + last);
}
/** to_t: what is left at each step of the state before the chunk. */
function leftOfState(gates: usize, Q: i32, chunk: i32, steps: i32, to: usize): void {
  const row = <usize>Q << 2, m = f32x4.splat(carriedOf(gates, Q, chunk));
  for (let t = 0; t < steps; t += 4) {
    const o = <usize>t << 2;
    v128.store(to + o, exp2of(f32x4.add(f32x4.add(m, v128.load(gates + o)), v128.load(gates + row + o))));
  }
}
// @ts-ignore: decorator
@inline function multiplyInto(a: usize, b: usize, n: i32, to: usize): void {
  for (let i = 0; i < n; i += 4) { const o = <usize>i << 2; v128.store(to + o, f32x4.mul(v128.load(a + o), v128.load(b + o))); }
}
/** Rows of x times a factor each. */
function scaleRows(x: usize, ldx: usize, factor: usize, rows: i32, n: i32, to: usize, ldTo: usize): void {
  for (let r = 0; r < rows; r++, x += ldx, to += ldTo) {
    const f = v128.load32_splat(factor + (<usize>r << 2));
    for (let i = 0; i < n; i += 4) { const o = <usize>i << 2; store4(to + o, f32x4.mul(f, load4(x + o, n - i)), n - i); }
  }
}
/** Each row of y plus a factor times the row of x. */
function addRows(x: usize, ldx: usize, factor: usize, rows: i32, n: i32, y: usize, ldy: usize): void {
  for (let r = 0; r < rows; r++, x += ldx, y += ldy) {
    const f = v128.load32_splat(factor + (<usize>r << 2));
    for (let i = 0; i < n; i += 4) { const o = <usize>i << 2; store4(y + o, fma(f, load4(x + o, n - i), load4(y + o, n - i)), n - i); }
  }
}
// @ts-ignore: decorator
@inline function axpy(f: f32, x: usize, n: i32, y: usize): void {
  const v = f32x4.splat(f);
  for (let i = 0; i < n; i += 4) { const o = <usize>i << 2; store4(y + o, fma(v, load4(x + o, n - i), load4(y + o, n - i)), n - i); }
}
// @ts-ignore: decorator
@inline function dot(x: usize, y: usize, n: i32): f32 {
  let s = f32x4.splat(0);
  for (let i = 0; i < n; i += 4) { const o = <usize>i << 2; s = fma(load4(x + o, n - i), load4(y + o, n - i), s); }
  return sum4(s);
}
// @ts-ignore: decorator
@inline function sum(x: usize, n: i32): f32 {
  let s = f32x4.splat(0);
  for (let i = 0; i < n; i += 4) s = f32x4.add(s, load4(x + (<usize>i << 2), n - i));
  return sum4(s);
}
/** Of a state, or its adjoint: multiplied by the decay over a chunk. */
function decayState(state: usize, bytes: usize, decay: f32): void {
  const d = f32x4.splat(decay);
  for (let o: usize = 0; o < bytes; o += 16) v128.store(state + o, flushTiny(f32x4.mul(d, v128.load(state + o))));
}

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
