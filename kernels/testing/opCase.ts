import type { Backend } from '../backends/backend.ts'
import { ReferenceBackend } from '../backends/reference/reference.ts'
import { gradient } from '../graph/gradient.ts'
import { GraphBuilder, type Value } from '../graph/graph.ts'
import { liftOf } from '../graph/halves.ts'
import { type Plan, plan } from '../graph/plan.ts'
import type { OpName } from '../ops/names.ts'
import type { OpCase } from '../ops/op.ts'
import { ops } from '../ops/registry.ts'
import { RandomStream } from '../random/philox.ts'
import { elements, type TensorType } from '../tensor/tensor.ts'

/** How operands lie in memory: alone, or as columns inside wider rows (as a split leaves them) with `gap` elements around. */
export interface Layout {
  gap: number
  /**
   * Inputs reach the op by a copy, results leave by one, so that a backend that stores float16 does. Inputs of these names are numbers of
   * float16; cotangents are about one over their rows, as a loss that is a mean leaves them.
   */
  halves?: readonly string[]
  /** Without the gradient, so that nothing reads what the op saves for it. */
  readonly alone?: boolean
}

const stores = (op: OpName): number[] => ops[op].outputs.map((_, i) => i).filter((i) => !ops[op].opaque?.includes(i))

/** Random inputs of a case, the same for every backend and layout. */
export function caseInputs(op: OpName, opCase: OpCase, halves: readonly string[] = []): Float64Array[] {
  const stream = new RandomStream(
    1,
    [...op].reduce((a, c) => (a * 31 + c.charCodeAt(0)) >>> 0, elements(opCase.inputs[0] ?? { rows: 1, cols: 1, dtype: 'f32' })),
  )
  return opCase.inputs.map((type, i) => {
    const [low, high] = opCase.range?.[i] ?? [-1, 1]
    return Float64Array.from({ length: elements(type) }, () => {
      const x = low + (high - low) * stream.uniform()
      return type.dtype === 'i32' ? Math.floor(x) : halves.includes(ops[op].inputs[i]) ? Math.f16round(x) : Math.fround(x)
    })
  })
}

export interface CaseResult {
  /** Output name → values; gradients as "d" + input name. */
  readonly results: ReadonlyMap<string, Float64Array>
  readonly plan: Plan
}

/**
 * Runs one op case on a backend: the op's outputs and, where it has a gradient, the gradient of Σ ⟨random cotangent, output⟩ with respect
 * to each input. Outputs and the elements between strided rows are NaN before; the latter must be NaN after (nobody wrote outside).
 */
