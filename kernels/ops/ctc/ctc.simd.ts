// See ctc.ts. A unit is a sequence. Weights in float64, scaled to sum 1 at each step (Rabiner 1989, §V.A).
import { attr, cols, ld, load4, ptr, rows, store4 } from "../../backends/cpu/wasm/command.simd";
import { exp4, log1, sum4 } from "../../backends/cpu/wasm/math.simd";

/** log Σ e^x of n floats. */
function logSum(x: usize, n: i32): f32 {
  let top = load<f32>(x);
  for (let i = 1; i < n; i++) top = max<f32>(top, load<f32>(x + (<usize>i << 2)));
  const shift = f32x4.splat(top);
  let sum = f32x4.splat(0);
  for (let i = 0; i < n; i += 4) {
    const e = exp4(f32x4.sub(load4(x + (<usize>i << 2), n - i), shift));
    sum = f32x4.add(sum, n - i >= 4 ? e : v128.and(e, i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(n - i))));
  }
  return top + log1(sum4(sum));
}

/** log x of a positive normal float64 to float32's precision. (The library's own brings tables that would lie where the heap begins.) */
function log(x: f64): f64 {
  const bits = reinterpret<i64>(x);
  const mantissa = reinterpret<f64>((bits & 0xfffffffffffff) | 0x3ff0000000000000);
  return <f64>log1(<f32>mantissa) + <f64>(<i32>(bits >> 52) - 1023) * 0.6931471805599453;
}

/** Labels with blanks between and around, as classes; bit 30 is set where the state before the last may come straight here. Returns their number. */
function readStates(labels: usize, most: i32, states: usize): i32 {
  store<i32>(states, 0);
  let n = 1, before = 0;
  for (let k = 0; k < most; k++) {
    const label = load<i32>(labels + (<usize>k << 2));
    if (label < 0) break;
    store<i32>(states + (<usize>n << 2), label | (k > 0 && label != before && label != 0 ? 1 << 30 : 0));
    store<i32>(states + (<usize>(n + 1) << 2), 0);
    before = label;
    n += 2;
  }
  return n;
}
// @ts-ignore: decorator
@inline function classOf(states: usize, s: i32): i32 { return load<i32>(states + (<usize>s << 2)) & 0x3fffffff; }
// @ts-ignore: decorator
@inline function skips(states: usize, s: i32): bool { return (load<i32>(states + (<usize>s << 2)) >> 30) != 0; }
// @ts-ignore: decorator
@inline function get(p: usize, s: i32): f64 { return load<f64>(p + (<usize>s << 3)); }
// @ts-ignore: decorator
@inline function put(p: usize, s: i32, x: f64): void { store<f64>(p + (<usize>s << 3), x); }

/** Fills probabilities and forward weights by step and state; returns −log of the labels' probability, ∞ where there is no path. */
function forward(x: usize, step: usize, vocab: i32, seqlen: i32, states: usize, n: i32, probabilities: usize, weights: usize): f64 {
  let nll: f64 = 0;
  const row = <usize>n << 3;
  for (let t = 0; t < seqlen; t++) {
    const logits = x + <usize>t * step, p = probabilities + <usize>t * row, now = weights + <usize>t * row, before = now - row;
    const lse = logSum(logits, vocab);
    let sum: f64 = 0;
    for (let s = 0; s < n; s += 4) {
      const m = min(4, n - s);
      let v = f32x4.splat(load<f32>(logits + (<usize>classOf(states, s) << 2)));
      if (m > 1) v = f32x4.replace_lane(v, 1, load<f32>(logits + (<usize>classOf(states, s + 1) << 2)));
      if (m > 2) v = f32x4.replace_lane(v, 2, load<f32>(logits + (<usize>classOf(states, s + 2) << 2)));
      if (m > 3) v = f32x4.replace_lane(v, 3, load<f32>(logits + (<usize>classOf(states, s + 3) << 2)));
      v = exp4(f32x4.sub(v, f32x4.splat(lse)));
      put(p, s, <f64>f32x4.extract_lane(v, 0));
      if (m > 1) put(p, s + 1, <f64>f32x4.extract_lane(v, 1));
      if (m > 2) put(p, s + 2, <f64>f32x4.extract_lane(v, 2));
      if (m > 3) put(p, s + 3, <f64>f32x4.extract_lane(v, 3));
    }
    for (let s = 0; s < n; s++) {
      let a: f64 = t == 0 ? (s < 2 ? 1 : 0) : get(before, s);
      if (t > 0 && s > 0) a += get(before, s - 1);
      if (t > 0 && skips(states, s)) a += get(before, s - 2);
      a *= get(p, s);
      put(now, s, a);
      sum += a;
    }
    if (!(sum > 0)) return sum == 0 ? Infinity : NaN;
    for (let s = 0; s < n; s++) put(now, s, get(now, s) / sum);
    nll -= log(sum);
  }
  const last = weights + <usize>(seqlen - 1) * row, end = get(last, n - 1) + (n > 1 ? get(last, n - 2) : 0);
  return end > 0 ? nll - log(end) : Infinity;
}

