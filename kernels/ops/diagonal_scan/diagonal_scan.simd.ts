// See diagonal_scan.ts. Four channels a vector; a unit is four channels of all sequences. A sequence is cut into chunks of Q = S4D_CHUNK
// steps, and every heavy loop is a product of small matrices whose elements are vectors of four channels:
//   E[k][m] = Σ_j u[k][j] W[j][m],  S[k + 1] = e^{QΔA} S[k] + E[k],  y[k][i] = Σ_{j≤i} u[k][j] T[i − j] + Σ_m S[k][m] V[i][m],
// with W[j] the powers e^{(Q−1−j)ΔA}, T the convolution kernel's first Q taps (D added to the first), V[i] what a state contributes i + 1 steps on.
// m runs over real numbers of state (re and im side by side), padded to an even count. Row strides are odd so that columns do not meet in one cache set.
import { S4D_CHUNK } from "../../backends/cpu/wasm/codes";
import { attr, cols, gather4, ld, load4, ptr, store4 } from "../../backends/cpu/wasm/command.simd";
import { flushTiny, fma, fnma } from "../../backends/cpu/wasm/math.simd";
import { BETA_IM, BETA_RE, discretise, field4, MODE_BYTES, MU_IM, MU_RE } from "./modes.simd";

const Q: i32 = S4D_CHUNK;
/** Bytes of a row of a chunk's steps. */
export const ROW: usize = <usize>(Q + 1) << 4;

// @ts-ignore: decorator
@inline export function even(m: i32): i32 { return (m + 1) & ~1; }
/** Bytes of a row of states. */
// @ts-ignore: decorator
@inline export function stateRow(m: i32): usize { return <usize>(even(m) + 1) << 4; }
/** Chunks of a sequence, and with the zero rows that fill the last block of four. */
// @ts-ignore: decorator
@inline export function chunksOf(seqlen: i32): i32 { return (seqlen + Q - 1) / Q; }
// @ts-ignore: decorator
@inline export function paddedChunks(seqlen: i32): i32 { return (chunksOf(seqlen) + 3) & ~3; }

// The tables of four channels: W (Q rows), V (Q rows), e^{QΔA} and w (a row of states each), then a zero and the Q taps of T.
// @ts-ignore: decorator
@inline export function tableV(tables: usize, m: i32): usize { return tables + <usize>Q * stateRow(m); }
// @ts-ignore: decorator
@inline export function tableEnd(tables: usize, m: i32): usize { return tables + <usize>(2 * Q) * stateRow(m); }
// @ts-ignore: decorator
@inline export function tableWeights(tables: usize, m: i32): usize { return tableEnd(tables, m) + stateRow(m); }
// @ts-ignore: decorator
@inline export function tableT(tables: usize, m: i32): usize { return tableWeights(tables, m) + stateRow(m) + 16; }
// @ts-ignore: decorator
@inline export function tableBytes(m: i32): usize { return tableT(0, m) + (<usize>Q << 4); }

/**
 * C[r][c] (+)= Σ_k A[r][k] B[k][c] for four rows r and two columns c; all strides in bytes. `add` keeps what is in C.
 */
export function product4x2(A: usize, aRow: usize, aK: usize, B: usize, bK: usize, bCol: usize, K: i32, C: usize, cRow: usize, cCol: usize, add: bool): void {
  let s00 = f32x4.splat(0), s01 = s00, s10 = s00, s11 = s00, s20 = s00, s21 = s00, s30 = s00, s31 = s00;
  const c1 = C + cRow, c2 = c1 + cRow, c3 = c2 + cRow;
  if (add) {
    s00 = v128.load(C); s01 = v128.load(C + cCol); s10 = v128.load(c1); s11 = v128.load(c1 + cCol);
    s20 = v128.load(c2); s21 = v128.load(c2 + cCol); s30 = v128.load(c3); s31 = v128.load(c3 + cCol);
  }
  let a1 = A + aRow, a2 = a1 + aRow, a3 = a2 + aRow;
  for (let k = 0; k < K; k++) {
    const b0 = v128.load(B), b1 = v128.load(B + bCol);
    const x0 = v128.load(A), x1 = v128.load(a1), x2 = v128.load(a2), x3 = v128.load(a3);
    s00 = fma(x0, b0, s00); s01 = fma(x0, b1, s01); s10 = fma(x1, b0, s10); s11 = fma(x1, b1, s11);
    s20 = fma(x2, b0, s20); s21 = fma(x2, b1, s21); s30 = fma(x3, b0, s30); s31 = fma(x3, b1, s31);
    A += aK; a1 += aK; a2 += aK; a3 += aK; B += bK;
  }
  v128.store(C, s00); v128.store(C + cCol, s01); v128.store(c1, s10); v128.store(c1 + cCol, s11);
  v128.store(c2, s20); v128.store(c2 + cCol, s21); v128.store(c3, s30); v128.store(c3 + cCol, s31);
}

