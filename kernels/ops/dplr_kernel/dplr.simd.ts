// See dplr.ts and dplr_kernel_grad.ts. Four channels a vector; a unit is four channels. Constants are found in float64, the recurrence runs in
// float32 by increments (s + μ s), so that a slow mode's decay keeps all its digits.
import { DPLR_CHUNK } from "../../backends/cpu/wasm/codes";
import { cols, gather4, ld, load4, ptr, rows, scatter4, store4 } from "../../backends/cpu/wasm/command.simd";
import { exp64 } from "../../backends/cpu/wasm/complex.simd";
import { flushTiny, fma, fnma } from "../../backends/cpu/wasm/math.simd";

const Q: i32 = DPLR_CHUNK;
/** Bytes of a mode: μ, v, w, 2 conj(C) as seen by a step, b (re, im of four channels each). */
const MODE: usize = 160, V: usize = 32, W: usize = 64, C2: usize = 96, B0: usize = 128;
/** Bytes of a mode's gradients: adjoint, ∂μ, ∂v, ∂w, ∂C. */
const GRAD: usize = 160;
/** Bytes of a channel's scalars in float64 (Δ, g, γ, h), then of each mode's λ, R, P, B. */
const SCALARS: usize = 32, EXACT: usize = 64;

// @ts-ignore: decorator
@inline function exactBytes(count: i32): usize { return SCALARS + <usize>count * EXACT; }

/** Channel d's constants in float64 to `to`. Operands from k on: log_dt, A_real, A_imag, B, C, P. */
function exact(c: usize, k: i32, d: i32, to: usize): void {
  const count = cols(c, k + 1), row = <usize>d, dt = exp64(<f64>load<f32>(ptr(c, k) + (row << 2)));
  const re = ptr(c, k + 1) + row * ld(c, k + 1), im = ptr(c, k + 2) + row * ld(c, k + 2), B = ptr(c, k + 3) + row * ld(c, k + 3), P = ptr(c, k + 5) + row * ld(c, k + 5);
  let g: f64 = 0, h: f64 = 0, m = to + SCALARS;
  for (let n: usize = 0; n < <usize>count; n++, m += EXACT) {
    const lRe = -exp64(<f64>load<f32>(re + (n << 2))), lIm = -<f64>load<f32>(im + (n << 2));
    const dRe = 1 - dt / 2 * lRe, dIm = -dt / 2 * lIm, size = dRe * dRe + dIm * dIm, rRe = dRe / size, rIm = -dIm / size;
    const pRe = <f64>load<f32>(P + (n << 3)), pIm = <f64>load<f32>(P + (n << 3), 4), bRe = <f64>load<f32>(B + (n << 3)), bIm = <f64>load<f32>(B + (n << 3), 4);
    g += (pRe * pRe + pIm * pIm) * rRe;
    h += pRe * (rRe * bRe - rIm * bIm) + pIm * (rRe * bIm + rIm * bRe);
    store<f64>(m, lRe); store<f64>(m, lIm, 8); store<f64>(m, rRe, 16); store<f64>(m, rIm, 24);
    store<f64>(m, pRe, 32); store<f64>(m, pIm, 40); store<f64>(m, bRe, 48); store<f64>(m, bIm, 56);
  }
  store<f64>(to, dt); store<f64>(to, g, 8); store<f64>(to, 1 / (1 + dt * g), 16); store<f64>(to, h, 24);
}

// @ts-ignore: decorator
@inline function put(p: usize, lane: usize, re: f64, im: f64): void { store<f32>(p + lane, <f32>re); store<f32>(p + lane, <f32>im, 16); }

/** Exact constants of channels d0 … to `constants`, and what a step needs to `modes`. Channels that do not exist get the last one's. */
function prepare(c: usize, k: i32, d0: i32, channels: i32, constants: usize, modes: usize): void {
  const count = cols(c, k + 1);
  for (let lane = 0; lane < 4; lane++) {
    const d = min(d0 + lane, channels - 1), e = constants + <usize>lane * exactBytes(count), at = <usize>lane << 2;
    exact(c, k, d, e);
    const dt = load<f64>(e), gamma = load<f64>(e, 16), h = load<f64>(e, 24), C = ptr(c, k + 4) + <usize>d * ld(c, k + 4);
    let m = e + SCALARS, to = modes;
    for (let n: usize = 0; n < <usize>count; n++, m += EXACT, to += MODE) {
      const lRe = load<f64>(m), lIm = load<f64>(m, 8), rRe = load<f64>(m, 16), rIm = load<f64>(m, 24);
      const pRe = load<f64>(m, 32), pIm = load<f64>(m, 40), bRe = load<f64>(m, 48), bIm = load<f64>(m, 56), scale = -2 * gamma * dt;
      const wRe = scale * (rRe * pRe - rIm * pIm), wIm = scale * (rRe * pIm + rIm * pRe);
      put(to, at, dt * (lRe * rRe - lIm * rIm), dt * (lRe * rIm + lIm * rRe));
      put(to + V, at, pRe * rRe + pIm * rIm, pRe * rIm - pIm * rRe);
      put(to + W, at, wRe, wIm);
      put(to + C2, at, 2 * <f64>load<f32>(C + (n << 3)), -2 * <f64>load<f32>(C + (n << 3), 4));
      put(to + B0, at, dt * (rRe * bRe - rIm * bIm) + dt * h / 2 * wRe, dt * (rRe * bIm + rIm * bRe) + dt * h / 2 * wIm);
    }
  }
}