/** Operands logits, labels, nll; attrs seqlen. */
export function ctc(c: usize, u: i32, local: usize): void {
  const seqlen = attr(c, 0), most = 2 * cols(c, 1) + 1, states = local + 16 * <usize>seqlen * most + 16 * <usize>most;
  const n = readStates(ptr(c, 1) + <usize>u * ld(c, 1), cols(c, 1), states);
  const x = ptr(c, 0) + <usize>(u * seqlen) * ld(c, 0);
  store<f32>(ptr(c, 2) + <usize>u * ld(c, 2), <f32>forward(x, ld(c, 0), cols(c, 0), seqlen, states, n, local, local + 8 * <usize>seqlen * most));
}

/** Operands nll, loss, count, nll: sequences without a path are not scored. */
export function ctcSum(c: usize): void {
  let sum: f64 = 0, count = 0;
  for (let b = 0; b < rows(c, 0); b++) {
    const at = ptr(c, 3) + <usize>b * ld(c, 3), nll = load<f32>(at);
    if (nll == Infinity) store<f32>(at, 0);
    else { sum += <f64>nll; count++; }
  }
  store<f32>(ptr(c, 2), <f32>count);
  store<f32>(ptr(c, 1), <f32>(sum / <f64>max(count, 1)));
}

/** Operands logits, labels, count, dloss, dlogits; attrs seqlen. */
export function ctcGrad(c: usize, u: i32, local: usize): void {
  const seqlen = attr(c, 0), vocab = cols(c, 0), most = 2 * cols(c, 1) + 1, table = 8 * <usize>seqlen * most;
  const weights = local + table, beta = weights + table, states = beta + 16 * <usize>most;
  const n = readStates(ptr(c, 1) + <usize>u * ld(c, 1), cols(c, 1), states), row = <usize>n << 3;
  const x = ptr(c, 0) + <usize>(u * seqlen) * ld(c, 0), y = ptr(c, 4) + <usize>(u * seqlen) * ld(c, 4);
  const scored = forward(x, ld(c, 0), vocab, seqlen, states, n, local, weights) != Infinity;
  const scale = load<f32>(ptr(c, 3)) / max<f32>(load<f32>(ptr(c, 2)), 1), by = f32x4.splat(scale);
  for (let t = seqlen - 1; t >= 0; t--) {
    const to = y + <usize>t * ld(c, 4), logits = x + <usize>t * ld(c, 0);
    if (!scored) { memory.fill(to, 0, <usize>vocab << 2); continue; }
    const now = beta + <usize>(t & 1) * 8 * most, after = beta + <usize>(~t & 1) * 8 * most, next = local + <usize>(t + 1) * row, a = weights + <usize>t * row;
    let sum: f64 = 0, shared: f64 = 0;
    for (let s = 0; s < n; s++) {
      let b: f64 = s >= n - 2 ? 1 : 0;
      if (t < seqlen - 1) {
        b = get(after, s) * get(next, s);
        if (s + 1 < n) b += get(after, s + 1) * get(next, s + 1);
        if (s + 2 < n && skips(states, s + 2)) b += get(after, s + 2) * get(next, s + 2);
      }
      put(now, s, b);
      sum += b;
      shared += b * get(a, s);
    }
    const shift = f32x4.splat(logSum(logits, vocab));
    for (let i = 0; i < vocab; i += 4)
      store4(to + (<usize>i << 2), f32x4.mul(by, exp4(f32x4.sub(load4(logits + (<usize>i << 2), vocab - i), shift))), vocab - i);
    const share = <f64>scale / shared;
    for (let s = 0; s < n; s++) {
      const p = to + (<usize>classOf(states, s) << 2);
      store<f32>(p, load<f32>(p) - <f32>(share * get(a, s) * get(now, s)));
    }
    for (let s = 0; s < n; s++) put(now, s, get(now, s) / sum);
  }
}
