// See diagonal_scan_grad.ts, and diagonal_scan.simd.ts for the tables and the layout. With Λ[k] the adjoint of the state after chunk k:
//   Λ[k − 1] = conj(e^{QΔA}) Λ[k] + Σ_i g[k][i] V[i],  du[k][j] = Σ_{i≥j} g[k][i] T[i − j] + Σ_m Λ[k][m] W[j][m],
//   dV[i][m] = Σ_k g[k][i] S[k][m],  dW[j][m] = Σ_k u[k][j] Λ[k][m],  dT[l] = Σ_k Σ_j u[k][j] g[k][j + l],
// summed over chunks and sequences before one pass turns them into gradients of the parameters.
import { S4D_CHUNK } from "../../backends/cpu/wasm/codes";
import { attr, cols, ld, ptr, store4 } from "../../backends/cpu/wasm/command.simd";
import { flushTiny, fma, fnma } from "../../backends/cpu/wasm/math.simd";
import { chunksOf, even, loadChunks, modesOf, paddedChunks, product4x2, ROW, stateRow, storeChunks, tableBytes, tableEnd, tableT, tableV, tableWeights } from "./diagonal_scan.simd";
import { A_IM, A_RE, BETA_IM, BETA_RE, DT, MODE_BYTES, MU_IM, MU_RE } from "./modes.simd";

const Q: i32 = S4D_CHUNK;

/**
 * Operands dy, saved, u, log_dt, log_A_real, C, du, dlog_dt, dlog_A_real, dC, dD, then A_imag, dA_imag if complex; attrs batch, seqlen, complex.
 * local: modes, adjoint (a row of states), d e^{QΔA} (likewise), dV, dW, dT as a Q·Q matrix, its diagonals, U, G, dU, Λ.
 */
export function diagonalScanGrad(c: usize, unit: i32, local: usize): void {
  const batch = attr(c, 0), seqlen = attr(c, 1), complex = attr(c, 2) != 0, channels = cols(c, 2), m = cols(c, 5), count = cols(c, 4);
  const d0 = unit * 4, left = channels - d0, at = <usize>d0 << 2, row = stateRow(m), chunks = chunksOf(seqlen), padded = paddedChunks(seqlen);
  const stateBytes = <usize>padded * row, tables = ptr(c, 1) + <usize>unit * (tableBytes(m) + <usize>batch * stateBytes);
  const W = tables, V = tableV(tables, m), end = tableEnd(tables, m), T = tableT(tables, m), wide = even(m);
  const adjoint = local + 4 * MODE_BYTES, dEnd = adjoint + row, dV = dEnd + row, dW = dV + <usize>Q * row, dT = dW + <usize>Q * row;
  const taps = dT + <usize>Q * ROW, U = taps + ROW, G = U + <usize>padded * ROW, dU = G + <usize>padded * ROW, L = dU + <usize>padded * ROW;
  memory.fill(dEnd, 0, U - dEnd);
  let S = tables + tableBytes(m);
  for (let b = 0; b < batch; b++, S += stateBytes) {
    const first = <usize>(b * seqlen);
    loadChunks(ptr(c, 2) + first * ld(c, 2) + at, ld(c, 2), seqlen, left, U);
    loadChunks(ptr(c, 0) + first * ld(c, 0) + at, ld(c, 0), seqlen, left, G);
    for (let k = 0; k < padded; k += 4)
      for (let n = 0; n < wide; n += 2)
        product4x2(G + <usize>k * ROW, ROW, 16, V + (<usize>n << 4), row, 16, Q, L + <usize>k * row + (<usize>n << 4), row, 16, false);
    carryBack(L, S, row, chunks, count, complex, end, adjoint, dEnd);
    for (let k = 0; k < padded; k += 4) {
      const g = G + <usize>k * ROW, l = L + <usize>k * row;
      for (let j = 0; j < Q; j += 2) {
        const du = dU + <usize>k * ROW + (<usize>j << 4);
        product4x2(g + (<usize>j << 4), ROW, 16, T, 16, -16, Q - j, du, ROW, 16, false);
        product4x2(l, row, 16, W + <usize>j * row, 16, row, wide, du, ROW, 16, true);
      }
    }
    storeChunks(dU, seqlen, left, ptr(c, 6) + first * ld(c, 6) + at, ld(c, 6));
    for (let j = 0; j < Q; j += 4) {
      const g = G + (<usize>j << 4), x = U + (<usize>j << 4);
      for (let n = 0; n < wide; n += 2) {
        const to = <usize>j * row + (<usize>n << 4);
        product4x2(g, 16, ROW, S + (<usize>n << 4), row, 16, chunks, dV + to, row, 16, true);
        product4x2(x, 16, ROW, L + (<usize>n << 4), row, 16, chunks, dW + to, row, 16, true);
      }
      for (let i = j; i < Q; i += 2) product4x2(x, 16, ROW, G + (<usize>i << 4), ROW, 16, chunks, dT + <usize>j * ROW + (<usize>i << 4), ROW, 16, true);
    }
  }
  for (let j = 0; j < Q; j++)
    for (let i = j; i < Q; i++) {
      const p = taps + (<usize>(i - j) << 4);
      v128.store(p, f32x4.add(v128.load(p), v128.load(dT + <usize>j * ROW + (<usize>i << 4))));
    }
  store4(ptr(c, 10) + at, v128.load(taps), left);
  parameters(c, tables, dV, dW, dEnd, taps, local, d0, channels, m, count, complex);
}

