// See selective_scan.ts and selective_scan_grad.ts. Four channels a vector; a unit is one sequence and a block of SCAN_CHANNELS channels,
// walked in chunks of SCAN_CHUNK steps. States lie in `local`, [channel / 4][n][4], and are saved at the start of each chunk:
// saved [batch][block][chunk][channel of the block / 4][n][4]. The gradient recomputes the states of a chunk from there.
// e^{ΔA} is 2^{Δ (A log2 e)}. dB, dC, dA, dD, ddelta_bias are written as parts per unit, summed in order by selectiveScanGradSum:
// nothing depends on the number of threads.
import { SCAN_CHANNELS, SCAN_CHUNK } from "../../backends/cpu/wasm/codes";
import { attr, cols, gather4, ld, load4, loadTail, ptr, rows, scatter4, store4, storeTail } from "../../backends/cpu/wasm/command.simd";
import {
  c2p1, c2p2, c2p3, c2p4, c2p5, cLog2e, cLow2, cOne, cRound, exp2n, expNegAbs, flushTiny, fma, sigmoid4, sigmoidOf, softplusOf, sum4,
} from "../../backends/cpu/wasm/math.simd";

/** Bytes of S for one step: Δ, Δu, u, σ(raw), ⟨C, h⟩, then for the gradient g, Σ λB, Σ λ A e h. */
const STEP: usize = 128;
/** Bytes of the gradient's records: A, carried adjoint, dA of a state of four channels; e, e·h, Σ for dC, Σ for dB of a state at a step. */
const CHANNEL: usize = 48;
const STATE: usize = 64;

/** A · log2 e (or A) of channels d0 … d1 to `to`, [channel / 4][n][4]. */
function transposeA(A: usize, ldA: usize, N: i32, d0: i32, d1: i32, factor: v128, to: usize): void {
  for (let d = d0; d < d1; d += 4)
    for (let n = 0; n < N; n++, to += 16) v128.store(to, f32x4.mul(gather4(A + <usize>d * ldA + (<usize>n << 2), ldA, d1 - d), factor));
}

/**
 * Δ, Δu, u and σ(raw) of `steps` rows of four channels to S, STEP bytes a row. Its own loop, as are the gates: the exponentials of
 * different steps overlap here, while inside the loop over states each would be waited for.
 */
function inputs(raw0: usize, ldRaw: usize, x0: usize, ldx: usize, bias: v128, steps: i32, left: i32, S: usize, slope: bool): void {
  for (let t = 0; t < steps; t++, raw0 += ldRaw, x0 += ldx, S += STEP) {
    const raw = f32x4.add(load4(raw0, left), bias), tail = expNegAbs(raw);
    const step = softplusOf(raw, tail), x = load4(x0, left);
    v128.store(S, step);
    v128.store(S, f32x4.mul(step, x), 16);
    v128.store(S, x, 32);
    if (slope) v128.store(S, sigmoidOf(raw, tail), 48);
  }
}

