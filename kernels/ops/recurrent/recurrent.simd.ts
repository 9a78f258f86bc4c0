// Cells whose next step needs their last output: slstm, lstm, gru. A unit of work is one head and up to four sequences, walked over all
// time steps with R packed once: at each step the recurrent product of four states with R by a register tile, then the cell's own
// arithmetic (slstm.simd.ts, lstm.simd.ts, gru.simd.ts). Every sum runs over k in order, whatever the batch.
import { RECURRENT_GRU, RECURRENT_LSTM, RECURRENT_SLSTM } from "../../backends/cpu/wasm/codes";
import { attr, cols, ld, ptr, rows, store4 } from "../../backends/cpu/wasm/command.simd";
import { gruBackward, gruForward } from "../gru/gru.simd";
import { lstmBackward, lstmForward } from "../lstm/lstm.simd";
import { dots } from "../matmul/matmul.simd";
import { packB } from "../matmul/pack.simd";
import { slstmBackward, slstmForward } from "../slstm/slstm.simd";
import { product } from "./product.simd";

/**
 * Reads one word of each cache line of `rows` rows, so that the misses of a step happen together, before its arithmetic: its rows lie too
 * far apart for the hardware to foresee, and would be waited for one after the other. The result is only there to be kept.
 */
function touch(p: usize, ldp: usize, bytes: usize, rows: i32): i32 {
  let seen = 0;
  for (; rows > 0; rows--, p += ldp) for (let at: usize = 0; at < bytes; at += 64) seen |= load<i32>(p + at);
  return seen;
}

/**
 * Operands Wx, R, bias, y, gates, then keep, cell (slstm) or cell (lstm); attrs kind, seqlen, batch. local, in rows of the head's units
 * rounded up to 8: recurrent sums (4 rows of all gates), h (4), state (4 × 3), packed R.
 */
export function recurrent(c: usize, u: i32, local: usize): void {
  const kind = attr(c, 0), seqlen = attr(c, 1), batch = attr(c, 2), G = kind == RECURRENT_GRU ? 3 : 4;
  const d = cols(c, 3), dh = d / rows(c, 1), padded = (dh + 7) & ~7, wide = <usize>padded << 2, step = <usize>d << 2;
  const tiles = (batch + 3) >> 2, head = u / tiles, b0 = (u % tiles) << 2, nb = min(4, batch - b0), column = <usize>(head * dh) << 2;
  const preStep = <usize>G * wide, pre = local, h = pre + 4 * preStep, state = h + 4 * wide, packed = state + 12 * wide + 16;
  for (let g = 0; g < G; g++)
    packB(ptr(c, 1) + <usize>head * ld(c, 1) + (<usize>(g * dh * dh) << 2), <usize>dh << 2, 1, 0, dh, 0, dh, packed + <usize>(g * dh) * wide);
  memory.fill(pre, 0, packed - pre);
  const bias = ptr(c, 2) + column;
  const bytes = <usize>dh << 2, operands = kind == RECURRENT_SLSTM ? 7 : kind == RECURRENT_LSTM ? 6 : 5;
  for (let t = 0; t < seqlen; t++) {
    const first = <usize>(b0 * seqlen + t);
    let seen = 0;
    for (let k = 0; k < operands; k++) {
      if (k == 1 || k == 2) continue;
      const far = <usize>seqlen * ld(c, k), blocks = k == 0 ? G : k == 4 ? 4 : 1;
      for (let g = 0; g < blocks; g++) seen |= touch(ptr(c, k) + first * ld(c, k) + column + <usize>g * step, far, bytes, nb);
    }
    store<i32>(packed - 4, seen);
    if (t) product(nb, dh, h, wide, packed, (G * padded) >> 3, pre, preStep);
    for (let b = 0; b < nb; b++) {
      const row = <usize>((b0 + b) * seqlen + t), r = pre + <usize>b * preStep, hb = h + <usize>b * wide, s = state + <usize>(3 * b) * wide;
      const x = ptr(c, 0) + row * ld(c, 0) + column, y = ptr(c, 3) + row * ld(c, 3) + column, gates = ptr(c, 4) + row * ld(c, 4) + column;
      if (kind == RECURRENT_GRU) { gruForward(dh, x, bias, step, r, wide, hb, y, gates, step); continue; }
      const more = ptr(c, 5) + row * ld(c, 5) + column;
      if (kind == RECURRENT_LSTM) lstmForward(dh, x, bias, step, r, wide, hb, s, y, gates, step, more);
      else slstmForward(dh, x, bias, step, r, wide, hb, s, y, gates, step, more, ptr(c, 6) + row * ld(c, 6) + column);
    }
  }
}

/**
 * Operands R, dy, gates, dWx, then keep, cell (slstm), cell (lstm) or y, dq (gru); attrs kind, seqlen, batch. local: the gates' gradients
 * (4 rows of all gates, as R's rows lie), what comes back through R (4 rows of units rounded up to 8), carry (4 × 2), packed R.
 */
