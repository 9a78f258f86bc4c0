// See selective_scan_grad.ts and selective_scan.simd.ts. dB, dC, dA, dD, ddelta_bias are written as parts per unit, summed in order by
// selectiveScanGradSum: nothing depends on the number of threads.
import { SCAN_CHANNELS, SCAN_CHUNK } from "../../backends/cpu/wasm/codes";
import { attr, cols, ld, load4, ptr, rows, scatter4, store4, store8 } from "../../backends/cpu/wasm/command.simd";
import {
  c2p1, c2p2, c2p3, c2p4, c2p5, cLog2e, cLow2, cOne, cRound, exp2n, flushTiny, fma, sigmoid4, sum4,
} from "../../backends/cpu/wasm/math.simd";
import { inputs, padRows, ROW, STEP, transposeA, unpadRows } from "./scan.simd";

/** Bytes of the gradient's records: A, carried adjoint, dA of a state of eight channels; e, e·h, Σ for dC, Σ for dB of a state at a step. */
const CHANNEL: usize = 96;
const STATE: usize = 128;

/**
 * Operands dy, saved, u, delta, A, B, C, D, z, delta_bias, du, ddelta, dz, parts; attrs as above. Parts of a unit, in floats:
 * dB (seqlen · N), dC (seqlen · N), dA (SCAN_CHANNELS · N as [channel / 8][n][8]), dD and ddelta_bias (SCAN_CHANNELS each).
 * local: one record of A, carried adjoint, dA per state [channel / 8][n]; one of e, e·h, sum for dC, sum for dB per step and state; S;
 * nine padded blocks of rows.
 */
