import type { Variants } from '../../backends/webgpu/choices.ts'
import { ceilDiv, part, range, regions, type Target } from '../../backends/webgpu/wgsl.ts'
import type { Operand } from '../../graph/plan.ts'
import type { TensorType } from '../../tensor/tensor.ts'
import { type Attributes, num } from '../op.ts'

/** How diagonal_scan is cut up on a GPU. All arrays have the channel as their last axis, so that neighbouring lanes read neighbours. */
export interface DiagonalShape {
  readonly batch: number
  readonly seqlen: number
  /** Channels. */
  readonly H: number
  /** Modes, and real numbers of state, of a channel. */
  readonly modes: number
  readonly M: number
  readonly complex: boolean
  /** Steps of a chunk, chunks of a sequence, chunks of all sequences. */
  readonly Q: number
  readonly chunks: number
  readonly rows: number
  /** Rows and columns of a product that one thread holds. */
  readonly RM: number
  readonly RN: number
  readonly workgroup: number
}

/** Chunks that a carry reads ahead on a GPU. */
const AHEAD = 8
/** Rows and columns of a product that a thread holds on a GPU, the rule's first. */
const REGISTERS: Readonly<Record<string, readonly [number, number]>> = { '4×8': [4, 8], '8×8': [8, 8], '4×16': [4, 16], '8×4': [8, 4] }

/** What diagonal_scan can be on this adapter; the gradient takes what was chosen for the forward pass. */
export const diagonalVariants = (u: TensorType, C: TensorType, attrs: Attributes, { software }: Target): Variants | null =>
  software
    ? null
    : {
        key: `${num(attrs, 'batch')}×${num(attrs, 'seqlen')} ${u.cols}×${C.cols}`,
        names: Object.keys(REGISTERS),
        trusted: Object.keys(REGISTERS)[0],
      }

export function diagonalShape(u: TensorType, C: TensorType, attrs: Attributes, target: Target): DiagonalShape {
  const [batch, seqlen] = [num(attrs, 'batch'), num(attrs, 'seqlen')]
  const Q = !target.software && seqlen >= 1024 ? 64 : 32
  const chunks = ceilDiv(seqlen, Q)
  const variants = diagonalVariants(u, C, attrs, target)
  const [RM, RN] = variants ? REGISTERS[target.choices.name('diagonal_scan', variants)] : [2, 4]
  const [M, complex] = [C.cols, !attrs.real]
  const modes = complex ? M / 2 : M
  return { batch, seqlen, H: u.cols, modes, M, complex, Q, chunks, rows: batch * chunks, RM, RN, workgroup: target.software ? 32 : 128 }
}

/** What the forward pass keeps: powers W, read-out V, decay of a chunk, w, taps T of the kernel (D in the first), state before each chunk. */
export function savedRegions({ Q, M, H, rows }: DiagonalShape): ReturnType<typeof regions<'W' | 'V' | 'end' | 'weights' | 'T' | 'S'>> {
  return regions({ W: Q * M * H, V: Q * M * H, end: M * H, weights: M * H, T: Q * H, S: rows * M * H })
}

/**
 * WGSL that goes over `chunks` chunks in order (from the last with `backward`), some read before the first of them is written, or each would
 * wait for the memory. The code sees k, the chunk; what `read` declares ends in the chunk's number.
 */
export function overChunks(
  { chunks }: { chunks: number },
  { software }: Target,
  backward: boolean,
  read: (i: number) => string,
  write: (i: number) => string,
): string {
  const ahead = Math.min(software ? 1 : AHEAD, chunks)
  const place = (i: number): string => (backward ? `${chunks - 1}u - min(k0 + ${i}u, ${chunks - 1}u)` : `min(k0 + ${i}u, ${chunks - 1}u)`)
  const each = (code: (i: number) => string): string => range(ahead).map(code).join('\n')
  return `for (var k0 = 0u; k0 < ${chunks}u; k0 += ${ahead}u) {
${each((i) => `let k_${i} = ${place(i)}; ${read(i)}`)}
${each((i) => `${chunks % ahead ? `if (k0 + ${i}u < ${chunks}u)` : ''} { let k = k_${i}; ${write(i)} }`)} }`
}

/** Slices of the sum over chunks, so that few channels still fill a GPU. */
export const slicesOf = ({ H, Q, M, RM, RN, rows }: DiagonalShape, target: Target): number =>
  target.software ? Math.min(2, rows) : Math.max(1, Math.min(8, ceilDiv(rows, 32), ceilDiv(65536, H * (Q / RM) * ceilDiv(M, RN))))

export function gradRegions(
  shape: DiagonalShape,
  target: Target,
): ReturnType<typeof regions<'L' | 'dEnd' | 'dV' | 'dW' | 'dD' | 'taps' | 'dt' | 'turns'>> {
  const { Q, M, H, rows, batch, modes } = shape
  const slices = slicesOf(shape, target)
  return regions({
    L: rows * M * H,
    dEnd: batch * M * H,
    dV: slices * Q * M * H,
    dW: slices * Q * M * H,
    dD: slices * Q * Q * H,
    taps: Q * H,
    dt: modes * H,
    turns: modes * H,
  })
}