/** Operands u, delta, A, B, C, D, z, delta_bias, y, saved; attrs seqlen, chunks, blocks. local: A (G·N), h (G·N), S (CHUNK rows). */
export function selectiveScan(c: usize, u: i32, local: usize): void {
  const seqlen = attr(c, 0), chunks = attr(c, 1), blocks = attr(c, 2), N = cols(c, 2), d_inner = cols(c, 0);
  const b = u / blocks, d0 = (u % blocks) * SCAN_CHANNELS, d1 = min(d_inner, d0 + SCAN_CHANNELS);
  const group = <usize>N << 4, states = (SCAN_CHANNELS >> 2) * group, A2 = local, h0 = A2 + states, S = h0 + states;
  transposeA(ptr(c, 2), ld(c, 2), N, d0, d1, cLog2e(), A2);
  memory.fill(h0, 0, states);
  let saved = ptr(c, 9) + <usize>u * chunks * states;
  for (let t0 = 0; t0 < seqlen; t0 += SCAN_CHUNK, saved += states) {
    const steps = min(SCAN_CHUNK, seqlen - t0), first = <usize>(b * seqlen + t0);
    memory.copy(saved, h0, states);
    let a0 = A2, h = h0;
    for (let d = d0; d < d1; d += 4, a0 += group, h += group) {
      const left = d1 - d, at = <usize>d << 2;
      inputs(ptr(c, 1) + first * ld(c, 1) + at, ld(c, 1), ptr(c, 0) + first * ld(c, 0) + at, ld(c, 0), load4(ptr(c, 7) + at, left), steps, left, S, false);
      advance(ptr(c, 3) + first * ld(c, 3), ld(c, 3), ptr(c, 4) + first * ld(c, 4), ld(c, 4), N, steps, a0, h, S);
      const D = load4(ptr(c, 5) + at, left);
      let s = S, pz = ptr(c, 6) + first * ld(c, 6) + at, py = ptr(c, 8) + first * ld(c, 8) + at;
      for (let t = 0; t < steps; t++, s += STEP, pz += ld(c, 6), py += ld(c, 8)) {
        const z = load4(pz, left), y = fma(D, v128.load(s, 32), v128.load(s, 64));
        store4(py, f32x4.mul(y, f32x4.mul(z, sigmoid4(z))), left);
      }
      for (let n = 0; n < N; n++) { const p = h + (<usize>n << 4); v128.store(p, flushTiny(v128.load(p))); }
    }
  }
}

/** Moves the states h of four channels on by `steps`; ⟨C, h⟩ of each step to S + 64. */
function advance(B: usize, ldB: usize, C: usize, ldC: usize, N: i32, steps: i32, a0: usize, h: usize, S: usize): void {
  const low = cLow2(), round = cRound(), p5 = c2p5(), p4 = c2p4(), p3 = c2p3(), p2 = c2p2(), p1 = c2p1(), one = cOne();
  for (let t = 0; t < steps; t++, B += ldB, C += ldC, S += STEP) {
    const step = v128.load(S), dx = v128.load(S, 16);
    let s0 = f32x4.splat(0), s1 = s0;
    let pB = B, pC = C, pa = a0, ph = h;
    let n = N;
    for (; n >= 2; n -= 2, pB += 8, pC += 8, pa += 32, ph += 32) {
      const e0 = exp2n(f32x4.mul(step, v128.load(pa)), low, round, p5, p4, p3, p2, p1, one);
      const e1 = exp2n(f32x4.mul(step, v128.load(pa, 16)), low, round, p5, p4, p3, p2, p1, one);
      const n0 = fma(e0, v128.load(ph), f32x4.mul(dx, v128.load32_splat(pB)));
      const n1 = fma(e1, v128.load(ph, 16), f32x4.mul(dx, v128.load32_splat(pB, 4)));
      v128.store(ph, n0); v128.store(ph, n1, 16);
      s0 = fma(n0, v128.load32_splat(pC), s0); s1 = fma(n1, v128.load32_splat(pC, 4), s1);
    }
    if (n) {
      const e0 = exp2n(f32x4.mul(step, v128.load(pa)), low, round, p5, p4, p3, p2, p1, one);
      const n0 = fma(e0, v128.load(ph), f32x4.mul(dx, v128.load32_splat(pB)));
      v128.store(ph, n0);
      s0 = fma(n0, v128.load32_splat(pC), s0);
    }
    v128.store(S, f32x4.add(s0, s1), 64);
  }
}

/**
 * Operands dy, saved, u, delta, A, B, C, D, z, delta_bias, du, ddelta, dz, parts; attrs as above. Parts of a unit, in floats:
 * dB (seqlen · N), dC (seqlen · N), dA (SCAN_CHANNELS · N as [channel / 4][n][4]), dD and ddelta_bias (SCAN_CHANNELS each).
 * local: one record of A, carried adjoint, dA per state [channel / 4][n]; one of e, e·h, sum for dC, sum for dB per step and state; S.
 */