/** Copies four channels of one sequence to rows of Q steps, zeros after the end. */
export function loadChunks(x: usize, ldx: usize, seqlen: i32, left: i32, to: usize): void {
  const all = paddedChunks(seqlen) * Q;
  for (let t = 0; t < all; t++, x += ldx) {
    if (t && t % Q == 0) to += 16;
    v128.store(to, t < seqlen ? load4(x, left) : f32x4.splat(0));
    to += 16;
  }
}
export function storeChunks(from: usize, seqlen: i32, left: i32, y: usize, ldy: usize): void {
  for (let t = 0; t < seqlen; t++, y += ldy) {
    if (t && t % Q == 0) from += 16;
    store4(y, v128.load(from), left);
    from += 16;
  }
}

/** The modes of channels d0 … d0 + 3 at state n, to `modes`; channels that do not exist get the last one's. */
export function modesOf(log_dt: usize, log_A: usize, ldA: usize, A_imag: usize, ldI: usize, n: i32, d0: i32, channels: i32, modes: usize): void {
  for (let lane = 0; lane < 4; lane++) {
    const d = <usize>min(d0 + lane, channels - 1), at = <usize>n << 2;
    discretise(load<f32>(log_dt + (d << 2)), load<f32>(log_A + d * ldA + at), A_imag ? load<f32>(A_imag + d * ldI + at) : 0, modes + <usize>lane * MODE_BYTES);
  }
}

/** Fills the tables of four channels. C points at channel d0's row. A_imag is 0 where states are real. */
function fillTables(log_dt: usize, log_A: usize, ldA: usize, C: usize, ldC: usize, D: v128, A_imag: usize, ldI: usize, count: i32, d0: i32, channels: i32, tables: usize, modes: usize): void {
  const complex = A_imag != 0, m = complex ? 2 * count : count, row = stateRow(m), left = channels - d0;
  const V0 = tableV(tables, m), end = tableEnd(tables, m), weights = tableWeights(tables, m), T = tableT(tables, m);
  memory.fill(tables, 0, tableBytes(m));
  v128.store(T, D);
  const factor = f32x4.splat(complex ? 2 : 1);
  for (let n = 0; n < count; n++) {
    modesOf(log_dt, log_A, ldA, A_imag, ldI, n, d0, channels, modes);
    const muRe = field4(modes, MU_RE), muIm = field4(modes, MU_IM), bRe = f32x4.mul(factor, field4(modes, BETA_RE)), bIm = f32x4.mul(factor, field4(modes, BETA_IM));
    const at = <usize>(complex ? 2 * n : n) << 4;
    let cRe = gather4(C + (at >> 2), ldC, left), cIm = f32x4.splat(0);
    if (complex) cIm = gather4(C + (at >> 2) + 4, ldC, left);
    const wRe = fnma(cIm, bIm, f32x4.mul(cRe, bRe)), wIm = fma(cIm, bRe, f32x4.mul(cRe, bIm));
    let pRe = f32x4.splat(1), pIm = f32x4.splat(0), W = tables + <usize>(Q - 1) * row + at, V = V0 + at, tap = T;
    v128.store(weights + at, wRe);
    if (complex) v128.store(weights + at, wIm, 16);
    for (let j = 0; ; j++, W -= row, tap += 16) {
      const outRe = fnma(wIm, pIm, f32x4.mul(wRe, pRe));
      if (j) {
        v128.store(V, outRe);
        if (complex) v128.store(V, f32x4.neg(fma(wIm, pRe, f32x4.mul(wRe, pIm))), 16);
        V += row;
      }
      if (j == Q) break;
      v128.store(tap, f32x4.add(v128.load(tap), outRe));
      v128.store(W, pRe);
      if (complex) v128.store(W, pIm, 16);
      const re = fnma(muIm, pIm, fma(muRe, pRe, pRe));
      pIm = fma(muIm, pRe, fma(muRe, pIm, pIm));
      pRe = re;
    }
    // The decay of a whole chunk is what long memory hangs on: squared in float64.
    for (let lane = 0; lane < 4; lane++) {
      const p = modes + <usize>lane * MODE_BYTES;
      let re = 1 + load<f64>(p, MU_RE), im = load<f64>(p, MU_IM);
      for (let k = 1; k < Q; k <<= 1) { const r = re * re - im * im; im = 2 * re * im; re = r; }
      store<f32>(end + at + (<usize>lane << 2), <f32>re);
      if (complex) store<f32>(end + at + (<usize>lane << 2), <f32>im, 16);
    }
  }
}