/** A region of the saved or scratch buffer as a binding. */
export const region = <K extends string>(whole: Operand, layout: { first: Record<K, number> }, name: K, count: number, write = false) =>
  part(whole, layout.first[name], count, { write })

/**
 * exp, sin and cos good to a unit in the last place or two (WGSL's own may be far off), and the zero-order hold of a mode. The phase Δ·Im A
 * carries what float32 rounds off it as a second part: a long memory multiplies its error by thousands of steps.
 */
export const MODE_FUNCTIONS = `
/** e^x and what is missing from it. */
fn exponential(x: f32) -> vec2f {
  let k = round(clamp(x, -87.0, 88.0) * 1.44269504);
  let r = (x - k * 0.693359375) + k * 2.12194440e-4;
  let p = ((((1.9875691500e-4 * r + 1.3981999507e-3) * r + 8.3334519073e-3) * r + 4.1665795894e-2) * r + 1.6666665459e-1) * r + 0.5;
  let t = fma(p, r * r, r); let s = 1.0 + t;
  return vec2f(ldexp(s, i32(k)), ldexp(t - (s - 1.0), i32(k)));
}
/** cos and sin of y.x + y.y, the second part tiny; π/2 is taken off in three parts, the first two of few bits. */
fn turn(y: vec2f) -> vec2f {
  let k = round(y.x * 0.636619772);
  let r = (((y.x - k * 1.5703125) - k * 4.837512969970703125e-4) - k * 7.54978995489188216e-8) + y.y;
  let z = r * r;
  let s = fma(((-1.9515295891e-4 * z + 8.3321608736e-3) * z - 1.6666654611e-1) * z, r, r);
  let c = fma(((2.443315711809948e-5 * z - 1.388731625493765e-3) * z + 4.166664568298827e-2) * z, z, fma(-0.5, z, 1.0));
  let q = i32(k) & 3;
  let swapped = select(vec2f(c, s), vec2f(s, c), (q & 1) == 1);
  return vec2f(select(swapped.x, -swapped.x, q == 1 || q == 2), select(swapped.y, -swapped.y, q >= 2));
}
fn product(a: vec2f, b: vec2f) -> vec2f { return vec2f(a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x); }
/** a · conj(b) */
fn against(a: vec2f, b: vec2f) -> vec2f { return vec2f(a.x * b.x + a.y * b.y, a.y * b.x - a.x * b.y); }
/** What a · b loses to rounding (Dekker's product: fma need not be fused in WGSL). */
fn lost(a: f32, b: f32) -> f32 {
  let x = bitcast<f32>(bitcast<u32>(a) & 0xfffff000u); let y = bitcast<f32>(bitcast<u32>(b) & 0xfffff000u);
  return ((x * y - a * b) + x * (b - y) + (a - x) * y) + (a - x) * (b - y);
}
struct Mode { dt: f32, A: vec2f, x: f32, y: vec2f, mu: vec2f, beta: vec2f }
/** Δ, A, ΔA = x + i y, μ = e^{ΔA} − 1 and β = μ/A. */
fn hold(log_dt: f32, log_A_real: f32, A_imag: f32) -> Mode { return holdAt(log_dt, vec2f(-exponential(log_A_real).x, A_imag)); }
fn holdAt(log_dt: f32, A: vec2f) -> Mode {
  let dt = exponential(log_dt);
  let x = dt.x * A.x; let y = vec2f(dt.x * A.y, lost(dt.x, A.y) + dt.y * A.y);
  let grown = exponential(x).x;
  let series = x * (1.0 + x / 2.0 * (1.0 + x / 3.0 * (1.0 + x / 4.0 * (1.0 + x / 5.0 * (1.0 + x / 6.0 * (1.0 + x / 7.0))))));
  let cs = turn(y); let half = turn(0.5 * y).y;
  let mu = vec2f(select(grown - 1.0, series, x > -0.5) * cs.x - 2.0 * half * half, grown * cs.y);
  return Mode(dt.x, A, x, y, mu, against(mu, A) / dot(A, A));
}
/** e^{QΔA} for Q a power of two, so that Q·z is exact. */
fn power(z: Mode, Q: f32) -> vec2f { return exponential(z.x * Q).x * turn(z.y * Q); }
/** (z e^z − e^z + 1) / z², by its series where that would cancel. */
fn slope(z: Mode) -> vec2f {
  let a = vec2f(z.x, z.y.x);
  if (dot(a, a) > 1.0) { return against(against(product(a - vec2f(1.0, 0.0), z.mu + vec2f(1.0, 0.0)) + vec2f(1.0, 0.0), a) / dot(a, a), a) / dot(a, a); }
  var sum = vec2f(); var term = vec2f(1.0, 0.0);
  for (var k = 0u; k < 12u; k++) { sum += term / f32(k + 2u); term = product(term, a) / f32(k + 1u); }
  return sum;
}`
