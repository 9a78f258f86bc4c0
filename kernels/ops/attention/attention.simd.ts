// See attention.ts: flash attention in blocks of QUERIES × KEYS that stay in the first cache.
import { ATTENTION_KEYS as KEYS, ATTENTION_QUERIES as QUERIES } from "../../backends/cpu/wasm/codes";
import { attr, attrF, cols, gather4, ld, load4, ptr, rows, store4, store8 } from "../../backends/cpu/wasm/command.simd";
import {
  c2p1, c2p2, c2p3, c2p4, c2p5, cLow2, cOne, cRound, exp2n, exp4, fma, log1, sum4,
} from "../../backends/cpu/wasm/math.simd";
import { product } from "./product.simd";

const LOG2E: f32 = 1.44269504;
const LN2: f32 = 0.69314718;
const MASKED: f32 = -1e30;

/** 2^x, zero below −125. */
// @ts-ignore: decorator
@inline function power(x: v128): v128 {
  return v128.andnot(exp2n(x, cLow2(), cRound(), c2p5(), c2p4(), c2p3(), c2p2(), c2p1(), cOne()), f32x4.lt(x, cLow2()));
}
// @ts-ignore: decorator
@inline function max4(v: v128): f32 {
  return max(max(f32x4.extract_lane(v, 0), f32x4.extract_lane(v, 1)), max(f32x4.extract_lane(v, 2), f32x4.extract_lane(v, 3)));
}

/** out[d][j] = m[j][d] for `count` rows of d columns; the rest of KEYS is zero. */
function pack(m: usize, step: usize, count: i32, d: i32, out: usize): void {
  for (let c = 0; c < d; c++)
    for (let j = 0; j < KEYS; j += 4)
      v128.store(
        out + (<usize>(c * KEYS + j) << 2),
        j < count ? gather4(m + <usize>j * step + (<usize>c << 2), step, min(4, count - j)) : f32x4.splat(0),
      );
}

/** Keys first ≤ j < end that query i sees. */
// @ts-ignore: decorator
@inline function firstKey(i: i32, window: i32): i32 { return window ? max(0, i - window + 1) : 0; }
// @ts-ignore: decorator
@inline function endKey(i: i32, window: i32, causal: i32, seqlen: i32): i32 {
  return causal ? i + 1 : window ? min(seqlen, i + window) : seqlen;
}

/** The scores of one row become 2^(score · scale + away), zero below 2^−125; their sum. */
function powers(row: usize, scale: v128, away: v128): f32 {
  const low = cLow2(), turn = cRound(), p5 = c2p5(), p4 = c2p4(), p3 = c2p3(), p2 = c2p2(), p1 = c2p1(), one = cOne();
  let sum0 = f32x4.splat(0), sum1 = sum0;
  for (let end = row + (KEYS << 2); row < end; row += 32) {
    const x0 = fma(v128.load(row), scale, away), x1 = fma(v128.load(row, 16), scale, away);
    const e0 = v128.andnot(exp2n(x0, low, turn, p5, p4, p3, p2, p1, one), f32x4.lt(x0, low));
    const e1 = v128.andnot(exp2n(x1, low, turn, p5, p4, p3, p2, p1, one), f32x4.lt(x1, low));
    sum0 = f32x4.add(sum0, e0); sum1 = f32x4.add(sum1, e1);
    store8(row, e0, e1);
  }
  return sum4(f32x4.add(sum0, sum1));
}

/** Sets the scores of one row that its query does not see: columns outside [first, end). */
function mask(row: usize, first: i32, end: i32, value: f32): void {
  for (let j = 0; j < min(first, KEYS); j++) store<f32>(row + (<usize>j << 2), value);
  for (let j = max(end, 0); j < KEYS; j++) store<f32>(row + (<usize>j << 2), value);
}

/**
 * Operands q, k, v, o, lse; attrs seqlen, heads, kv_heads, window, causal, 1 / √d. A unit is a block of queries of one head, the late
 * ones (which see most) first.
 */
