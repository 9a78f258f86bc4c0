// Zero-order hold of one mode in float64 (discretise.ts): what the scan, its gradient and its step start from.
import { exp64, sin64 } from "../../backends/cpu/wasm/complex.simd";

/** Byte offsets of the f64 fields of a mode. */
export const DT: usize = 0, A_RE: usize = 8, A_IM: usize = 16, MU_RE: usize = 24, MU_IM: usize = 32, BETA_RE: usize = 40, BETA_IM: usize = 48;
export const MODE_BYTES: usize = 64;

/** dt, A, μ = e^{ΔA} − 1 and β = μ/A of one mode, from its parameters. */
export function discretise(log_dt: f32, log_A_real: f32, A_imag: f32, out: usize): void {
  hold(exp64(<f64>log_dt), -exp64(<f64>log_A_real), <f64>A_imag, out);
}

/** The same from Δ and A. */
export function hold(dt: f64, re: f64, im: f64, out: usize): void {
  const x = dt * re, y = dt * im;
  // e^z − 1 = (e^x − 1) cos y − 2 sin²(y/2) + i e^x sin y; the first by its series where it would cancel.
  const grown = exp64(x), half = sin64(y * 0.5, 0);
  const less = abs<f64>(x) < 1e-3 ? x * (1 + x * 0.5 * (1 + x / 3 * (1 + x * 0.25))) : grown - 1;
  const muRe = less * sin64(y, 1) - 2 * half * half, muIm = grown * sin64(y, 0), size = re * re + im * im;
  store<f64>(out, dt, DT); store<f64>(out, re, A_RE); store<f64>(out, im, A_IM); store<f64>(out, muRe, MU_RE); store<f64>(out, muIm, MU_IM);
  store<f64>(out, (muRe * re + muIm * im) / size, BETA_RE); store<f64>(out, (muIm * re - muRe * im) / size, BETA_IM);
}

/** Four f64 fields, MODE_BYTES apart, as floats. */
// @ts-ignore: decorator
@inline export function field4(modes: usize, offset: usize): v128 {
  let v = f32x4.splat(<f32>load<f64>(modes + offset));
  v = f32x4.replace_lane(v, 1, <f32>load<f64>(modes + MODE_BYTES + offset));
  v = f32x4.replace_lane(v, 2, <f32>load<f64>(modes + 2 * MODE_BYTES + offset));
  return f32x4.replace_lane(v, 3, <f32>load<f64>(modes + 3 * MODE_BYTES + offset));
}