/** Replaces what each chunk adds to the adjoint by the adjoint after it; sums up the gradient of e^{QΔA}. */
function carryBack(L: usize, S: usize, row: usize, chunks: i32, count: i32, complex: bool, end: usize, adjoint: usize, dEnd: usize): void {
  memory.fill(adjoint, 0, row);
  for (let k = chunks - 1; k >= 0; k--) {
    let p = L + <usize>k * row, s = S + <usize>k * row, a = adjoint, e = end, d = dEnd;
    for (let n = 0; n < count; n++) {
      const re = v128.load(a), decay = v128.load(e), added = v128.load(p), sRe = v128.load(s);
      v128.store(p, re);
      if (complex) {
        const im = v128.load(a, 16), turn = v128.load(e, 16), addedIm = v128.load(p, 16), sIm = v128.load(s, 16);
        v128.store(p, im, 16);
        v128.store(d, fma(re, sRe, fma(im, sIm, v128.load(d))));
        v128.store(d, fma(im, sRe, fnma(re, sIm, v128.load(d, 16))), 16);
        v128.store(a, flushTiny(fma(turn, im, fma(decay, re, added))));
        v128.store(a, flushTiny(fnma(turn, re, fma(decay, im, addedIm))), 16);
        p += 32; s += 32; a += 32; e += 32; d += 32;
      } else {
        v128.store(d, fma(re, sRe, v128.load(d)));
        v128.store(a, flushTiny(fma(decay, re, added)));
        p += 16; s += 16; a += 16; e += 16; d += 16;
      }
    }
  }
}