export function attention(c: usize, u: i32, local: usize): void {
  const seqlen = attr(c, 0), heads = attr(c, 1), shared = heads / attr(c, 2), window = attr(c, 3), causal = attr(c, 4);
  const d = cols(c, 0) / heads, blocks = (seqlen + QUERIES - 1) / QUERIES;
  const unit = u / blocks, h = unit % heads, b = unit / heads, i0 = (blocks - 1 - u % blocks) * QUERIES, M = min(QUERIES, seqlen - i0);
  const ldQ = ld(c, 0), ldK = ld(c, 1), ldV = ld(c, 2), ldO = ld(c, 3), from = <usize>(h / shared * d) << 2;
  const q = ptr(c, 0) + <usize>(b * seqlen + i0) * ldQ + (<usize>(h * d) << 2);
  const k = ptr(c, 1) + <usize>(b * seqlen) * ldK + from, v = ptr(c, 2) + <usize>(b * seqlen) * ldV + from;
  const packed = local, S = packed + (<usize>(d * KEYS) << 2), O = S + (QUERIES * KEYS << 2), most = O + (<usize>(QUERIES * d) << 2);
  const sums = most + (QUERIES << 2), ldo = <usize>d << 2, scale = attrF(c, 5) * LOG2E, scale4 = f32x4.splat(scale);
  memory.fill(O, 0, <usize>(QUERIES * d) << 2);
  for (let i = 0; i < M; i++) { store<f32>(most + (<usize>i << 2), MASKED); store<f32>(sums + (<usize>i << 2), 0); }
  const last = endKey(i0 + M - 1, window, causal, seqlen);
  for (let j0 = firstKey(i0, window) / KEYS * KEYS; j0 < last; j0 += KEYS) {
    const n = min(KEYS, seqlen - j0);
    pack(k + <usize>j0 * ldK, ldK, n, d, packed);
    // Rows above `top` see nothing of this block.
    const top = causal ? max(0, j0 - i0) : 0, skipped = <usize>top;
    product(M - top, KEYS, d, q + skipped * ldQ, ldQ, 4, packed, KEYS << 2, S + skipped * (KEYS << 2), KEYS << 2, false);
    for (let i = top; i < M; i++) {
      const row = S + (<usize>(i * KEYS) << 2), first = firstKey(i0 + i, window) - j0, end = endKey(i0 + i, window, causal, seqlen) - j0;
      if (first > 0 || end < KEYS) mask(row, first, end, MASKED);
      let top4 = v128.load(row);
      for (let j = 16; j < KEYS << 2; j += 16) top4 = f32x4.max(top4, v128.load(row + j));
      const before = load<f32>(most + (<usize>i << 2)), now: f32 = max(before, max4(top4) * scale);
      if (now != before) {
        const shrink4 = power(f32x4.splat(before - now)), shrink = f32x4.extract_lane(shrink4, 0);
        store<f32>(most + (<usize>i << 2), now);
        store<f32>(sums + (<usize>i << 2), load<f32>(sums + (<usize>i << 2)) * shrink);
        const o = O + <usize>i * ldo;
        for (let x = 0; x < d; x += 4) store4(o + (<usize>x << 2), f32x4.mul(load4(o + (<usize>x << 2), d - x), shrink4), d - x);
      }
      store<f32>(sums + (<usize>i << 2), load<f32>(sums + (<usize>i << 2)) + powers(row, scale4, f32x4.splat(-now)));
    }
    product(M - top, d, n, S + skipped * (KEYS << 2), KEYS << 2, 4, v + <usize>j0 * ldV, ldV, O + skipped * ldo, ldo, true);
  }
  for (let i = 0; i < M; i++) {
    const o = O + <usize>i * ldo, y = ptr(c, 3) + <usize>(b * seqlen + i0 + i) * ldO + (<usize>(h * d) << 2);
    const sum = load<f32>(sums + (<usize>i << 2)), by = f32x4.splat(<f32>1 / sum);
    for (let x = 0; x < d; x += 4) store4(y + (<usize>x << 2), f32x4.mul(load4(o + (<usize>x << 2), d - x), by), d - x);
    store<f32>(ptr(c, 4) + <usize>(b * seqlen + i0 + i) * ld(c, 4) + (<usize>h << 2), load<f32>(most + (<usize>i << 2)) * LN2 + log1(sum));
  }
}

