import { bindOperands, ceilDiv, type Dispatch, kernel, literal, range, type Target, type View } from '../../backends/webgpu/wgsl.ts'
import { MODE_FUNCTIONS } from '../diagonal_scan/diagonalPlan.ts'

type Request = Parameters<typeof bindOperands>[0][string]

/** Where a pass reads or writes complex numbers: operands to bind, and WGSL over them at element i, channel s. */
export interface Place {
  readonly operands: Readonly<Record<string, Request>>
  load?(views: Record<string, View>, i: string): string
  store?(views: Record<string, View>, i: string, value: string): string
}

/** A flat region of complex numbers: the real parts as (n, channels), then the imaginary ones, so that neighbours read neighbours. */
export const complexRegion = (
  name: string,
  request: Request,
  { n, channels }: { n: number; channels: number },
): Place & Required<Pick<Place, 'load' | 'store'>> => {
  const at = (i: string, part: number): string => `(${i}) * ${channels}u + ${part ? `${n * channels}u + ` : ''}s`
  return {
    operands: { [name]: request },
    load: (v, i) => `vec2f(${v[name].get('0u', at(i, 0))}, ${v[name].get('0u', at(i, 1))})`,
    store: (v, i, value) => `${v[name].put('0u', at(i, 0), `(${value}).x`)} ${v[name].put('0u', at(i, 1), `(${value}).y`)}`,
  }
}

/** Channels of a workgroup, and the most points (a power of two) that it transforms in one pass. Tests change them. */
export const WORKGROUP_PASS = { channels: 16, bits: 8 }

/**
 * What each pass is made of. On a GPU few passes over memory: each of R₁ R₂ points by a workgroup, R₁ at a time in a thread's registers, then
 * R₂. On CPU drivers a thread's butterfly a pass.
 */
function passes(n: number, target: Target): (readonly [number] | readonly [number, number])[] {
  const bits = Math.log2(n)
  if (target.software || bits < 4) return radices(n, target).map((R) => [R] as const)
  const count = ceilDiv(bits, WORKGROUP_PASS.bits)
  return range(count).map((i) => {
    const own = Math.floor((bits * (i + 1)) / count) - Math.floor((bits * i) / count)
    return [2 ** Math.floor(own / 2), 2 ** Math.ceil(own / 2)] as const
  })
}

const radices = (n: number, target: Target): number[] => {
  const all: number[] = []
  for (let left = n; left > 1; left /= all[all.length - 1]) all.push(left % 8 === 0 && !target.software ? 8 : left % 4 === 0 ? 4 : 2)
  return all
}

/** WGSL of a small transform written out: statements, and the names of the results in order. */
function small(names: readonly string[], inverse: boolean, lines: string[], fresh: () => string): string[] {
  const n = names.length
  if (n === 1) return [...names]
  const even = small(
    names.filter((_, i) => i % 2 === 0),
    inverse,
    lines,
    fresh,
  )
  const odd = small(
    names.filter((_, i) => i % 2 === 1),
    inverse,
    lines,
    fresh,
  )
  const out = new Array<string>(n)
  for (let k = 0; k < n / 2; k++) {
    const angle = ((inverse ? 2 : -2) * Math.PI * k) / n
    let turned = odd[k]
    if (4 * k === n) turned = inverse ? `vec2f(-${odd[k]}.y, ${odd[k]}.x)` : `vec2f(${odd[k]}.y, -${odd[k]}.x)`
    else if (k) turned = `product(${odd[k]}, vec2f(${Math.cos(angle)}, ${Math.sin(angle)}))`
    const [t, a, b] = [fresh(), fresh(), fresh()]
    lines.push(`let ${t} = ${turned}; let ${a} = ${even[k]} + ${t}; let ${b} = ${even[k]} - ${t};`)
    out[k] = a
    out[k + n / 2] = b
  }
  return out
}

/** WGSL of a butterfly on x0 …: the statements, and the names of its results in order. */
function butterfly(R: number, inverse: boolean): { code: string; out: string[] } {
  const lines: string[] = []
  let names = 0
  const out = small(
    range(R).map((r) => `x${r}`),
    inverse,
    lines,
    () => `t${names++}`,
  )
  return { code: lines.join('\n'), out }
}
/** WGSL of w2 … w(R−1), the powers of w1, each by as few products as can be. */
const powersOf = (R: number): string =>
  range(Math.max(0, R - 2))
    .map((i) => `let w${i + 2} = product(w${(i + 2) >> 1}, w${(i + 3) >> 1});`)
    .join(' ')
/** WGSL of e^{∓2πi m/N} for a whole number m (a u32 expression): the angle in two floats, because many multiply along the way. */
const rootOf = (m: string, N: number, inverse: boolean): string => {
  const [high, whole] = [Math.fround((2 * Math.PI) / N), (2 * Math.PI) / N]
  return `root(f32(${m}), ${literal(high)}, ${literal(whole - high)}) * vec2f(1.0, ${inverse ? '1.0' : '-1.0'})`
}
const ROOT = 'fn root(m: f32, high: f32, low: f32) -> vec2f { let a = m * high; return turn(vec2f(a, lost(m, high) + m * low)); }'

