import { block, columnOf, declareBlock, each, multiply, slabMemory, threadPlace } from '../../backends/webgpu/blocks.ts'
import { bindOperands, ceilDiv, type Dispatch, kernel, reads, type Target, writes } from '../../backends/webgpu/wgsl.ts'
import type { Variants } from '../../backends/webgpu/choices.ts'
import type { Operand } from '../../graph/plan.ts'
import type { TensorType } from '../../tensor/tensor.ts'

/** Rows of a workgroup's block and what a thread holds of it. */
const HEADWISE_BLOCK = { rows: 64, tm: 8, tn: 8, slab: 16, unroll: 4, ahead: true }

const BLOCKS = 'blocks'
const SMALL = 'small tiles'
/** What heads of K and N columns can be multiplied by: blocks on a large card, where four neighbours can be read at once. */
export function headwiseVariants(x: TensorType, heads: number, K: number, N: number, { software }: Target): Variants | null {
  if (software || K % 4 !== 0 || N % 4 !== 0 || Math.min(K, N) < 32) return null
  return { key: `${x.rows} rows ${heads}×${K}×${N}`, names: [BLOCKS, SMALL], trusted: SMALL }
}
export function inBlocks(x: TensorType, heads: number, K: number, N: number, target: Target): boolean {
  const variants = headwiseVariants(x, heads, K, N, target)
  return variants !== null && target.choices.name('headwise_linear', variants) === BLOCKS
}

/** y = x times each head's matrix (+ addend), a block of rows and of one head's columns a workgroup. */
export function headwiseBlocks(
  { x, weight, addend, y }: Record<'x' | 'weight' | 'y', Operand> & { addend?: Operand },
  { heads, K, N, transpose }: { heads: number; K: number; N: number; transpose: boolean },
): Dispatch {
  const b = block({ ...HEADWISE_BLOCK, cols: 64 })
  const bound = bindOperands({ x: reads(x, true), weight: reads(weight, true), addend: reads(addend ?? x, true), y: writes(y, true) })
  const { views } = bound
  const column = `h * ${N / 4}u + n / 4u`
  const sum = (value: string): string => (addend ? `${views.addend.get4('r', column)} + ${value}` : value)
  const weightAt = (row: string, column: string, rows: number, cols: number): string =>
    `weightAt(${row} < ${rows}u && ${column} < ${cols}u, ((${row}) * ${cols}u + ${column}) / 4u, h)`
  return kernel({
    label: 'headwise_linear',
    bound,
    workgroup: b.threads,
    groups: [ceilDiv(x.rows, b.rows), ceilDiv(N, b.cols), heads],
    globals: `${slabMemory(b)}
fn xAt(r: u32, k: u32, h: u32) -> vec4f { if (r < ${x.rows}u && k < ${K}u) { return ${views.x.get4('r', `h * ${K / 4}u + k / 4u`)}; } return vec4f(); }
fn weightAt(inside: bool, at: u32, h: u32) -> vec4f { if (inside) { return ${views.weight.get4('h', 'at')}; } return vec4f(); }`,
    body: `let m0 = wid.x * ${b.rows}u; let n0 = wid.y * ${b.cols}u; let h = wid.z; ${threadPlace(b)}
${declareBlock(b, 's')}
${multiply(b, 's', {
  from: '0u',
  to: `${K}u`,
  A: { transposed: true, get: (w, k) => `xAt(m0 + ${w}, ${k}, h)` },
  B: transpose
    ? { transposed: false, get: (k, n) => weightAt(k, `(n0 + ${n})`, K, N) }
    : { transposed: true, get: (n, k) => weightAt(`(n0 + ${n})`, k, N, K) },
})}
${each(b, (i, q) => `{ let r = m0 + rt * ${b.tm}u + ${i}u; let n = n0 + ${columnOf(b, q)}; if (r < ${x.rows}u && n < ${N}u) { ${views.y.put4('r', column, sum(`s${i}_${q}`))} } }`)}`,
  })
}
