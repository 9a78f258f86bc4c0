import { type Block, block, columnOf, groupRange, rowRange } from '../../backends/webgpu/blocks.ts'
import type { Variants } from '../../backends/webgpu/choices.ts'
import { range, type Target, type View } from '../../backends/webgpu/wgsl.ts'
import type { AttentionShape } from './attention.ts'
import { headVec4 } from './flash.ts'

/** Threads side by side along the columns of a block. */
const LANES = 8

/**
 * Attention on a large card: a workgroup makes the weights of `rows` queries (keys) with `keys` of the other side as a block of a product,
 * 8 rows a thread, and multiplies them with values from workgroup memory, so that each number loaded serves 8 × 8 products.
 */
export interface BlockPlan {
  /** Weights: own side × other side. */
  readonly weights: Block
  /** Results: own side × columns of a head. */
  readonly out: Block
  /** dk and dv in one kernel. */
  readonly together: boolean
  readonly blocks: number
}

/** Measured choices, see docs/performance.md; tests and the tuner change them. */
export const BLOCK_CHOICE = { rows: 64, keys: 64, tm: 8, slab: 16, unroll: 4, ahead: true, together: true }

/** The small kernels of flash.ts: for narrow or very wide heads, CPU drivers, little workgroup memory. */
const SMALL = 'rows'
const variants = (): Readonly<Record<string, typeof BLOCK_CHOICE>> => ({
  blocks: BLOCK_CHOICE,
  'blocks apart': { ...BLOCK_CHOICE, together: !BLOCK_CHOICE.together },
  'low blocks': { ...BLOCK_CHOICE, rows: BLOCK_CHOICE.rows / 2, tm: BLOCK_CHOICE.tm / 2 },
})

function planOf({ head_dim, seqlen }: AttentionShape, target: Target, choice: typeof BLOCK_CHOICE): BlockPlan | null {
  const { rows, keys, tm, slab, unroll, ahead, together } = choice
  const width = [32, 64, 128].find((w) => w >= head_dim)
  if (target.software || head_dim <= 16 || !width) return null
  const others = width === 128 ? keys / 2 : keys
  const common = { rows, tm, slab, unroll, ahead }
  const weights = block({ ...common, cols: others, tn: others / LANES })
  const out = block({ ...common, cols: width, tn: width / LANES })
  const bytes = 4 * (rows * others + slab * (rows + Math.max(others, width)) + EXCHANGED * weights.threads)
  return bytes > target.workgroupBytes ? null : { weights, out, together, blocks: Math.ceil(seqlen / rows) }
}

/** What `op` (attention or its gradient, where alone dk and dv can be apart) can be for a shape; null where only the small kernels can. */
export function attentionVariants(op: 'attention' | 'attention_grad', shape: AttentionShape, target: Target): Variants | null {
  const names = Object.entries(variants()).filter(
    ([, choice]) => planOf(shape, target, choice) && (op === 'attention_grad' || choice.together === BLOCK_CHOICE.together),
  )
  const { batch, seqlen, heads, kv_heads, head_dim, window, causal } = shape
  const key = `${batch}×${seqlen} ${heads}/${kv_heads}×${head_dim}${causal ? ' causal' : ''}${window ? ` window ${window}` : ''}`
  return names.length ? { key, names: [...names.map(([name]) => name), SMALL], trusted: SMALL } : null
}

/** The blocks in use on this adapter, measured or by rule; null for the small kernels. */
export function planBlocks(op: 'attention' | 'attention_grad', shape: AttentionShape, target: Target): BlockPlan | null {
  const known = attentionVariants(op, shape, target)
  const choice = known && variants()[target.choices.name(op, known)]
  return choice ? planOf(shape, target, choice) : null
}
/** Numbers of a thread that are exchanged at once where there are no subgroups. */
const EXCHANGED = 8

/** Workgroup memory of all products: slabs wide enough for both blocks, the weights, and what threads exchange. */
export const blockMemory = ({ weights, out }: BlockPlan, target: Target): string =>
  `var<workgroup> At: array<vec4f, ${(weights.slab * weights.rows) / 4}>; var<workgroup> Bt: array<vec4f, ${(weights.slab * Math.max(weights.cols, out.cols)) / 4}>;
var<workgroup> Pt: array<vec4f, ${(weights.cols * weights.rows) / 4}>; ${target.subgroup < LANES ? `var<workgroup> exchange: array<f32, ${EXCHANGED * weights.threads}>;` : ''}`