/** Re Σ v s. */
function dotV(modes: usize, s: usize, count: i32): v128 {
  let x = f32x4.splat(0), y = x;
  for (let n = 0; n < count; n++, modes += MODE, s += 32) { x = fma(v128.load(modes, V), v128.load(s), x); y = fnma(v128.load(modes, V + 16), v128.load(s, 16), y); }
  return f32x4.add(x, y);
}
/** to ← Ā s given t = Re Σ v s. */
function move(modes: usize, s: usize, to: usize, t: v128, count: i32): void {
  for (let n = 0; n < count; n++, modes += MODE, s += 32, to += 32) {
    const re = v128.load(s), im = v128.load(s, 16), mRe = v128.load(modes), mIm = v128.load(modes, 16);
    v128.store(to, flushTiny(fnma(mIm, im, fma(mRe, re, fma(v128.load(modes, W), t, re)))));
    v128.store(to, flushTiny(fma(mIm, re, fma(mRe, im, fma(v128.load(modes, W + 16), t, im)))), 16);
  }
}
/** 2 Re Σ C s. */
function dotC(modes: usize, s: usize, count: i32): v128 {
  let x = f32x4.splat(0), y = x;
  for (let n = 0; n < count; n++, modes += MODE, s += 32) { x = fma(v128.load(modes, C2), v128.load(s), x); y = fma(v128.load(modes, C2 + 16), v128.load(s, 16), y); }
  return f32x4.add(x, y);
}
function begin(modes: usize, s: usize, count: i32): void {
  for (let n = 0; n < count; n++, modes += MODE, s += 32) { v128.store(s, v128.load(modes, B0)); v128.store(s, v128.load(modes, B0 + 16), 16); }
}

/** Operands log_dt, A_real, A_imag, B, C, P, kernel, saved. local: constants, modes, state. saved of a unit: the state every Q lags. */
export function dplrKernel(c: usize, u: i32, local: usize): void {
  const channels = cols(c, 0), count = cols(c, 1), lags = rows(c, 6), d0 = u * 4, left = channels - d0, bytes = <usize>count << 5;
  const modes = local + 4 * exactBytes(count), s = modes + <usize>count * MODE;
  prepare(c, 0, d0, channels, local, modes);
  begin(modes, s, count);
  let saved = ptr(c, 7) + <usize>u * <usize>((lags + Q - 1) / Q) * bytes, out = ptr(c, 6) + (<usize>d0 << 2);
  for (let l = 0; l < lags; l++, out += ld(c, 6)) {
    if (l % Q == 0) { memory.copy(saved, s, bytes); saved += bytes; }
    store4(out, dotC(modes, s, count), left);
    move(modes, s, s, dotV(modes, s, count), count);
  }
}

/**
 * Operands dkernel, saved, log_dt, A_real, A_imag, B, C, P, dlog_dt, dA_real, dA_imag, dB, dC, dP. local: constants, modes, gradients, the states of
 * a chunk, its t.
 */
export function dplrKernelGrad(c: usize, u: i32, local: usize): void {
  const channels = cols(c, 2), count = cols(c, 3), lags = rows(c, 0), d0 = u * 4, left = channels - d0, bytes = <usize>count << 5, chunks = (lags + Q - 1) / Q;
  const modes = local + 4 * exactBytes(count), grads = modes + <usize>count * MODE, states = grads + <usize>count * GRAD, ts = states + <usize>Q * bytes;
  prepare(c, 2, d0, channels, local, modes);
  memory.fill(grads, 0, <usize>count * GRAD);
  const saved = ptr(c, 1) + <usize>(u * chunks) * bytes;
  for (let chunk = chunks - 1; chunk >= 0; chunk--) {
    const l0 = chunk * Q, steps = min(Q, lags - l0);
    memory.copy(states, saved + <usize>chunk * bytes, bytes);
    for (let j = 0; j < steps; j++) {
      const s = states + <usize>j * bytes, t = dotV(modes, s, count);
      v128.store(ts + (<usize>j << 4), t);
      if (j + 1 < steps) move(modes, s, s + bytes, t, count);
    }
    for (let j = steps - 1; j >= 0; j--)
      back(modes, grads, states + <usize>j * bytes, v128.load(ts + (<usize>j << 4)), load4(ptr(c, 0) + <usize>(l0 + j) * ld(c, 0) + (<usize>d0 << 2), left), count);
  }
  for (let lane = 0; lane < min(4, left); lane++) chain(c, local + <usize>lane * exactBytes(count), grads + (<usize>lane << 2), count, d0 + lane);
}

