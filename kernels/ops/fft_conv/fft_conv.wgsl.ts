import { rowSlices, sumColumns } from '../../backends/webgpu/columns.ts'
import {
  bindOperands,
  ceilDiv,
  type Dispatch,
  kernel,
  literal,
  part,
  range,
  reads,
  regions,
  type WgslKernel,
  writes,
} from '../../backends/webgpu/wgsl.ts'
import type { Operand } from '../../graph/plan.ts'
import { type Attributes, num } from '../op.ts'
import { fftSize } from './fft_conv.ts'
import { complexRegion, type Place, transform } from './transform.ts'

interface Shape {
  readonly batch: number
  readonly seqlen: number
  readonly n: number
  readonly channels: number
}
const shapeOf = (u: { cols: number }, attrs: Attributes): Shape => {
  const [batch, seqlen] = [num(attrs, 'batch'), num(attrs, 'seqlen')]
  return { batch, seqlen, n: fftSize(seqlen), channels: u.cols }
}
/** Places of the scratch: transforms of the kernel, of u and of dy, the sum over sequences, two between passes, partial sums. */
const layoutOf = ({ n, channels, batch, seqlen }: Shape, gradient: boolean) => {
  const size = 2 * n * channels
  const slices = rowSlices(batch * seqlen, channels)
  return regions({
    K: size,
    A: size,
    B: size,
    ...(gradient ? { X: size, G: size, sum: size, dD: slices > 1 ? slices * channels : 0 } : {}),
  } as Record<'K' | 'A' | 'B' | 'X' | 'G' | 'sum' | 'dD', number>)
}

/** Two sequences of x as one complex one, zeros behind. */
function sequences(name: string, x: Operand, pair: number, { batch, seqlen }: Shape): Place {
  const row = (b: number, i: string): string => `${b * seqlen}u + min(${i}, ${seqlen - 1}u)`
  return {
    operands: { [name]: reads(x) },
    load(v, i) {
      const second = 2 * pair + 1 < batch ? v[name].get(row(2 * pair + 1, i), 's') : '0.0'
      return `select(vec2f(), vec2f(${v[name].get(row(2 * pair, i), 's')}, ${second}), ${i} < ${seqlen}u)`
    },
  }
}
/** The real kernel's lags that are used, zeros behind. */
const lags = (kernel: Operand, { seqlen }: Shape): Place => {
  const count = Math.min(seqlen, kernel.rows)
  return {
    operands: { kernel: reads(kernel) },
    load: (v, i) => `select(vec2f(), vec2f(${v.kernel.get(`min(${i}, ${count - 1}u)`, 's')}, 0.0), ${i} < ${count}u)`,
  }
}
/** Two sequences out of one: the transform's share and D times x. */
function outputs(y: Operand, D: Operand, x: Operand, pair: number, { batch, seqlen, n }: Shape): Place {
  return {
    operands: { to: writes(y), D: reads(D), skip: reads(x) },
    store: (v, i, value) =>
      `if (${i} < ${seqlen}u) { let d = ${v.D.get('0u', 's')}; ${range(2)
        .filter((b) => 2 * pair + b < batch)
        .map((b) => {
          const row = `${(2 * pair + b) * seqlen}u + ${i}`
          return v.to.put(row, 's', `fma(d, ${v.skip.get(row, 's')}, (${value}).${b ? 'y' : 'x'} * ${literal(1 / n)})`)
        })
        .join(' ')} }`,
  }
}
/** a times b, or times conj(b), as a source. */
const productOf = (a: Place, b: Place, conjugate: boolean): Place => ({
  operands: { ...a.operands, ...b.operands },
  load: (v, i) => `${conjugate ? 'against' : 'product'}(${a.load!(v, i)}, ${b.load!(v, i)})`,
})

/** Sequences go through in pairs, one after the other, so that the scratch does not grow with the batch. */
export const fft_conv: WgslKernel = {
  scratch: ([u], attrs) => layoutOf(shapeOf(u, attrs), false).total,
  dispatches({ inputs: [u, kernelIn, D], outputs: [y], attrs, scratch }, target) {
    const shape = shapeOf(u, attrs)
    const { n, channels, batch } = shape
    const layout = layoutOf(shape, false)
    const at = (name: 'K' | 'A' | 'B', write: boolean) =>
      complexRegion(name, part(scratch!, layout.first[name], 2 * n * channels, { write }), shape)
    const between = [at('A', true), at('B', true)] as const
    const all = transform('fft_conv.kernel', { n, channels }, lags(kernelIn, shape), at('K', true), between, target)
    for (const pair of range(ceilDiv(batch, 2))) {
      // The transform ends in the region its last pass does not read.
      const [passes, own] = forward('fft_conv.u', shape, sequences('u', u, pair, shape), between, target)
      const rest = own === between[0] ? between[1] : between[0]
      all.push(
        ...passes,
        ...transform(
          'fft_conv.y',
          { n, channels, inverse: true },
          productOf(own, at('K', false), false),
          outputs(y, D, u, pair, shape),
          [rest, own],
          target,
        ),
      )
    }
    return all
  },
}

