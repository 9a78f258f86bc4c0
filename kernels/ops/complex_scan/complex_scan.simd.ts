// See complex_scan.ts and complex_scan_grad.ts. Four modes a vector; a unit is four modes of one sequence (of all in the step), or of the
// gradient's parameters, whose sums over a sequence are added up by complexScanGradSum in order.
import { attr, cols, ld, load4, ptr, rows, store4 } from "../../backends/cpu/wasm/command.simd";
import { flushTiny, fma, fnma } from "../../backends/cpu/wasm/math.simd";
import { A_IM, A_RE, BETA_IM, BETA_RE, DT, field4, hold, MODE_BYTES, MU_IM, MU_RE } from "../diagonal_scan/modes.simd";
import { exp64 } from "../../backends/cpu/wasm/complex.simd";

const LARGEST_REAL: f32 = -1e-4;

/** The modes of columns n0 … n0 + 3 to `modes`; columns that do not exist get the last one's. */
function modesOf(re: usize, im: usize, log_step: usize, n0: i32, count: i32, clip: bool, modes: usize): void {
  for (let lane = 0; lane < 4; lane++) {
    const at = <usize>min(n0 + lane, count - 1) << 2, real = load<f32>(re + at);
    hold(exp64(<f64>load<f32>(log_step + at)), <f64>(clip ? min(real, LARGEST_REAL) : real), <f64>load<f32>(im + at), modes + <usize>lane * MODE_BYTES);
  }
}

/** Operands v, Lambda_re, Lambda_im, log_step, y; attrs seqlen, clip. local: modes. */
export function complexScan(c: usize, u: i32, local: usize): void {
  const seqlen = attr(c, 0), count = cols(c, 1), groups = (count + 3) >> 2, b = u / groups, n0 = (u % groups) * 4, left = count - n0;
  modesOf(ptr(c, 1), ptr(c, 2), ptr(c, 3), n0, count, attr(c, 1) != 0, local);
  const muRe = field4(local, MU_RE), muIm = field4(local, MU_IM), bRe = field4(local, BETA_RE), bIm = field4(local, BETA_IM), two = f32x4.splat(2);
  const half = <usize>count << 2, first = <usize>(b * seqlen);
  let v = ptr(c, 0) + first * ld(c, 0) + (<usize>n0 << 2), y = ptr(c, 4) + first * ld(c, 4) + (<usize>n0 << 2);
  let re = f32x4.splat(0), im = re;
  for (let t = 0; t < seqlen; t++, v += ld(c, 0), y += ld(c, 4)) {
    const vRe = load4(v, left), vIm = load4(v + half, left);
    const addRe = fnma(bIm, vIm, fma(bRe, vRe, re)), addIm = fma(bIm, vRe, fma(bRe, vIm, im));
    const next = flushTiny(fnma(muIm, im, fma(muRe, re, addRe)));
    im = flushTiny(fma(muIm, re, fma(muRe, im, addIm)));
    re = next;
    store4(y, f32x4.mul(two, re), left);
    store4(y + half, f32x4.neg(f32x4.mul(two, im)), left);
  }
}

/** Operands dy, y, v, Lambda_re, Lambda_im, log_step, dv, parts; attrs as above. parts of a unit: ∂β and ∂a, each re and im, of four modes. */
export function complexScanGrad(c: usize, u: i32, local: usize): void {
  const seqlen = attr(c, 0), count = cols(c, 3), groups = (count + 3) >> 2, b = u / groups, n0 = (u % groups) * 4, left = count - n0;
  modesOf(ptr(c, 3), ptr(c, 4), ptr(c, 5), n0, count, attr(c, 1) != 0, local);
  const muRe = field4(local, MU_RE), muIm = field4(local, MU_IM), bRe = field4(local, BETA_RE), bIm = field4(local, BETA_IM), two = f32x4.splat(2);
  const half = <usize>count << 2, at = <usize>n0 << 2, zero = f32x4.splat(0);
  let re = zero, im = zero, dbRe = zero, dbIm = zero, daRe = zero, daIm = zero;
  for (let t = seqlen - 1; t >= 0; t--) {
    const row = <usize>(b * seqlen + t), g = ptr(c, 0) + row * ld(c, 0) + at, v = ptr(c, 2) + row * ld(c, 2) + at, dv = ptr(c, 6) + row * ld(c, 6) + at;
    // conj(a) λ = λ + conj(μ) λ
    const addRe = fma(two, load4(g, left), re), addIm = fnma(two, load4(g + half, left), im);
    const next = flushTiny(fma(muIm, im, fma(muRe, re, addRe)));
    im = flushTiny(fnma(muIm, re, fma(muRe, im, addIm)));
    re = next;
    store4(dv, fma(bIm, im, f32x4.mul(bRe, re)), left);
    store4(dv + half, fnma(bIm, re, f32x4.mul(bRe, im)), left);
    const vRe = load4(v, left), vIm = load4(v + half, left);
    dbRe = fma(re, vRe, fma(im, vIm, dbRe));
    dbIm = fma(im, vRe, fnma(re, vIm, dbIm));
    if (t) {
      const y = ptr(c, 1) + (row - 1) * ld(c, 1) + at, xRe = load4(y, left), xIm = load4(y + half, left); // 2 conj(x)
      daRe = fma(re, xRe, fnma(im, xIm, daRe));
      daIm = fma(re, xIm, fma(im, xRe, daIm));
    }
  }
  const parts = ptr(c, 7) + (<usize>u << 6), by = f32x4.splat(0.5);
  v128.store(parts, dbRe); v128.store(parts, dbIm, 16); v128.store(parts, f32x4.mul(by, daRe), 32); v128.store(parts, f32x4.mul(by, daIm), 48);
}