/** One lag backwards. */
function back(modes: usize, grads: usize, s: usize, t: v128, g: v128, count: i32): void {
  let tau = f32x4.splat(0);
  for (let n = 0, m = modes, p = grads; n < count; n++, m += MODE, p += GRAD) tau = fma(v128.load(m, W), v128.load(p), fma(v128.load(m, W + 16), v128.load(p, 16), tau));
  const two = f32x4.add(g, g);
  for (let n = 0; n < count; n++, modes += MODE, grads += GRAD, s += 32) {
    const lRe = v128.load(grads), lIm = v128.load(grads, 16), re = v128.load(s), im = v128.load(s, 16), mRe = v128.load(modes), mIm = v128.load(modes, 16);
    v128.store(grads, fma(lRe, re, fma(lIm, im, v128.load(grads, 32))), 32);
    v128.store(grads, fma(lIm, re, fnma(lRe, im, v128.load(grads, 48))), 48);
    v128.store(grads, fma(tau, re, v128.load(grads, 64)), 64);
    v128.store(grads, fnma(tau, im, v128.load(grads, 80)), 80);
    v128.store(grads, fma(t, lRe, v128.load(grads, 96)), 96);
    v128.store(grads, fma(t, lIm, v128.load(grads, 112)), 112);
    v128.store(grads, fma(two, re, v128.load(grads, 128)), 128);
    v128.store(grads, fnma(two, im, v128.load(grads, 144)), 144);
    const nextRe = fma(g, v128.load(modes, C2), fma(tau, v128.load(modes, V), fma(mRe, lRe, fma(mIm, lIm, lRe))));
    const nextIm = fma(g, v128.load(modes, C2 + 16), fnma(tau, v128.load(modes, V + 16), fma(mRe, lIm, fnma(mIm, lRe, lIm))));
    v128.store(grads, flushTiny(nextRe)); v128.store(grads, flushTiny(nextIm), 16);
  }
}