export function selectiveScanGrad(c: usize, u: i32, local: usize): void {
  const seqlen = attr(c, 0), chunks = attr(c, 1), blocks = attr(c, 2), N = cols(c, 4), d_inner = cols(c, 2);
  const b = u / blocks, d0 = (u % blocks) * SCAN_CHANNELS, d1 = min(d_inner, d0 + SCAN_CHANNELS);
  const G = SCAN_CHANNELS >> 3, group = <usize>N << 5, channels = <usize>N * CHANNEL;
  const channel0 = local, T = channel0 + G * channels, S = T + <usize>(SCAN_CHUNK * N) * STATE;
  const padded = S + SCAN_CHUNK * STEP, rowsBytes = SCAN_CHUNK * ROW;
  const partBytes = (<usize>(2 * seqlen * N) << 2) + G * group + 2 * (SCAN_CHANNELS << 2);
  const dB = ptr(c, 13) + <usize>u * partBytes, dC = dB + (<usize>(seqlen * N) << 2), dA = dC + (<usize>(seqlen * N) << 2);
  const dD = dA + G * group, dbias = dD + (SCAN_CHANNELS << 2);
  memory.fill(local, 0, S - local);
  memory.fill(dA, 0, G * group + 2 * (SCAN_CHANNELS << 2));
  transposeA(ptr(c, 4), ld(c, 4), N, d0, d1, cOne(), channel0, CHANNEL);
  for (let chunk = chunks - 1; chunk >= 0; chunk--) {
    const t0 = chunk * SCAN_CHUNK, steps = min(SCAN_CHUNK, seqlen - t0), first = <usize>(b * seqlen + t0);
    const B = ptr(c, 5) + first * ld(c, 5), C = ptr(c, 6) + first * ld(c, 6);
    let saved = ptr(c, 1) + (<usize>u * chunks + chunk) * G * (group + rowsBytes), Ch = saved + G * group;
    let channel = channel0;
    for (let d = d0; d < d1; d += 8, channel += channels, saved += group, Ch += rowsBytes) {
      const left = d1 - d, at = <usize>d << 2, slot = <usize>(d - d0) << 2;
      let raw = ptr(c, 3) + first * ld(c, 3) + at, x = ptr(c, 2) + first * ld(c, 2) + at, z = ptr(c, 8) + first * ld(c, 8) + at;
      let dy = ptr(c, 0) + first * ld(c, 0) + at, D = ptr(c, 7) + at, bias = ptr(c, 9) + at;
      let du = ptr(c, 10) + first * ld(c, 10) + at, ddelta = ptr(c, 11) + first * ld(c, 11) + at, dz = ptr(c, 12) + first * ld(c, 12) + at;
      let ldRaw = ld(c, 3), ldx = ld(c, 2), ldz = ld(c, 8), lddy = ld(c, 0), lddu = ld(c, 10), lddd = ld(c, 11), lddz = ld(c, 12);
      if (left < 8) {
        padRows(raw, ldRaw, steps, left, padded); raw = padded;
        padRows(x, ldx, steps, left, padded + rowsBytes); x = padded + rowsBytes;
        padRows(z, ldz, steps, left, padded + 2 * rowsBytes); z = padded + 2 * rowsBytes;
        padRows(dy, lddy, steps, left, padded + 3 * rowsBytes); dy = padded + 3 * rowsBytes;
        padRows(D, 0, 1, left, padded + 4 * rowsBytes); D = padded + 4 * rowsBytes;
        padRows(bias, 0, 1, left, padded + 5 * rowsBytes); bias = padded + 5 * rowsBytes;
        du = padded + 6 * rowsBytes; ddelta = padded + 7 * rowsBytes; dz = padded + 8 * rowsBytes;
        ldRaw = ROW; ldx = ROW; ldz = ROW; lddy = ROW; lddu = ROW; lddd = ROW; lddz = ROW;
      }
      inputs(raw, ldRaw, x, ldx, bias, steps, S);
      recompute(B, ld(c, 5), N, steps, channel, saved, T, S);
      gates(z, ldz, dy, lddy, D, steps, S, Ch, dz, lddz, dD + slot);
      goBack(B, ld(c, 5), C, ld(c, 6), N, steps, channel, T, S);
      inputGrads(D, steps, S, du, lddu, ddelta, lddd, dbias + slot);
      settle(channel, N, dA + (slot >> 5) * group);
      if (left < 8) {
        unpadRows(du, steps, left, ptr(c, 10) + first * ld(c, 10) + at, ld(c, 10));
        unpadRows(ddelta, steps, left, ptr(c, 11) + first * ld(c, 11) + at, ld(c, 11));
        unpadRows(dz, steps, left, ptr(c, 12) + first * ld(c, 12) + at, ld(c, 12));
      }
    }
    // Lanes of channels that do not exist hold zero: g and dx are zero there.
    for (let i = 0, p = T; i < steps * N; i++, p += STATE) {
      const to = (<usize>(t0 * N + i)) << 2;
      store<f32>(dC + to, sum4(f32x4.add(v128.load(p, 64), v128.load(p, 80))));
      store<f32>(dB + to, sum4(f32x4.add(v128.load(p, 96), v128.load(p, 112))));
      memory.fill(p + 64, 0, 64);
    }
  }
}

/** e and e·h of one chunk of eight channels into the records T. */
function recompute(B: usize, ldB: usize, N: i32, steps: i32, channel: usize, saved: usize, T: usize, S: usize): void {
  const low = cLow2(), round = cRound(), p5 = c2p5(), p4 = c2p4(), p3 = c2p3(), p2 = c2p2(), p1 = c2p1(), one = cOne(), log2e = cLog2e();
  // h_{t−1} = e·h of the step before + Δu B of the step before; for the first step it was saved.
  let before = saved, stride: usize = ROW, was0 = f32x4.splat(0), was1 = was0, previous = B;
  for (let t = 0; t < steps; t++, B += ldB, S += STEP) {
    const step0 = f32x4.mul(v128.load(S), log2e), step1 = f32x4.mul(v128.load(S, 16), log2e), dx0 = v128.load(S, 32), dx1 = v128.load(S, 48);
    let pa = channel, pPrevious = previous;
    const next = T + 32;
    for (let n = N; n > 0; n--) {
      const b = v128.load32_splat(pPrevious);
      const h0 = fma(was0, b, v128.load(before)), h1 = fma(was1, b, v128.load(before, 16));
      const e0 = exp2n(f32x4.mul(step0, v128.load(pa)), low, round, p5, p4, p3, p2, p1, one);
      const e1 = exp2n(f32x4.mul(step1, v128.load(pa, 16)), low, round, p5, p4, p3, p2, p1, one);
      const eh0 = f32x4.mul(e0, h0), eh1 = f32x4.mul(e1, h1);
      store8(T, e0, e1);
      v128.store(T, eh1, 48); v128.store(T, eh0, 32);
      T += STATE; pa += CHANNEL; before += stride; pPrevious += 4;
    }
    before = next; stride = STATE; was0 = dx0; was1 = dx1; previous = B;
  }
}