/**
 * The transform of n complex numbers for each of `channels` by Stockham's passes (Van Loan 1992, §1.7): natural order in and out, neighbours
 * in neighbouring channels. `between` are two regions for what lies between passes. The inverse is not divided by n.
 */
export function transform(
  label: string,
  { n, channels, inverse = false }: { n: number; channels: number; inverse?: boolean },
  first: Place,
  last: Place,
  between: readonly [Place, Place],
  target: Target,
): Dispatch[] {
  const plan = passes(n, target)
  let done = 1
  return plan.map((radix, pass) => {
    const source = pass === 0 ? first : between[(pass - 1) % 2]
    const to = pass === plan.length - 1 ? last : between[pass % 2]
    const bound = bindOperands({ ...source.operands, ...to.operands } as Record<string, Request>)
    const shape = { label: `${label} ${pass}`, n, channels, inverse, done, bound, source, to }
    done *= radix.reduce<number>((a, b) => a * b, 1)
    return radix.length === 1 ? threadPass(shape, radix[0], target) : workgroupPass(shape, radix, target)
  })
}
interface Pass {
  readonly label: string
  readonly n: number
  readonly channels: number
  readonly inverse: boolean
  /** Points of the transforms that are done already. */
  readonly done: number
  readonly bound: ReturnType<typeof bindOperands<string>>
  readonly source: Place
  readonly to: Place
}

/** One butterfly of R points a thread. */
function threadPass({ label, n, channels, inverse, done, bound, source, to }: Pass, R: number, target: Target): Dispatch {
  const workgroup = target.software ? 32 : 128
  const { code, out } = butterfly(R, inverse)
  const total = (n / R) * channels
  return kernel({
    label,
    bound,
    workgroup,
    groups: ceilDiv(total, workgroup),
    globals: `${MODE_FUNCTIONS}\n${ROOT}`,
    body: `let e = w * ${workgroup}u + li; if (e >= ${total}u) { return; } let s = e % ${channels}u; let j = e / ${channels}u; let k = j % ${done}u;
${done > 1 ? `let w1 = ${rootOf('k', done * R, inverse)}; ${powersOf(R)}` : ''}
${range(R)
  .map((r) => {
    const value = source.load!(bound.views, `j + ${(r * n) / R}u`)
    return `let x${r} = ${r && done > 1 ? `product(${value}, w${r})` : value};`
  })
  .join('\n')}
${code}
let base = j / ${done}u * ${done * R}u + k;
${out.map((value, r) => to.store!(bound.views, `base + ${r * done}u`, value)).join('\n')}`,
  })
}

/** R₁ R₂ points of a few channels by a workgroup, whose memory is crossed once in between. */
function workgroupPass(
  { label, n, channels, inverse, done, bound, source, to }: Pass,
  [R1, R2]: readonly [number, number],
  target: Target,
): Dispatch {
  const R = R1 * R2
  const width = Math.min(WORKGROUP_PASS.channels, channels, Math.floor(target.workgroupBytes / (8 * R)))
  const tiles = ceilDiv(channels, width)
  const [first, second] = [butterfly(R1, inverse), butterfly(R2, inverse)]
  const threads = R1 * width
  /** Both halves, shared out over the threads: `count` butterflies for each channel. */
  const shared = (count: number, code: (q: string) => string): string =>
    range(count / R1)
      .map((i) => `{ let q = li / ${width}u${i ? ` + ${i * R1}u` : ''}; ${code('q')} }`)
      .join('\n')
  return kernel({
    label,
    bound,
    workgroup: threads,
    groups: (n / R) * tiles,
    globals: `${MODE_FUNCTIONS}\n${ROOT}\nvar<workgroup> points: array<vec2f, ${R * width}>;`,
    body: `let c = li % ${width}u; let s = w % ${tiles}u * ${width}u + c; let inside = ${channels % width ? `s < ${channels}u` : 'true'}; let j = w / ${tiles}u; let k = j % ${done}u;
if (inside) {
${done > 1 ? `let w1 = ${rootOf(`(k * ${R2}u)`, done * R, inverse)}; ${powersOf(R1)}` : ''}
${shared(
  R2,
  (q) => `${done > 1 ? `let turned = ${rootOf(`(k * ${q})`, done * R, inverse)};` : ''}
${range(R1)
  .map((p) => {
    const value = source.load!(bound.views, `(j + (${q} + ${p * R2}u) * ${n / R}u)`)
    return `let x${p} = ${done > 1 ? `product(${value}, ${p ? `product(turned, w${p})` : 'turned'})` : value};`
  })
  .join('\n')}
${first.code}
${first.out.map((value, p) => `points[(${q} * ${R1}u + ${p}u) * ${width}u + c] = ${value};`).join(' ')}`,
)}
}
workgroupBarrier();
if (inside) {
let base = j / ${done}u * ${done * R}u + k;
${shared(
  R1,
  (q) => `let w1 = ${rootOf(q, R, inverse)}; ${powersOf(R2)}
${range(R2)
  .map((r) => `let x${r} = ${r ? `product(points[(${q} + ${r * R1}u) * ${width}u + c], w${r})` : `points[${q} * ${width}u + c]`};`)
  .join('\n')}
${second.code}
${second.out.map((value, r) => to.store!(bound.views, `(base + (${q} + ${r * R1}u) * ${done}u)`, value)).join('\n')}`,
)}
}`,
  })
}