/** A transform that ends in one of the two regions between passes; which one. */
function forward(
  label: string,
  { n, channels }: Shape,
  first: Place,
  between: readonly [Place, Place],
  target: Parameters<WgslKernel['dispatches']>[1],
): [Dispatch[], Place] {
  const count = transform(label, { n, channels }, first, between[0], between, target).length
  const own = between[(count - 1) % 2]
  return [transform(label, { n, channels }, first, own, between, target), own]
}

export const fft_conv_grad: WgslKernel = {
  scratch: ([, u], attrs) => layoutOf(shapeOf(u, attrs), true).total,
  dispatches({ inputs: [dy, u, kernelIn, D], outputs: [du, dkernel, dD], attrs, scratch }, target) {
    const shape = shapeOf(u, attrs)
    const { n, channels, batch, seqlen } = shape
    const layout = layoutOf(shape, true)
    const at = (name: 'K' | 'A' | 'B' | 'X' | 'G' | 'sum', write: boolean) =>
      complexRegion(name, part(scratch!, layout.first[name], 2 * n * channels, { write }), shape)
    const between = [at('A', true), at('B', true)] as const
    const workgroup = target.software ? 32 : 128
    const all = transform('fft_conv_grad.kernel', { n, channels }, lags(kernelIn, shape), at('K', true), between, target)
    for (const pair of range(ceilDiv(batch, 2))) {
      all.push(...transform('fft_conv_grad.u', { n, channels }, sequences('u', u, pair, shape), at('X', true), between, target))
      all.push(...transform('fft_conv_grad.dy', { n, channels }, sequences('dy', dy, pair, shape), at('G', true), between, target))
      const [X, G, sum] = [at('X', false), at('G', false), at('sum', true)]
      const bound = bindOperands({ ...X.operands, ...G.operands, ...sum.operands } as Record<string, ReturnType<typeof reads>>)
      const term = `against(${G.load(bound.views, 'i')}, ${X.load(bound.views, 'i')})`
      all.push(
        kernel({
          label: 'fft_conv_grad.sum',
          bound,
          workgroup,
          groups: ceilDiv(n * channels, workgroup),
          globals: 'fn against(a: vec2f, b: vec2f) -> vec2f { return vec2f(a.x * b.x + a.y * b.y, a.y * b.x - a.x * b.y); }',
          body: `let e = w * ${workgroup}u + li; if (e >= ${n * channels}u) { return; } let s = e % ${channels}u; let i = e / ${channels}u;
${sum.store(bound.views, 'i', pair ? `${sum.load(bound.views, 'i')} + ${term}` : term)}`,
        }),
        ...transform(
          'fft_conv_grad.du',
          { n, channels, inverse: true },
          productOf(at('G', false), at('K', false), true),
          outputs(du, D, dy, pair, shape),
          between,
          target,
        ),
      )
    }
    const used = Math.min(seqlen, dkernel.rows)
    const toKernel: Place = {
      operands: { dkernel: writes(dkernel) },
      store: (v, i, value) =>
        `if (${i} < ${dkernel.rows}u) { ${v.dkernel.put(i, 's', used < dkernel.rows ? `select(0.0, (${value}).x * ${literal(1 / n)}, ${i} < ${used}u)` : `(${value}).x * ${literal(1 / n)}`)} }`,
    }
    all.push(...transform('fft_conv_grad.dkernel', { n, channels, inverse: true }, at('sum', false), toKernel, between, target))
    if (dkernel.rows > n) all.push(zeroRows(dkernel, n, workgroup))
    const slices = rowSlices(u.rows, channels)
    const partials = slices > 1 ? part(scratch!, layout.first.dD, slices * channels).operand : null
    return [...all, ...sumColumns('fft_conv_grad.dD', { u, dy }, 'u * dy', dD, partials, target)]
  },
}

/** Lags beyond the transform's points have no gradient. */
function zeroRows(y: Operand, first: number, workgroup: number): Dispatch {
  const bound = bindOperands({ y: writes(y) })
  const count = (y.rows - first) * y.cols
  return kernel({
    label: 'fft_conv_grad.rest',
    bound,
    workgroup,
    groups: ceilDiv(count, workgroup),
    body: `let i = w * ${workgroup}u + li; if (i >= ${count}u) { return; } ${bound.views.y.put(`${first}u + i / ${y.cols}u`, `i % ${y.cols}u`, '0.0')}`,
  })
}