/** g = dy silu(z) to S + 128, dz, and dD of eight channels. */
function gates(z: usize, ldz: usize, dy: usize, lddy: usize, D: usize, steps: i32, S: usize, Ch: usize, dz: usize, lddz: usize, dD: usize): void {
  const D0 = v128.load(D), D1 = v128.load(D, 16), one = cOne();
  let sum0 = v128.load(dD), sum1 = v128.load(dD, 16);
  for (; steps > 0; steps--, S += STEP, Ch += ROW, z += ldz, dy += lddy, dz += lddz) {
    const z0 = v128.load(z), z1 = v128.load(z, 16), dy0 = v128.load(dy), dy1 = v128.load(dy, 16), x0 = v128.load(S, 64), x1 = v128.load(S, 80);
    const y0 = fma(D0, x0, v128.load(Ch)), y1 = fma(D1, x1, v128.load(Ch, 16)), gate0 = sigmoid4(z0), gate1 = sigmoid4(z1);
    const g0 = f32x4.mul(dy0, f32x4.mul(z0, gate0)), g1 = f32x4.mul(dy1, f32x4.mul(z1, gate1));
    const slope0 = f32x4.mul(gate0, fma(z0, f32x4.sub(one, gate0), one)), slope1 = f32x4.mul(gate1, fma(z1, f32x4.sub(one, gate1), one));
    store8(dz, f32x4.mul(f32x4.mul(dy0, y0), slope0), f32x4.mul(f32x4.mul(dy1, y1), slope1));
    v128.store(S, g1, 144); v128.store(S, g0, 128);
    sum0 = fma(g0, x0, sum0); sum1 = fma(g1, x1, sum1);
  }
  store8(dD, sum0, sum1);
}

/** The adjoint of eight channels from the last step of a chunk to the first; Σ λB to S + 160, Σ λ A e h to S + 192. */
function goBack(B: usize, ldB: usize, C: usize, ldC: usize, N: i32, steps: i32, channel: usize, T: usize, S: usize): void {
  for (let t = steps - 1; t >= 0; t--) {
    const s = S + <usize>t * STEP, step0 = v128.load(s), step1 = v128.load(s, 16), dx0 = v128.load(s, 32), dx1 = v128.load(s, 48);
    const g0 = v128.load(s, 128), g1 = v128.load(s, 144);
    let dInput0 = f32x4.splat(0), dInput1 = dInput0, dStep0 = dInput0, dStep1 = dInput0;
    let pB = B + <usize>t * ldB, pC = C + <usize>t * ldC, p = T + <usize>(t * N) * STATE, q = channel;
    for (let n = N; n > 0; n--) {
      const b = v128.load32_splat(pB), gC = v128.load32_splat(pC), eh0 = v128.load(p, 32), eh1 = v128.load(p, 48);
      const l0 = fma(g0, gC, v128.load(q, 32)), l1 = fma(g1, gC, v128.load(q, 48));
      const c0 = fma(g0, fma(dx0, b, eh0), v128.load(p, 64)), c1 = fma(g1, fma(dx1, b, eh1), v128.load(p, 80));
      const b0 = fma(l0, dx0, v128.load(p, 96)), b1 = fma(l1, dx1, v128.load(p, 112));
      const m0 = f32x4.mul(l0, eh0), m1 = f32x4.mul(l1, eh1);
      const a0 = fma(m0, step0, v128.load(q, 64)), a1 = fma(m1, step1, v128.load(q, 80));
      const next0 = f32x4.mul(l0, v128.load(p)), next1 = f32x4.mul(l1, v128.load(p, 16));
      dStep0 = fma(m0, v128.load(q), dStep0); dStep1 = fma(m1, v128.load(q, 16), dStep1);
      dInput0 = fma(l0, b, dInput0); dInput1 = fma(l1, b, dInput1);
      v128.store(p, c1, 80); v128.store(p, c0, 64);
      v128.store(p, b1, 112); v128.store(p, b0, 96);
      v128.store(q, a1, 80); v128.store(q, a0, 64);
      v128.store(q, next1, 48); v128.store(q, next0, 32);
      p += STATE; q += CHANNEL; pB += 4; pC += 4;
    }
    v128.store(s, dInput1, 176); v128.store(s, dInput0, 160);
    v128.store(s, dStep1, 208); v128.store(s, dStep0, 192);
  }
}