export function selectiveScanGrad(c: usize, u: i32, local: usize): void {
  const seqlen = attr(c, 0), chunks = attr(c, 1), blocks = attr(c, 2), N = cols(c, 4), d_inner = cols(c, 2);
  const b = u / blocks, d0 = (u % blocks) * SCAN_CHANNELS, d1 = min(d_inner, d0 + SCAN_CHANNELS);
  const G = SCAN_CHANNELS >> 2, group = <usize>N << 4, channels = <usize>N * CHANNEL;
  const channel0 = local, T = channel0 + G * channels, S = T + <usize>(SCAN_CHUNK * N) * STATE;
  const partBytes = (<usize>(2 * seqlen * N) << 2) + G * group + 2 * (SCAN_CHANNELS << 2);
  const dB = ptr(c, 13) + <usize>u * partBytes, dC = dB + (<usize>(seqlen * N) << 2), dA = dC + (<usize>(seqlen * N) << 2);
  const dD = dA + G * group, dbias = dD + (SCAN_CHANNELS << 2);
  memory.fill(local, 0, S - local);
  memory.fill(dA, 0, G * group + 2 * (SCAN_CHANNELS << 2));
  for (let d = d0, p = channel0; d < d1; d += 4)
    for (let n = 0; n < N; n++, p += CHANNEL) v128.store(p, gather4(ptr(c, 4) + <usize>d * ld(c, 4) + (<usize>n << 2), ld(c, 4), d1 - d));
  const one = cOne();
  for (let chunk = chunks - 1; chunk >= 0; chunk--) {
    const t0 = chunk * SCAN_CHUNK, steps = min(SCAN_CHUNK, seqlen - t0), first = <usize>(b * seqlen + t0);
    let saved = ptr(c, 1) + (<usize>u * chunks + chunk) * (G * group);
    let channel = channel0;
    for (let d = d0; d < d1; d += 4, channel += channels, saved += group) {
      const left = d1 - d, at = <usize>d << 2, slot = <usize>(d - d0) << 2;
      const D = load4(ptr(c, 7) + at, left);
      inputs(ptr(c, 3) + first * ld(c, 3) + at, ld(c, 3), ptr(c, 2) + first * ld(c, 2) + at, ld(c, 2), load4(ptr(c, 9) + at, left), steps, left, S, true);
      recompute(ptr(c, 5) + first * ld(c, 5), ld(c, 5), ptr(c, 6) + first * ld(c, 6), ld(c, 6), N, steps, channel, saved, T, S);
      let sumD = v128.load(dD + slot), sumBias = v128.load(dbias + slot), s = S, row = first;
      for (let t = 0; t < steps; t++, s += STEP, row++) {
        const z = load4(ptr(c, 8) + row * ld(c, 8) + at, left), gate = sigmoid4(z), dy = load4(ptr(c, 0) + row * ld(c, 0) + at, left);
        const x = v128.load(s, 32), g = f32x4.mul(dy, f32x4.mul(z, gate)), y = fma(D, x, v128.load(s, 64));
        store4(ptr(c, 12) + row * ld(c, 12) + at, f32x4.mul(f32x4.mul(dy, y), f32x4.mul(gate, fma(z, f32x4.sub(one, gate), one))), left);
        sumD = fma(g, x, sumD);
        v128.store(s, g, 80);
      }
      goBack(ptr(c, 5) + first * ld(c, 5), ld(c, 5), ptr(c, 6) + first * ld(c, 6), ld(c, 6), N, steps, channel, T, S);
      s = S; row = first;
      for (let t = 0; t < steps; t++, s += STEP, row++) {
        const dInput = v128.load(s, 96);
        store4(ptr(c, 10) + row * ld(c, 10) + at, fma(v128.load(s, 80), D, f32x4.mul(dInput, v128.load(s))), left);
        const dRaw = f32x4.mul(fma(dInput, v128.load(s, 32), v128.load(s, 112)), v128.load(s, 48));
        sumBias = f32x4.add(sumBias, dRaw);
        store4(ptr(c, 11) + row * ld(c, 11) + at, dRaw, left);
      }
      v128.store(dD + slot, sumD);
      v128.store(dbias + slot, sumBias);
      // dA is added up chunk by chunk: shorter chains of roundings.
      for (let n = 0, p = channel, q = dA + ((<usize>(slot >> 4)) * group); n < N; n++, p += CHANNEL, q += 16) {
        v128.store(p, flushTiny(v128.load(p, 16)), 16);
        v128.store(q, f32x4.add(v128.load(q), v128.load(p, 32)));
        v128.store(p, f32x4.splat(0), 32);
      }
    }
    // Lanes of channels that do not exist hold zero: g and dx are zero there.
    for (let i = 0, p = T; i < steps * N; i++, p += STATE) {
      const to = (<usize>(t0 * N + i)) << 2;
      store<f32>(dC + to, sum4(v128.load(p, 32)));
      store<f32>(dB + to, sum4(v128.load(p, 48)));
      v128.store(p, f32x4.splat(0), 32);
      v128.store(p, f32x4.splat(0), 48);
    }
  }
}