export async function runCase(backend: Backend, op: OpName, opCase: OpCase, layout: Layout = { gap: 0 }): Promise<CaseResult> {
  const builder = new GraphBuilder()
  const data = caseInputs(op, opCase, layout.halves)
  const pass = (value: Value): Value => (layout.halves && value.type.dtype === 'f32' ? builder.one('copy', [value]) : value)
  const externals: { name: string; type: TensorType; fill: Float64Array | null }[] = []
  const leadingDimension = (type: TensorType): number => type.cols + 2 * layout.gap
  const external = (name: string, type: TensorType, fill: Float64Array | null): Value => {
    externals.push({ name, type, fill })
    return builder.external(name, type, layout.gap, leadingDimension(type))
  }
  const store = (value: Value, name: string): void => {
    externals.push({ name, type: value.type, fill: null })
    builder.store(value, name, layout.gap, leadingDimension(value.type))
  }
  const given = opCase.inputs.map((type, i) => external(`in.${i}`, type, data[i]))
  const kept = Object.values(ops[op].inPlace ?? {})
  const inputs = given.map((value, i) => (kept.includes(i) ? value : pass(value)))
  const outputs = builder.apply(op, inputs, opCase.attrs)
  const names = ops[op].outputs
  if (layout.halves) builder.beginBackward()
  const cotangents = new RandomStream(2)
  const seeds: { value: Value; grad: Value }[] = []
  for (const i of stores(op)) {
    if (ops[op].inPlace?.[i] === undefined) store(pass(outputs[i]), `out.${names[i]}`)
    const { rows } = outputs[i].type
    const random = Float64Array.from({ length: elements(outputs[i].type) }, () => {
      const x = cotangents.uniform() * 2 - 1
      return layout.halves ? Math.f16round(x) / 2 ** liftOf(rows) : Math.fround(x)
    })
    if (ops[op].gradient && !layout.alone && differentiable(op, i))
      seeds.push({ value: outputs[i], grad: pass(external(`cotangent.${i}`, outputs[i].type, random)) })
  }
  if (ops[op].gradient && !layout.alone)
    gradient(builder, seeds, inputs).forEach((grad, k) => grad && store(pass(grad), `grad.d${ops[op].inputs[k]}`))

  const made = plan(builder.graph, backend.sizes)
  const buffers = Object.fromEntries(
    externals.map(({ name, type, fill }) => {
      const buffer = backend.createBuffer(type.rows * leadingDimension(type), type.dtype, name)
      const host = type.dtype === 'i32' ? new Int32Array(buffer.elements).fill(-7) : new Float32Array(buffer.elements).fill(NaN)
      if (fill)
        for (let r = 0; r < type.rows; r++)
          for (let c = 0; c < type.cols; c++) host[layout.gap + r * leadingDimension(type) + c] = fill[r * type.cols + c]
      buffer.write(host)
      return [name, buffer]
    }),
  )
  const program = await backend.compile(made, buffers)
  program.run()
  await program.done()
  const results = new Map<string, Float64Array>()
  for (const { name, type } of externals) {
    const overwritten = Object.entries(ops[op].inPlace ?? {}).find(([, input]) => name === `in.${input}`)
    const key = overwritten ? names[Number(overwritten[0])] : /^(?:out|grad)\.(.*)$/.exec(name)?.[1]
    if (key === undefined) continue
    const host = 'data' in buffers[name] ? (buffers[name].data as Float64Array) : await buffers[name].read()
    const values = new Float64Array(elements(type))
    const ld = leadingDimension(type)
    host.forEach((x, i) => {
      const [r, c] = [Math.floor(i / ld), (i % ld) - layout.gap]
      if (c >= 0 && c < type.cols) values[r * type.cols + c] = x
      else if (type.dtype === 'f32' && !Number.isNaN(x))
        throw new Error(`${op}: ${name} was written outside its columns (row ${r}, column ${c})`)
    })
    results.set(key, values)
  }
  program.destroy()
  Object.values(buffers).forEach((b) => b.destroy())
  return { results, plan: made }
}

/** Outputs whose cotangent the op's gradient rule honours. */
function differentiable(op: OpName, output: number): boolean {
  return ops[op].differentiable?.includes(output) ?? output === 0
}

/** What `caseErrors` may report of `result`: gradients are named "d" and the input. */
export function allowedError(op: OpName, result: string): number {
  const { inputs, outputs, tolerance, gradientTolerance = tolerance } = ops[op]
  return !outputs.includes(result) && inputs.some((name) => result === `d${name}`) ? gradientTolerance : tolerance
}

/** ‖actual − expected‖₂ / ‖expected‖₂ (or the absolute norm where expected is zero). NaN in `actual` gives NaN. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let [difference, norm] = [0, 0]
  for (let i = 0; i < expected.length; i++) {
    difference += (actual[i] - expected[i]) ** 2
    norm += expected[i] ** 2
  }
  return norm > 0 ? Math.sqrt(difference / norm) : Math.sqrt(difference)
}

/** Every result of a case on `backend` against the float64 reference: [name, relative L2 error]. */
export async function caseErrors(backend: Backend, op: OpName, opCase: OpCase, layout?: Layout): Promise<[string, number][]> {
  const asked: Layout = { gap: 0, alone: layout?.alone ?? false, ...(layout?.halves ? { halves: layout.halves } : {}) }
  const [expected, actual] = [await runCase(new ReferenceBackend(), op, opCase, asked), await runCase(backend, op, opCase, layout)]
  return [...expected.results].map(([name, values]) => [name, relativeError(actual.results.get(name)!, values)])
}