/** du, ddelta and ddelta_bias of eight channels. */
function inputGrads(D: usize, steps: i32, S: usize, du: usize, lddu: usize, ddelta: usize, lddd: usize, dbias: usize): void {
  const D0 = v128.load(D), D1 = v128.load(D, 16);
  let sum0 = v128.load(dbias), sum1 = v128.load(dbias, 16);
  for (; steps > 0; steps--, S += STEP, du += lddu, ddelta += lddd) {
    const in0 = v128.load(S, 160), in1 = v128.load(S, 176);
    const du0 = fma(v128.load(S, 128), D0, f32x4.mul(in0, v128.load(S))), du1 = fma(v128.load(S, 144), D1, f32x4.mul(in1, v128.load(S, 16)));
    const raw0 = f32x4.mul(fma(in0, v128.load(S, 64), v128.load(S, 192)), v128.load(S, 96));
    const raw1 = f32x4.mul(fma(in1, v128.load(S, 80), v128.load(S, 208)), v128.load(S, 112));
    sum0 = f32x4.add(sum0, raw0); sum1 = f32x4.add(sum1, raw1);
    store8(du, du0, du1);
    store8(ddelta, raw0, raw1);
  }
  store8(dbias, sum0, sum1);
}

/** Adds dA up chunk by chunk, which makes shorter chains of roundings, and flushes the carried adjoint. */
function settle(channel: usize, N: i32, dA: usize): void {
  const zero = f32x4.splat(0);
  for (; N > 0; N--, channel += CHANNEL, dA += ROW) {
    const l0 = flushTiny(v128.load(channel, 32)), l1 = flushTiny(v128.load(channel, 48));
    const a0 = f32x4.add(v128.load(dA), v128.load(channel, 64)), a1 = f32x4.add(v128.load(dA, 16), v128.load(channel, 80));
    v128.store(channel, l1, 48); v128.store(channel, l0, 32);
    store8(dA, a0, a1);
    v128.store(channel, zero, 80); v128.store(channel, zero, 64);
  }
}

/**
 * Adds the parts up. Operands parts, dA, dB, dC, dD, ddelta_bias; attrs seqlen, batch, blocks. Units: first one per block of channels
 * (dA, dD, ddelta_bias: over sequences), then one per chunk of a sequence (dB, dC: over blocks).
 */
export function selectiveScanGradSum(c: usize, u: i32): void {
  const seqlen = attr(c, 0), batch = attr(c, 1), blocks = attr(c, 2), d_inner = rows(c, 1), N = cols(c, 1);
  const group = <usize>N << 5, bcBytes = <usize>(seqlen * N) << 2, aBytes = (SCAN_CHANNELS >> 3) * group;
  const partBytes = 2 * bcBytes + aBytes + 2 * (SCAN_CHANNELS << 2), parts = ptr(c, 0);
  if (u < blocks) {
    const d0 = u * SCAN_CHANNELS, d1 = min(d_inner, d0 + SCAN_CHANNELS);
    let p = parts + <usize>u * partBytes + 2 * bcBytes;
    for (let d = d0; d < d1; d += 8)
      for (let n = 0; n < N; n++, p += ROW) {
        let q = p, sum0 = f32x4.splat(0), sum1 = sum0;
        for (let b = 0; b < batch; b++, q += <usize>blocks * partBytes) { sum0 = f32x4.add(sum0, v128.load(q)); sum1 = f32x4.add(sum1, v128.load(q, 16)); }
        const to = ptr(c, 1) + <usize>d * ld(c, 1) + (<usize>n << 2);
        scatter4(to, ld(c, 1), sum0, d1 - d);
        if (d1 - d > 4) scatter4(to + 4 * ld(c, 1), ld(c, 1), sum1, d1 - d - 4);
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