export function recurrentGrad(c: usize, u: i32, local: usize): void {
  const kind = attr(c, 0), seqlen = attr(c, 1), batch = attr(c, 2), G = kind == RECURRENT_GRU ? 3 : 4;
  const d = cols(c, 1), dh = d / rows(c, 0), padded = (dh + 7) & ~7, wide = <usize>padded << 2, step = <usize>d << 2;
  const tiles = (batch + 3) >> 2, head = u / tiles, b0 = (u % tiles) << 2, nb = min(4, batch - b0), column = <usize>(head * dh) << 2;
  const depth = G * dh, dgRow = <usize>((depth + 3) & ~3) << 2, dgStep = <usize>dh << 2;
  const dg = local, back = dg + 4 * dgRow, carry = back + 4 * wide, packed = carry + 8 * wide + 16;
  packB(ptr(c, 0) + <usize>head * ld(c, 0), dgStep, 0, 0, depth, 0, dh, packed);
  memory.fill(dg, 0, packed - dg);
  const bytes = <usize>dh << 2, operands = kind == RECURRENT_LSTM ? 5 : 6;
  for (let t = seqlen - 1; t >= 0; t--) {
    for (let b = 0; b < nb; b++) {
      const row = <usize>((b0 + b) * seqlen + t), g = dg + <usize>b * dgRow, from = back + <usize>b * wide, s = carry + <usize>(2 * b) * wide;
      const dy = ptr(c, 1) + row * ld(c, 1) + column, gates = ptr(c, 2) + row * ld(c, 2) + column, dWx = ptr(c, 3) + row * ld(c, 3) + column;
      const more = ptr(c, 4) + row * ld(c, 4) + column;
      if (kind == RECURRENT_SLSTM) {
        const cell = ptr(c, 5) + row * ld(c, 5) + column;
        slstmBackward(dh, dy, from, gates, step, more, cell, t ? cell - ld(c, 5) : 0, s, wide, dWx, step, g, dgStep);
      } else {
        const before = t ? more - ld(c, 4) : 0;
        if (kind == RECURRENT_LSTM) lstmBackward(dh, dy, from, gates, step, more, before, s, dWx, step, g, dgStep);
        else gruBackward(dh, dy, from, gates, step, before, s, dWx, ptr(c, 5) + row * ld(c, 5) + column, step, g, dgStep);
      }
    }
    if (t == 0) break;
    let seen = 0;
    for (let k = 1; k < operands; k++) {
      const far = <usize>seqlen * ld(c, k), blocks = k == 2 ? 4 : k == 3 || (k == 5 && kind == RECURRENT_GRU) ? G : 1;
      for (let g = 0; g < blocks; g++) seen |= touch(ptr(c, k) + <usize>(b0 * seqlen + t - 1) * ld(c, k) + column + <usize>g * step, far, bytes, nb);
    }
    store<i32>(packed - 4, seen);
    product(nb, depth, dg, dgRow, packed, padded >> 3, back, wide);
  }
}

/**
 * One step. Operands Wx, R, bias, state, y; attrs kind. A unit is one head of one sequence; its state passes through `local`, whose rows
 * are units rounded up to 8: h, three of state, recurrent sums (4), six for what only the gradient would read.
 */
export function recurrentStep(c: usize, u: i32, local: usize): void {
  const kind = attr(c, 0), G = kind == RECURRENT_GRU ? 3 : 4, size = kind == RECURRENT_SLSTM ? 4 : kind == RECURRENT_LSTM ? 2 : 1;
  const heads = rows(c, 1), d = cols(c, 4), dh = d / heads, wide = <usize>((dh + 7) & ~7) << 2, step = <usize>d << 2;
  const b = <usize>(u / heads), head = u % heads, column = <usize>(head * dh) << 2, bytes = <usize>dh << 2;
  const h = local, state = h + wide, pre = h + 4 * wide, unused = h + 8 * wide, saved = ptr(c, 3) + b * ld(c, 3) + column;
  memory.fill(local, 0, 8 * wide);
  for (let i = 0; i < size; i++) memory.copy(h + <usize>i * wide, saved + <usize>i * step, bytes);
  for (let g = 0; g < G; g++)
    for (let j = 0; j < dh; j += 4) {
      const R = ptr(c, 1) + <usize>head * ld(c, 1) + (<usize>((g * dh + j) * dh) << 2);
      store4(pre + <usize>g * wide + (<usize>j << 2), dots(h, R, bytes, dh, dh - j), dh - j);
    }
  const x = ptr(c, 0) + b * ld(c, 0) + column, bias = ptr(c, 2) + column, y = ptr(c, 4) + b * ld(c, 4) + column;
  if (kind == RECURRENT_GRU) gruForward(dh, x, bias, step, pre, wide, h, y, unused, wide);
  else if (kind == RECURRENT_LSTM) lstmForward(dh, x, bias, step, pre, wide, h, state, y, unused, wide, unused + 4 * wide);
  else slstmForward(dh, x, bias, step, pre, wide, h, state, y, unused, wide, unused + 4 * wide, unused + 5 * wide);
  for (let i = 0; i < size; i++) memory.copy(saved + <usize>i * step, h + <usize>i * wide, bytes);
}
