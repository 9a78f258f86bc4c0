import type { Operand } from '../../graph/plan.ts'
import type { WebGpuBuffer } from './buffer.ts'
import { bindOperands, ceilDiv, type Dispatch, kernel, literal, reads, writes } from './wgsl.ts'

/** Workgroups of a comparison, each with its own two sums. */
const GROUPS = 64
const THREADS = 64

const all = (o: Operand): Operand => ({ ...o, offset: 0, rows: 1, cols: o.rows * o.ld, ld: o.rows * o.ld })

/** Numbers that look random in [low, high) everywhere in the operand, rows and what lies between them; whole ones in an i32 operand. */
export function noiseDispatch(operand: Operand, [low, high]: readonly [number, number], seed: number): Dispatch {
  const flat = all(operand)
  const bound = bindOperands({ x: writes(flat) })
  const value = `${literal(low)} + ${literal(high - low)} * f32(h >> 8u) / 16777216.0`
  return kernel({
    label: 'tune.noise',
    bound,
    workgroup: THREADS,
    groups: ceilDiv(flat.cols, THREADS),
    body: `let i = w * ${THREADS}u + li; if (i >= ${flat.cols}u) { return; }
var h = i * 747796405u + ${(seed * 2891336453) >>> 0}u; h = ((h >> ((h >> 28u) + 4u)) ^ h) * 277803737u; h = (h >> 22u) ^ h;
${bound.views.x.put('0u', 'i', operand.dtype === 'i32' ? `i32(floor(${value}))` : value)}`,
  })
}

/** NaN everywhere in the operand. */
export function spoilDispatch(operand: Operand): Dispatch {
  const flat: Operand = { ...all(operand), dtype: 'i32' }
  const bound = bindOperands({ x: writes(flat) })
  return kernel({
    label: 'tune.spoil',
    bound,
    workgroup: THREADS,
    groups: ceilDiv(flat.cols, THREADS),
    body: `let i = w * ${THREADS}u + li; if (i < ${flat.cols}u) { ${bound.views.x.put('0u', 'i', '-1')} }`,
  })
}

/** Elements of `sums` that the comparison of one output takes. */
export const DIFFERENCE_SUMS = 2 * GROUPS

/** Sums of (x − y)² and y² over two operands without gaps, in parts, into the `index`-th place of `sums`. */
export function differenceDispatch(x: Operand, y: Operand, sums: Operand, index: number): Dispatch {
  const count = x.rows * x.cols
  const bound = bindOperands({ x: reads(all(x)), y: reads(all(y)), sums: writes(sums) })
  const { views } = bound
  return kernel({
    label: 'tune.difference',
    bound,
    workgroup: THREADS,
    groups: GROUPS,
    globals: `var<workgroup> all: array<vec2f, ${THREADS}>;`,
    body: `var sum = vec2f();
for (var i = w * ${THREADS}u + li; i < ${count}u; i += ${GROUPS * THREADS}u) { let a = f32(${views.x.get('0u', 'i')}); let b = f32(${views.y.get('0u', 'i')}); sum += vec2f((a - b) * (a - b), b * b); }
all[li] = sum; workgroupBarrier();
if (li == 0u) { for (var k = 1u; k < ${THREADS}u; k++) { sum += all[k]; }
${views.sums.put('0u', `${index * DIFFERENCE_SUMS}u + 2u * w`, 'sum.x')} ${views.sums.put('0u', `${index * DIFFERENCE_SUMS}u + 2u * w + 1u`, 'sum.y')} }`,
  })
}

/** Relative L2 difference of each output compared; NaN where one of them holds NaN. */
export async function readDifferences(sums: WebGpuBuffer): Promise<number[]> {
  const values = await sums.read()
  return Array.from({ length: values.length / DIFFERENCE_SUMS }, (_, k) => {
    let [difference, norm] = [0, 0]
    for (let i = k * DIFFERENCE_SUMS; i < (k + 1) * DIFFERENCE_SUMS; i += 2)
      [difference, norm] = [difference + values[i], norm + values[i + 1]]
    return norm > 0 ? Math.sqrt(difference / norm) : Math.sqrt(difference)
  })
}