/** e and e·h of one chunk of four channels into the records T, ⟨C, h⟩ to S + 64. */
function recompute(B: usize, ldB: usize, C: usize, ldC: usize, N: i32, steps: i32, channel: usize, saved: usize, T: usize, S: usize): void {
  const low = cLow2(), round = cRound(), p5 = c2p5(), p4 = c2p4(), p3 = c2p3(), p2 = c2p2(), p1 = c2p1(), one = cOne(), log2e = cLog2e();
  // h_{t−1} = e·h of the step before + Δu B of the step before; for the first step it was saved.
  let before = saved, stride: usize = 16, dxBefore = f32x4.splat(0), previous = B;
  for (let t = 0; t < steps; t++, B += ldB, C += ldC, S += STEP) {
    const step2 = f32x4.mul(v128.load(S), log2e), dx = v128.load(S, 16);
    let y = f32x4.splat(0);
    let pB = B, pC = C, pa = channel, pPrevious = previous;
    const next = T + 16;
    for (let n = 0; n < N; n++) {
      const d = exp2n(f32x4.mul(step2, v128.load(pa)), low, round, p5, p4, p3, p2, p1, one);
      const scaled = f32x4.mul(d, fma(dxBefore, v128.load32_splat(pPrevious), v128.load(before)));
      v128.store(T, d);
      v128.store(T, scaled, 16);
      y = fma(fma(dx, v128.load32_splat(pB), scaled), v128.load32_splat(pC), y);
      T += STATE; pa += CHANNEL; before += stride; pB += 4; pC += 4; pPrevious += 4;
    }
    v128.store(S, y, 64);
    before = next; stride = STATE; dxBefore = dx; previous = B;
  }
}

/** The adjoint of four channels from the last step of a chunk to the first. */
function goBack(B: usize, ldB: usize, C: usize, ldC: usize, N: i32, steps: i32, channel: usize, T: usize, S: usize): void {
  for (let t = steps - 1; t >= 0; t--) {
    const s = S + <usize>t * STEP, step = v128.load(s), dx = v128.load(s, 16), g = v128.load(s, 80);
    let dInput = f32x4.splat(0), dStep = dInput;
    let pB = B + <usize>t * ldB, pC = C + <usize>t * ldC, p = T + <usize>(t * N) * STATE, q = channel;
    for (let n = 0; n < N; n++) {
      const eh = v128.load(p, 16), b = v128.load32_splat(pB);
      const l = fma(g, v128.load32_splat(pC), v128.load(q, 16));
      v128.store(p, fma(g, fma(dx, b, eh), v128.load(p, 32)), 32);
      v128.store(p, fma(l, dx, v128.load(p, 48)), 48);
      dInput = fma(l, b, dInput);
      const m = f32x4.mul(l, eh);
      dStep = fma(m, v128.load(q), dStep);
      v128.store(q, fma(m, step, v128.load(q, 32)), 32);
      v128.store(q, f32x4.mul(l, v128.load(p)), 16);
      p += STATE; q += CHANNEL; pB += 4; pC += 4;
    }
    v128.store(s, dInput, 96);
    v128.store(s, dStep, 112);
  }
}