/** dplrGradients of dplr_kernel_grad.ts for one channel in float64. `e` its constants, `grads` its lane of the gradients. */
function chain(c: usize, e: usize, grads: usize, count: i32, d: i32): void {
  const dt = load<f64>(e), g = load<f64>(e, 8), gamma = load<f64>(e, 16), h = load<f64>(e, 24), k = -2 * gamma * dt;
  let dHalf: f64 = 0, dk: f64 = 0, m = e + SCALARS, p = grads;
  for (let n = 0; n < count; n++, m += EXACT, p += GRAD) {
    const qRe = rpRe(m), qIm = rpIm(m);
    dHalf += k * (qRe * <f64>load<f32>(p) + qIm * <f64>load<f32>(p, 16));
  }
  const half = dt * h / 2;
  m = e + SCALARS; p = grads;
  for (let n = 0; n < count; n++, m += EXACT, p += GRAD)
    dk += rpRe(m) * (<f64>load<f32>(p, 96) + half * <f64>load<f32>(p)) + rpIm(m) * (<f64>load<f32>(p, 112) + half * <f64>load<f32>(p, 16));
  const dh = dt / 2 * dHalf, dgamma = -2 * dt * dk, dg = -gamma * gamma * dt * dgamma, row = <usize>d;
  let ddt = h / 2 * dHalf - 2 * gamma * dk - gamma * gamma * g * dgamma;
  const dRe = ptr(c, 9) + row * ld(c, 9), dIm = ptr(c, 10) + row * ld(c, 10), dB = ptr(c, 11) + row * ld(c, 11), dC = ptr(c, 12) + row * ld(c, 12), dP = ptr(c, 13) + row * ld(c, 13);
  m = e + SCALARS; p = grads;
  for (let n: usize = 0; n < <usize>count; n++, m += EXACT, p += GRAD) {
    const lRe = load<f64>(m), lIm = load<f64>(m, 8), rRe = load<f64>(m, 16), rIm = load<f64>(m, 24);
    const pRe = load<f64>(m, 32), pIm = load<f64>(m, 40), bRe = load<f64>(m, 48), bIm = load<f64>(m, 56);
    const oRe = <f64>load<f32>(p), oIm = <f64>load<f32>(p, 16), uRe = <f64>load<f32>(p, 32), uIm = <f64>load<f32>(p, 48); // ∂b, ∂μ
    const vRe = <f64>load<f32>(p, 64), vIm = <f64>load<f32>(p, 80), wRe = <f64>load<f32>(p, 96) + half * oRe, wIm = <f64>load<f32>(p, 112) + half * oIm;
    // ∂R = Δ B̄ ∂b + k P̄ ∂w + ∂h P B̄ + ∂g |P|² + P ∂v + Δ λ̄ ∂μ
    const xRe = dt * (bRe * oRe + bIm * oIm) + k * (pRe * wRe + pIm * wIm) + dh * (pRe * bRe + pIm * bIm) + dg * (pRe * pRe + pIm * pIm) + pRe * vRe - pIm * vIm + dt * (lRe * uRe + lIm * uIm);
    const xIm = dt * (bRe * oIm - bIm * oRe) + k * (pRe * wIm - pIm * wRe) + dh * (pIm * bRe - pRe * bIm) + pRe * vIm + pIm * vRe + dt * (lRe * uIm - lIm * uRe);
    const yRe = rRe * bRe - rIm * bIm, yIm = rRe * bIm + rIm * bRe; // R B
    const qRe = rRe * rRe - rIm * rIm, qIm = 2 * rRe * rIm, zRe = 0.5 * (qRe * xRe + qIm * xIm), zIm = 0.5 * (qRe * xIm - qIm * xRe); // ∂(ΔΛ) through R
    ddt += yRe * oRe + yIm * oIm + (lRe * rRe - lIm * rIm) * uRe + (lRe * rIm + lIm * rRe) * uIm + lRe * zRe + lIm * zIm;
    store<f32>(dRe + (n << 2), <f32>(dt * (zRe + rRe * uRe + rIm * uIm) * lRe));
    store<f32>(dIm + (n << 2), <f32>(-dt * (zIm + rRe * uIm - rIm * uRe)));
    store<f32>(dB + (n << 3), <f32>(dt * (rRe * oRe + rIm * oIm) + dh * (pRe * rRe + pIm * rIm)));
    store<f32>(dB + (n << 3), <f32>(dt * (rRe * oIm - rIm * oRe) + dh * (pIm * rRe - pRe * rIm)), 4);
    store<f32>(dC + (n << 3), load<f32>(p, 128)); store<f32>(dC + (n << 3), load<f32>(p, 144), 4);
    store<f32>(dP + (n << 3), <f32>(k * (rRe * wRe + rIm * wIm) + dh * yRe + 2 * dg * rRe * pRe + rRe * vRe + rIm * vIm));
    store<f32>(dP + (n << 3), <f32>(k * (rRe * wIm - rIm * wRe) + dh * yIm + 2 * dg * rRe * pIm + rIm * vRe - rRe * vIm), 4);
  }
  store<f32>(ptr(c, 8) + (row << 2), <f32>(dt * ddt));
}
// @ts-ignore: decorator
@inline function rpRe(m: usize): f64 { return load<f64>(m, 16) * load<f64>(m, 32) - load<f64>(m, 24) * load<f64>(m, 40); }
// @ts-ignore: decorator
@inline function rpIm(m: usize): f64 { return load<f64>(m, 16) * load<f64>(m, 40) + load<f64>(m, 24) * load<f64>(m, 32); }

/** Operands u, log_dt, A_real, A_imag, B, C, P, D, state, y. local: constants, modes, state. */
export function dplrStep(c: usize, unit: i32, local: usize): void {
  const channels = cols(c, 0), count = cols(c, 2), d0 = unit * 4, left = channels - d0, at = <usize>d0 << 2, apart = <usize>count << 3;
  const modes = local + 4 * exactBytes(count), s = modes + <usize>count * MODE, D = load4(ptr(c, 7) + at, left);
  prepare(c, 1, d0, channels, local, modes);
  for (let b = 0; b < rows(c, 0); b++) {
    const state = ptr(c, 8) + <usize>b * ld(c, 8) + <usize>d0 * apart, x = load4(ptr(c, 0) + <usize>b * ld(c, 0) + at, left);
    for (let i: usize = 0; i < <usize>(2 * count); i++) v128.store(s + (i << 4), gather4(state + (i << 2), apart, left));
    move(modes, s, s, dotV(modes, s, count), count);
    for (let n = 0, m = modes, p = s; n < count; n++, m += MODE, p += 32) {
      v128.store(p, fma(x, v128.load(m, B0), v128.load(p)));
      v128.store(p, fma(x, v128.load(m, B0 + 16), v128.load(p, 16)), 16);
    }
    store4(ptr(c, 9) + <usize>b * ld(c, 9) + at, fma(D, x, dotC(modes, s, count)), left);
    for (let i: usize = 0; i < <usize>(2 * count); i++) scatter4(state + (i << 2), apart, v128.load(s + (i << 4)), left);
  }
}