/** Weights P (over the scores S) and dS (over dP) of one row of a block. */
function weigh(S: usize, dP: usize, first: i32, end: i32, lse: f32, D: f32, scale: f32): void {
  const scale4 = f32x4.splat(scale * LOG2E), away = f32x4.splat(-lse * LOG2E), D4 = f32x4.splat(D), by = f32x4.splat(scale);
  const low = cLow2(), turn = cRound(), p5 = c2p5(), p4 = c2p4(), p3 = c2p3(), p2 = c2p2(), p1 = c2p1(), one = cOne();
  for (let j = 0; j < KEYS << 2; j += 32) {
    const pS = S + j, pD = dP + j;
    const x0 = fma(v128.load(pS), scale4, away), x1 = fma(v128.load(pS, 16), scale4, away), d0 = v128.load(pD), d1 = v128.load(pD, 16);
    const e0 = v128.andnot(exp2n(x0, low, turn, p5, p4, p3, p2, p1, one), f32x4.lt(x0, low));
    const e1 = v128.andnot(exp2n(x1, low, turn, p5, p4, p3, p2, p1, one), f32x4.lt(x1, low));
    store8(pS, e0, e1);
    store8(pD, f32x4.mul(f32x4.mul(e0, by), f32x4.sub(d0, D4)), f32x4.mul(f32x4.mul(e1, by), f32x4.sub(d1, D4)));
  }
  if (first > 0 || end < KEYS) { mask(S, first, end, 0); mask(dP, first, end, 0); }
}

/**
 * Operands do, q, k, v, o, lse, dq, dk, dv, D; attrs as attention. A unit is a key head of one sequence with all its query heads, so one
 * pass over the blocks gives all three gradients and nobody shares a sum. dk and dv of a block of keys stay in local memory, dq adds up in
 * its place.
 */
export function attentionGrad(c: usize, u: i32, local: usize): void {
  const seqlen = attr(c, 0), heads = attr(c, 1), kvHeads = attr(c, 2), shared = heads / kvHeads, window = attr(c, 3), causal = attr(c, 4);
  const d = cols(c, 1) / heads, b = u / kvHeads, g = u % kvHeads, scale = attrF(c, 5), start = b * seqlen, bytes = <usize>d << 2;
  const ldD = ld(c, 0), ldQ = ld(c, 1), ldK = ld(c, 2), ldV = ld(c, 3), ldO = ld(c, 4), ldL = ld(c, 5), lddQ = ld(c, 6);
  const k = ptr(c, 2) + <usize>start * ldK + <usize>g * bytes, v = ptr(c, 3) + <usize>start * ldV + <usize>g * bytes;
  const block = <usize>(d * KEYS) << 2, keys = local, values = keys + block, dK = values + block, dV = dK + block, S = dV + block;
  const dP = S + (QUERIES * KEYS << 2);
  for (let h = g * shared; h < (g + 1) * shared; h++)
    for (let i = 0; i < seqlen; i++) {
      const r = <usize>(start + i), at = <usize>h * bytes, p = ptr(c, 0) + r * ldD + at, o = ptr(c, 4) + r * ldO + at;
      let sum = f32x4.splat(0);
      for (let x = 0; x < d; x += 4) sum = fma(load4(p + (<usize>x << 2), d - x), load4(o + (<usize>x << 2), d - x), sum);
      store<f32>(ptr(c, 9) + ((r * heads + h) << 2), sum4(sum));
      memory.fill(ptr(c, 6) + r * lddQ + at, 0, bytes);
    }
  for (let j0 = 0; j0 < seqlen; j0 += KEYS) {
    const n = min(KEYS, seqlen - j0), kBlock = k + <usize>j0 * ldK;
    pack(kBlock, ldK, n, d, keys);
    pack(v + <usize>j0 * ldV, ldV, n, d, values);
    memory.fill(dK, 0, 2 * block);
    // Queries that see any of these keys.
    const from = causal ? j0 : window ? max(0, j0 - window + 1) : 0, to = window ? min(seqlen, j0 + n - 1 + window) : seqlen;
    for (let h = g * shared; h < (g + 1) * shared; h++)
      for (let i0 = from; i0 < to; i0 += QUERIES) {
        const M = min(QUERIES, to - i0), at = <usize>h * bytes, r = <usize>(start + i0);
        const q = ptr(c, 1) + r * ldQ + at, d_o = ptr(c, 0) + r * ldD + at;
        product(M, KEYS, d, q, ldQ, 4, keys, KEYS << 2, S, KEYS << 2, false);
        product(M, KEYS, d, d_o, ldD, 4, values, KEYS << 2, dP, KEYS << 2, false);
        for (let i = 0; i < M; i++) {
          const row = <usize>(i * KEYS) << 2, lse = load<f32>(ptr(c, 5) + (r + i) * ldL + (<usize>h << 2));
          const D = load<f32>(ptr(c, 9) + (((r + i) * heads + h) << 2));
          weigh(S + row, dP + row, firstKey(i0 + i, window) - j0, endKey(i0 + i, window, causal, seqlen) - j0, lse, D, scale);
        }
        product(n, d, M, S, 4, KEYS << 2, d_o, ldD, dV, bytes, true);
        product(n, d, M, dP, 4, KEYS << 2, q, ldQ, dK, bytes, true);
        product(M, d, n, dP, KEYS << 2, 4, kBlock, ldK, ptr(c, 6) + r * lddQ + at, lddQ, true);
      }
    for (let j = 0; j < n; j++) {
      memory.copy(ptr(c, 7) + <usize>(start + j0 + j) * ld(c, 7) + <usize>g * bytes, dK + <usize>j * bytes, bytes);
      memory.copy(ptr(c, 8) + <usize>(start + j0 + j) * ld(c, 8) + <usize>g * bytes, dV + <usize>j * bytes, bytes);
    }
  }
}