/** `name`At(r, c, h): columns c … c + 3 of head h of row r, zero beyond the head. */
export const fetchHead = (name: string, view: View, head_dim: number, times = ''): string =>
  `fn ${name}At(r: u32, c: u32, h: u32) -> vec4f { if (c < ${head_dim}u) { return ${headVec4(view, head_dim, 'r', 'h', '(c / 4u)')}${times}; } return vec4f(); }`

/** Replaces each variable by its sum or maximum over the threads of a row, the same in all of them. All threads get here together. */
export function acrossRow(names: readonly string[], op: 'sum' | 'max', { weights: { threads } }: BlockPlan, target: Target): string {
  const join = (a: string, b: string): string => (op === 'sum' ? `${a} + ${b}` : `max(${a}, ${b})`)
  if (target.subgroup >= LANES)
    return [1, 2, 4].map((step) => names.map((n) => `${n} = ${join(n, `subgroupShuffleXor(${n}, ${step}u)`)};`).join(' ')).join('\n')
  return `workgroupBarrier(); ${names.map((n, i) => `exchange[${i * threads}u + li] = ${n};`).join(' ')} workgroupBarrier();
${names
  .map(
    (n, i) =>
      `${n} = ${range(LANES)
        .map((k) => `exchange[${i * threads}u + li / ${LANES}u * ${LANES}u + ${k}u]`)
        .reduce(join)};`,
  )
  .join(' ')}`
}

/** WGSL vec4<bool>: query i sees key j, one of them a scalar and the other a vec4u of places that may lie beyond the sequence. */
export function seesFour({ causal, window, seqlen }: AttentionShape, i: string, j: string): string {
  const conditions = [causal ? `(vec4u(${j}) <= vec4u(${i}))` : `(vec4u(${j}) < vec4u(${seqlen}u))`]
  if (window) conditions.push(`(vec4u(${j}) + vec4u(${window}u) > vec4u(${i}))`)
  if (window && !causal) conditions.push(`(vec4u(${i}) + vec4u(${window}u) > vec4u(${j}))`)
  return conditions.join(' & ')
}

/** Multiplies this thread's weights in Pt, four rows of a column at a time, by value(column group q, j, rows 4 g …). */
export const scaleKept = (b: Block, value: (q: number, j: number, g: number) => string): string =>
  groupRange(b)
    .flatMap((q) =>
      range(4).flatMap((j) =>
        range(b.tm / 4).map((g) => {
          const at = `Pt[(${columnOf(b, q)} + ${j}u) * ${b.rows / 4}u + rt * ${b.tm / 4}u + ${g}u]`
          return `${at} *= ${value(q, j, g)};`
        }),
      ),
    )
    .join('\n')

/** Writes a thread's rows of the results, times `by`, to head h of the rows first + …, as far as they lie inside. */
export function putBlock(
  view: View,
  { out: b }: BlockPlan,
  { head_dim, seqlen }: AttentionShape,
  place: { name: string; first: string; base: string; h: string },
  by: (i: number) => string,
): string {
  return rowRange(b)
    .map((i) => {
      const row = `${place.first} + rt * ${b.tm}u + ${i}u`
      const code = groupRange(b).map((q) => {
        const [c, value] = [columnOf(b, q), `${place.name}${i}_${q} * ${by(i)}`]
        if (head_dim % 4 === 0) return `if (${c} < ${head_dim}u) { ${view.put4('r', `${place.h} * ${head_dim / 4}u + ${c} / 4u`, value)} }`
        return `{ let v = ${value}; ${range(4)
          .map((j) => `if (${c} + ${j}u < ${head_dim}u) { ${view.put('r', `${place.h} * ${head_dim}u + ${c} + ${j}u`, `v[${j}]`)} }`)
          .join(' ')} }`
      })
      return `if (${row} < ${seqlen}u) { let r = ${place.base} + ${row}; ${code.join('\n')} }`
    })
    .join('\n')
}
