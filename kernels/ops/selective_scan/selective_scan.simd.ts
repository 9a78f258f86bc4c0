// See selective_scan.ts. A unit is one sequence and a block of SCAN_CHANNELS channels, walked in chunks of SCAN_CHUNK steps. States lie in
// `local` and are saved at the start of each chunk, and ⟨C, h⟩ of each step: saved [batch][block][chunk], of each [channel of the block / 8][n][8] and
// [channel of the block / 8][step][8]; the gradient recomputes the states of a chunk from there. e^{ΔA} is 2^{Δ (A log2 e)}. Nothing depends on the number of threads.
import { SCAN_CHANNELS, SCAN_CHUNK } from "../../backends/cpu/wasm/codes";
import { attr, cols, ld, ptr, store8 } from "../../backends/cpu/wasm/command.simd";
import { c2p1, c2p2, c2p3, c2p4, c2p5, cLog2e, cLow2, cOne, cRound, exp2n, flushTiny, fma, sigmoid4 } from "../../backends/cpu/wasm/math.simd";
import { inputs, padRows, ROW, STEP, transposeA, unpadRows } from "./scan.simd";

/** Operands u, delta, A, B, C, D, z, delta_bias, y, saved; attrs seqlen, chunks, blocks. local: A and h (channels · N each), S, six padded blocks of rows. */
export function selectiveScan(c: usize, u: i32, local: usize): void {
  const seqlen = attr(c, 0), chunks = attr(c, 1), blocks = attr(c, 2), N = cols(c, 2), d_inner = cols(c, 0);
  const b = u / blocks, d0 = (u % blocks) * SCAN_CHANNELS, d1 = min(d_inner, d0 + SCAN_CHANNELS);
  const group = <usize>N << 5, states = (SCAN_CHANNELS >> 3) * group, A2 = local, h0 = A2 + states, S = h0 + states;
  const padded = S + SCAN_CHUNK * STEP, rowsBytes = SCAN_CHUNK * ROW;
  transposeA(ptr(c, 2), ld(c, 2), N, d0, d1, cLog2e(), A2, ROW);
  memory.fill(h0, 0, states);
  let saved = ptr(c, 9) + <usize>u * chunks * (states + (SCAN_CHANNELS >> 3) * rowsBytes);
  for (let t0 = 0; t0 < seqlen; t0 += SCAN_CHUNK) {
    const steps = min(SCAN_CHUNK, seqlen - t0), first = <usize>(b * seqlen + t0);
    memory.copy(saved, h0, states);
    saved += states;
    let a0 = A2, h = h0;
    for (let d = d0; d < d1; d += 8, a0 += group, h += group, saved += rowsBytes) {
      const left = d1 - d, at = <usize>d << 2;
      let raw = ptr(c, 1) + first * ld(c, 1) + at, x = ptr(c, 0) + first * ld(c, 0) + at, z = ptr(c, 6) + first * ld(c, 6) + at;
      let y = ptr(c, 8) + first * ld(c, 8) + at, D = ptr(c, 5) + at, bias = ptr(c, 7) + at;
      let ldRaw = ld(c, 1), ldx = ld(c, 0), ldz = ld(c, 6), ldy = ld(c, 8);
      if (left < 8) {
        padRows(raw, ldRaw, steps, left, padded); raw = padded;
        padRows(x, ldx, steps, left, padded + rowsBytes); x = padded + rowsBytes;
        padRows(z, ldz, steps, left, padded + 2 * rowsBytes); z = padded + 2 * rowsBytes;
        padRows(D, 0, 1, left, padded + 4 * rowsBytes); D = padded + 4 * rowsBytes;
        padRows(bias, 0, 1, left, padded + 5 * rowsBytes); bias = padded + 5 * rowsBytes;
        y = padded + 3 * rowsBytes;
        ldRaw = ROW; ldx = ROW; ldz = ROW; ldy = ROW;
      }
      inputs(raw, ldRaw, x, ldx, bias, steps, S);
      advance(ptr(c, 3) + first * ld(c, 3), ld(c, 3), ptr(c, 4) + first * ld(c, 4), ld(c, 4), N, steps, a0, h, S, saved);
      outputs(z, ldz, D, steps, S, saved, y, ldy);
      if (left < 8) unpadRows(y, steps, left, ptr(c, 8) + first * ld(c, 8) + at, ld(c, 8));
      flush(h, N);
    }
    saved += <usize>(SCAN_CHANNELS - (d1 - d0) >> 3) * rowsBytes;
  }
}

/** Moves the states h of eight channels on by `steps`; ⟨C, h⟩ of each step to the rows at Ch. */
function advance(B: usize, ldB: usize, C: usize, ldC: usize, N: i32, steps: i32, a0: usize, h: usize, S: usize, Ch: usize): void {
  const low = cLow2(), round = cRound(), p5 = c2p5(), p4 = c2p4(), p3 = c2p3(), p2 = c2p2(), p1 = c2p1(), one = cOne();
  for (; steps > 0; steps--, B += ldB, C += ldC, S += STEP, Ch += ROW) {
    const step0 = v128.load(S), step1 = v128.load(S, 16), dx0 = v128.load(S, 32), dx1 = v128.load(S, 48);
    let sum0 = f32x4.splat(0), sum1 = sum0;
    let pB = B, pC = C, pa = a0, ph = h;
    for (let n = N; n > 0; n--, pB += 4, pC += 4, pa += ROW, ph += ROW) {
      const e0 = exp2n(f32x4.mul(step0, v128.load(pa)), low, round, p5, p4, p3, p2, p1, one);
      const e1 = exp2n(f32x4.mul(step1, v128.load(pa, 16)), low, round, p5, p4, p3, p2, p1, one);
      const b = v128.load32_splat(pB), g = v128.load32_splat(pC);
      const n0 = fma(e0, v128.load(ph), f32x4.mul(dx0, b)), n1 = fma(e1, v128.load(ph, 16), f32x4.mul(dx1, b));
      store8(ph, n0, n1);
      sum0 = fma(n0, g, sum0); sum1 = fma(n1, g, sum1);
    }
    store8(Ch, sum0, sum1);
  }
}

/** y = (⟨C, h⟩ + D u) silu(z). */
function outputs(z: usize, ldz: usize, D: usize, steps: i32, S: usize, Ch: usize, y: usize, ldy: usize): void {
  const D0 = v128.load(D), D1 = v128.load(D, 16);
  for (; steps > 0; steps--, S += STEP, Ch += ROW, z += ldz, y += ldy) {
    const z0 = v128.load(z), z1 = v128.load(z, 16), y0 = fma(D0, v128.load(S, 64), v128.load(Ch)), y1 = fma(D1, v128.load(S, 80), v128.load(Ch, 16));
    store8(y, f32x4.mul(y0, f32x4.mul(z0, sigmoid4(z0))), f32x4.mul(y1, f32x4.mul(z1, sigmoid4(z1))));
  }
}

function flush(h: usize, N: i32): void {
  for (; N > 0; N--, h += ROW) { const h0 = flushTiny(v128.load(h)), h1 = flushTiny(v128.load(h, 16)); store8(h, h0, h1); }
}