/**
 * Adds the parts up. Operands parts, dA, dB, dC, dD, ddelta_bias; attrs seqlen, batch, blocks. Units: first one per block of channels
 * (dA, dD, ddelta_bias: over sequences), then one per chunk of a sequence (dB, dC: over blocks).
 */
export function selectiveScanGradSum(c: usize, u: i32): void {
  const seqlen = attr(c, 0), batch = attr(c, 1), blocks = attr(c, 2), d_inner = rows(c, 1), N = cols(c, 1);
  const group = <usize>N << 4, bcBytes = <usize>(seqlen * N) << 2, aBytes = (SCAN_CHANNELS >> 2) * group;
  const partBytes = 2 * bcBytes + aBytes + 2 * (SCAN_CHANNELS << 2), parts = ptr(c, 0);
  if (u < blocks) {
    const d0 = u * SCAN_CHANNELS, d1 = min(d_inner, d0 + SCAN_CHANNELS);
    let p = parts + <usize>u * partBytes + 2 * bcBytes;
    for (let d = d0; d < d1; d += 4)
      for (let n = 0; n < N; n++, p += 16) {
        let q = p, sum = f32x4.splat(0);
        for (let b = 0; b < batch; b++, q += <usize>blocks * partBytes) sum = f32x4.add(sum, v128.load(q));
        scatter4(ptr(c, 1) + <usize>d * ld(c, 1) + (<usize>n << 2), ld(c, 1), sum, d1 - d);
      }
    p = parts + <usize>u * partBytes + 2 * bcBytes + aBytes;
    for (let d = d0; d < d1; d += 4, p += 16) {
      let q = p, sum = f32x4.splat(0), bias = f32x4.splat(0);
      for (let b = 0; b < batch; b++, q += <usize>blocks * partBytes) {
        sum = f32x4.add(sum, v128.load(q));
        bias = f32x4.add(bias, v128.load(q + (SCAN_CHANNELS << 2)));
      }
      store4(ptr(c, 4) + (<usize>d << 2), sum, d1 - d);
      store4(ptr(c, 5) + (<usize>d << 2), bias, d1 - d);
    }
    return;
  }
  u -= blocks;
  const chunks = (seqlen + SCAN_CHUNK - 1) / SCAN_CHUNK, b = u / chunks, t0 = (u % chunks) * SCAN_CHUNK, t1 = min(seqlen, t0 + SCAN_CHUNK);
  const base = parts + <usize>(b * blocks) * partBytes;
  for (let t = t0; t < t1; t++)
    for (let n = 0; n < N; n += 4) {
      let q = base + (<usize>(t * N + n) << 2), sumB = f32x4.splat(0), sumC = f32x4.splat(0);
      for (let k = 0; k < blocks; k++, q += partBytes) {
        sumB = f32x4.add(sumB, load4(q, N - n));
        sumC = f32x4.add(sumC, load4(q + bcBytes, N - n));
      }
      store4(ptr(c, 2) + <usize>(b * seqlen + t) * ld(c, 2) + (<usize>n << 2), sumB, N - n);
      store4(ptr(c, 3) + <usize>(b * seqlen + t) * ld(c, 3) + (<usize>n << 2), sumC, N - n);
    }
}

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