/** Operands u, log_dt, log_A_real, C, D, y, saved, A_imag if complex; attrs batch, seqlen, complex. local: modes, state, U, Y. */
export function diagonalScan(c: usize, unit: i32, local: usize): void {
  const batch = attr(c, 0), seqlen = attr(c, 1), complex = attr(c, 2) != 0, channels = cols(c, 0), m = cols(c, 3), count = cols(c, 2);
  const d0 = unit * 4, left = channels - d0, at = <usize>d0 << 2, row = stateRow(m), chunks = chunksOf(seqlen), padded = paddedChunks(seqlen);
  const stateBytes = <usize>padded * row, tables = ptr(c, 6) + <usize>unit * (tableBytes(m) + <usize>batch * stateBytes);
  const state = local + 4 * MODE_BYTES, U = state + row, Y = U + <usize>padded * ROW;
  fillTables(ptr(c, 1), ptr(c, 2), ld(c, 2), ptr(c, 3) + <usize>d0 * ld(c, 3), ld(c, 3), load4(ptr(c, 4) + at, left), complex ? ptr(c, 7) : 0, complex ? ld(c, 7) : 0, count, d0, channels, tables, local);
  const W = tables, V = tableV(tables, m), end = tableEnd(tables, m), T = tableT(tables, m), wide = even(m);
  let S = tables + tableBytes(m);
  for (let b = 0; b < batch; b++, S += stateBytes) {
    loadChunks(ptr(c, 0) + <usize>(b * seqlen) * ld(c, 0) + at, ld(c, 0), seqlen, left, U);
    for (let k = 0; k < padded; k += 4)
      for (let n = 0; n < wide; n += 2)
        product4x2(U + <usize>k * ROW, ROW, 16, W + (<usize>n << 4), row, 16, Q, S + <usize>k * row + (<usize>n << 4), row, 16, false);
    carry(S, row, chunks, count, complex, end, state);
    for (let k = 0; k < padded; k += 4) {
      const u = U + <usize>k * ROW, s = S + <usize>k * row;
      for (let i = 0; i < Q; i += 2) {
        const y = Y + <usize>k * ROW + (<usize>i << 4);
        product4x2(u, ROW, 16, T + (<usize>i << 4), -16, 16, i + 2, y, ROW, 16, false);
        product4x2(s, row, 16, V + <usize>i * row, 16, row, wide, y, ROW, 16, true);
      }
    }
    storeChunks(Y, seqlen, left, ptr(c, 5) + <usize>(b * seqlen) * ld(c, 5) + at, ld(c, 5));
  }
}

/** Replaces what each chunk adds to the state by the state before it. */
function carry(S: usize, row: usize, chunks: i32, count: i32, complex: bool, end: usize, state: usize): void {
  memory.fill(state, 0, row);
  for (let k = 0; k < chunks; k++, S += row) {
    let p = S, s = state, e = end;
    for (let n = 0; n < count; n++) {
      const re = v128.load(s), decay = v128.load(e), added = v128.load(p);
      v128.store(p, re);
      if (complex) {
        const im = v128.load(s, 16), turn = v128.load(e, 16), addedIm = v128.load(p, 16);
        v128.store(p, im, 16);
        v128.store(s, flushTiny(fnma(turn, im, fma(decay, re, added))));
        v128.store(s, flushTiny(fma(turn, re, fma(decay, im, addedIm))), 16);
        p += 32; s += 32; e += 32;
      } else { v128.store(s, flushTiny(fma(decay, re, added))); p += 16; s += 16; e += 16; }
    }
  }
}