/** From the gradients of the tables to dlog_dt, dlog_A_real, dC, dA_imag (diagonal_scan_grad.ts). X is ∂(w p_l), Y the rest of ∂p_l. */
function parameters(c: usize, tables: usize, dV: usize, dW: usize, dEnd: usize, taps: usize, modes: usize, d0: i32, channels: i32, m: i32, count: i32, complex: bool): void {
  const row = stateRow(m), end = tableEnd(tables, m), weights = tableWeights(tables, m), left = channels - d0, zero = f32x4.splat(0);
  const scale = complex ? f32x4.splat(2) : f32x4.splat(1), C = ptr(c, 5) + <usize>d0 * ld(c, 5), dC = ptr(c, 9) + <usize>d0 * ld(c, 9);
  for (let lane = 0; lane < min(4, left); lane++) store<f32>(ptr(c, 7) + (<usize>(d0 + lane) << 2), 0);
  for (let n = 0; n < count; n++) {
    modesOf(ptr(c, 3), ptr(c, 4), ld(c, 4), complex ? ptr(c, 11) : 0, complex ? ld(c, 11) : 0, n, d0, channels, modes);
    const at = <usize>(complex ? 2 * n : n) << 4, wRe = v128.load(weights + at), wIm = complex ? v128.load(weights + at, 16) : zero;
    let dwRe = zero, dwIm = zero, dzRe = zero, dzIm = zero;
    for (let l = 0; l <= Q; l++) {
      const power = l < Q ? tables + <usize>(Q - 1 - l) * row + at : end + at, rest = l < Q ? dW + <usize>(Q - 1 - l) * row + at : dEnd + at;
      const pRe = v128.load(power), pIm = complex ? v128.load(power, 16) : zero;
      let xRe = l < Q ? v128.load(taps + (<usize>l << 4)) : zero, xIm = zero;
      if (l) {
        const v = dV + <usize>(l - 1) * row + at;
        xRe = f32x4.add(xRe, v128.load(v));
        if (complex) xIm = f32x4.neg(v128.load(v, 16));
      }
      dwRe = fma(xRe, pRe, fma(xIm, pIm, dwRe));
      dwIm = fma(xIm, pRe, fnma(xRe, pIm, dwIm));
      // ∂p = X conj(w) + Y; the table's w carries the factor of the conjugate half already.
      const qRe = fma(xRe, wRe, fma(xIm, wIm, v128.load(rest))), qIm = fma(xIm, wRe, fnma(xRe, wIm, complex ? v128.load(rest, 16) : zero));
      const step = f32x4.splat(<f32>l);
      dzRe = fma(step, fma(qRe, pRe, f32x4.mul(qIm, pIm)), dzRe);
      dzIm = fma(step, fnma(qRe, pIm, f32x4.mul(qIm, pRe)), dzIm);
    }
    for (let lane = 0; lane < min(4, left); lane++) chain(c, modes + <usize>lane * MODE_BYTES, n, d0 + lane, at >> 2, complex, C + <usize>lane * ld(c, 5), dC + <usize>lane * ld(c, 9),
      lane4(f32x4.mul(scale, dwRe), lane), lane4(f32x4.mul(scale, dwIm), lane), lane4(dzRe, lane), lane4(dzIm, lane));
  }
}

// @ts-ignore: decorator
@inline function lane4(v: v128, lane: i32): f64 {
  const low = lane & 1 ? f32x4.extract_lane(v, 1) : f32x4.extract_lane(v, 0), high = lane & 1 ? f32x4.extract_lane(v, 3) : f32x4.extract_lane(v, 2);
  return <f64>(lane & 2 ? high : low);
}

/** One channel's mode in float64: ∂β = ∂w conj(C), ∂z += ∂β conj(e^z/A), ∂A = Δ ∂z − ∂β conj(β/A). */
function chain(c: usize, mode: usize, n: i32, d: i32, column: usize, complex: bool, C: usize, dC: usize, wRe: f64, wIm: f64, zRe: f64, zIm: f64): void {
  const cRe = <f64>load<f32>(C + column), cIm: f64 = complex ? <f64>load<f32>(C + column + 4) : 0, dt = load<f64>(mode, DT);
  const aRe = load<f64>(mode, A_RE), aIm = load<f64>(mode, A_IM), size = aRe * aRe + aIm * aIm, bRe = load<f64>(mode, BETA_RE), bIm = load<f64>(mode, BETA_IM);
  const betaRe = wRe * cRe + wIm * cIm, betaIm = wIm * cRe - wRe * cIm; // ∂β
  const eRe = 1 + load<f64>(mode, MU_RE), eIm = load<f64>(mode, MU_IM);
  // e^z/A and β/A
  const fRe = (eRe * aRe + eIm * aIm) / size, fIm = (eIm * aRe - eRe * aIm) / size, gRe = (bRe * aRe + bIm * aIm) / size, gIm = (bIm * aRe - bRe * aIm) / size;
  zRe += betaRe * fRe + betaIm * fIm;
  zIm += betaIm * fRe - betaRe * fIm;
  const dARe = dt * zRe - (betaRe * gRe + betaIm * gIm), dAIm = dt * zIm - (betaIm * gRe - betaRe * gIm);
  const at = <usize>n << 2, to = ptr(c, 7) + (<usize>d << 2);
  store<f32>(to, <f32>(<f64>load<f32>(to) + dt * (zRe * aRe + zIm * aIm)));
  store<f32>(ptr(c, 8) + <usize>d * ld(c, 8) + at, <f32>(dARe * aRe));
  store<f32>(dC + column, <f32>(wRe * bRe + wIm * bIm));
  if (!complex) return;
  store<f32>(dC + column + 4, <f32>(wIm * bRe - wRe * bIm));
  store<f32>(ptr(c, 12) + <usize>d * ld(c, 12) + at, <f32>dAIm);
}