/** See attention_step.ts. Operands q, k, v, keys, values, position, y; attrs capacity, heads, kv_heads, 1 / √d. A unit is a sequence. */
export function attentionStep(c: usize, u: i32, local: usize): void {
  const capacity = attr(c, 0), heads = attr(c, 1), kvHeads = attr(c, 2), scale = attrF(c, 3), d = cols(c, 0) / heads, row = <usize>u;
  const place = ptr(c, 5) + row * ld(c, 5), position = <i32>load<f32>(place), slot = position % capacity, n = min(position + 1, capacity);
  const width = <usize>(kvHeads * d) << 2, keys = ptr(c, 3) + row * ld(c, 3), values = ptr(c, 4) + row * ld(c, 4);
  memory.copy(keys + <usize>slot * width, ptr(c, 1) + row * ld(c, 1), width);
  memory.copy(values + <usize>slot * width, ptr(c, 2) + row * ld(c, 2), width);
  for (let h = 0; h < heads; h++) {
    const q = ptr(c, 0) + row * ld(c, 0) + (<usize>(h * d) << 2), y = ptr(c, 6) + row * ld(c, 6) + (<usize>(h * d) << 2);
    const from = <usize>(h / (heads / kvHeads) * d) << 2;
    let most: f32 = MASKED;
    for (let j = 0; j < n; j++) {
      const k = keys + <usize>j * width + from;
      let sum = f32x4.splat(0);
      for (let x = 0; x < d; x += 4) sum = fma(load4(q + (<usize>x << 2), d - x), load4(k + (<usize>x << 2), d - x), sum);
      const s: f32 = sum4(sum) * scale;
      store<f32>(local + (<usize>j << 2), s);
      most = max(most, s);
    }
    let total = f32x4.splat(0);
    const away = f32x4.splat(most);
    for (let j = 0; j < n; j += 4) {
      const at = local + (<usize>j << 2);
      let p = exp4(f32x4.sub(v128.load(at), away));
      if (n - j < 4) p = v128.and(p, i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(n - j)));
      v128.store(at, p);
      total = f32x4.add(total, p);
    }
    const by = f32x4.splat(<f32>1 / sum4(total));
    for (let x = 0; x < d; x += 4) {
      let sum = f32x4.splat(0);
      for (let j = 0; j < n; j++)
        sum = fma(v128.load32_splat(local + (<usize>j << 2)), load4(values + <usize>j * width + from + (<usize>x << 2), d - x), sum);
      store4(y + (<usize>x << 2), f32x4.mul(sum, by), d - x);
    }
  }
  store<f32>(place, <f32>(position + 1));
}