/** Operands parts, Lambda_re, Lambda_im, log_step, dLambda_re, dLambda_im, dlog_step; attrs batch, clip. A unit is four modes. local: modes. */
export function complexScanGradSum(c: usize, group: i32, local: usize): void {
  const batch = attr(c, 0), clip = attr(c, 1) != 0, count = cols(c, 1), groups = (count + 3) >> 2, n0 = group * 4;
  modesOf(ptr(c, 1), ptr(c, 2), ptr(c, 3), n0, count, clip, local);
  for (let lane = 0; lane < min(4, count - n0); lane++) {
    let dbRe: f64 = 0, dbIm: f64 = 0, daRe: f64 = 0, daIm: f64 = 0;
    for (let b = 0; b < batch; b++) {
      const p = ptr(c, 0) + (<usize>(b * groups + group) << 6) + (<usize>lane << 2);
      dbRe += load<f32>(p); dbIm += load<f32>(p, 16); daRe += load<f32>(p, 32); daIm += load<f32>(p, 48);
    }
    const m = local + <usize>lane * MODE_BYTES, dt = load<f64>(m, DT), re = load<f64>(m, A_RE), im = load<f64>(m, A_IM), size = re * re + im * im;
    const eRe = 1 + load<f64>(m, MU_RE), eIm = load<f64>(m, MU_IM), bRe = load<f64>(m, BETA_RE), bIm = load<f64>(m, BETA_IM);
    // ∂z through a; ∂Λ = Δ ∂z + ∂β conj((Δ e^z − β)/Λ), ∂Δ = Re(∂z conj Λ + ∂β conj e^z)
    const zRe = daRe * eRe + daIm * eIm, zIm = daIm * eRe - daRe * eIm, sRe = dt * eRe - bRe, sIm = dt * eIm - bIm;
    const qRe = (sRe * re + sIm * im) / size, qIm = (sIm * re - sRe * im) / size, at = <usize>(n0 + lane) << 2;
    const clipped = clip && load<f32>(ptr(c, 1) + at) > LARGEST_REAL;
    store<f32>(ptr(c, 4) + at, clipped ? 0 : <f32>(dt * zRe + dbRe * qRe + dbIm * qIm));
    store<f32>(ptr(c, 5) + at, <f32>(dt * zIm + dbIm * qRe - dbRe * qIm));
    store<f32>(ptr(c, 6) + at, <f32>(dt * (zRe * re + zIm * im + dbRe * eRe + dbIm * eIm)));
  }
}

/** Operands v, Lambda_re, Lambda_im, log_step, state, y; attrs clip. A unit is four modes of all sequences. local: modes. */
export function complexScanStep(c: usize, u: i32, local: usize): void {
  const count = cols(c, 1), n0 = u * 4, left = count - n0, half = <usize>count << 2, at = <usize>n0 << 2;
  modesOf(ptr(c, 1), ptr(c, 2), ptr(c, 3), n0, count, attr(c, 0) != 0, local);
  const muRe = field4(local, MU_RE), muIm = field4(local, MU_IM), bRe = field4(local, BETA_RE), bIm = field4(local, BETA_IM), two = f32x4.splat(2);
  for (let b = 0; b < rows(c, 0); b++) {
    const v = ptr(c, 0) + <usize>b * ld(c, 0) + at, s = ptr(c, 4) + <usize>b * ld(c, 4) + at, y = ptr(c, 5) + <usize>b * ld(c, 5) + at;
    const vRe = load4(v, left), vIm = load4(v + half, left), re = load4(s, left), im = load4(s + half, left);
    const nextRe = fnma(muIm, im, fma(muRe, re, fnma(bIm, vIm, fma(bRe, vRe, re))));
    const nextIm = fma(muIm, re, fma(muRe, im, fma(bIm, vRe, fma(bRe, vIm, im))));
    store4(s, nextRe, left); store4(s + half, nextIm, left);
    store4(y, f32x4.mul(two, nextRe), left); store4(y + half, f32x4.neg(f32x4.mul(two, nextIm)), left);
  }
}
