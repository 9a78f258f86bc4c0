import type { Operand } from '../../graph/plan.ts'
import type { Variants } from '../../backends/webgpu/choices.ts'
import { ceilDiv, range, reads, type Target, type View } from '../../backends/webgpu/wgsl.ts'
import type { AttentionShape } from './attention.ts'

/**
 * How a workgroup works on `rows` queries (or keys) of one head: `split` threads share a row, each with every split-th vec4 of its
 * head_dim columns in registers, and have `each` rows, `apart` from one another, so that a number read from workgroup memory serves them all.
 * The other side comes by tiles of `tile` rows through workgroup memory and is used in chunks of `chunk` rows, so that a sum over the split is
 * exchanged for a chunk at a time.
 */
export interface FlashPlan {
  readonly rows: number
  readonly each: number
  readonly apart: number
  readonly split: number
  readonly workgroup: number
  /** vec4 of a row, of a thread, and of a row in workgroup memory. */
  readonly units: number
  readonly perThread: number
  readonly width: number
  readonly chunk: number
  readonly tile: number
  /** Blocks of rows of one sequence. */
  readonly blocks: number
}

/** Rows of a thread, and vec4s of each that it holds at most. */
interface Held {
  readonly each: number
  readonly most: number
}
type FlashOp = 'attention' | 'attention_grad'
const ONE = 'one row'
/** The rule's first. Tests change them. */
export const FLASH_VARIANTS: Record<FlashOp, Record<string, Held>> = {
  attention: { [ONE]: { each: 1, most: 8 }, 'two rows of 4': { each: 2, most: 4 }, 'two rows of 8': { each: 2, most: 8 } },
  attention_grad: { [ONE]: { each: 1, most: 8 }, 'two rows of 4': { each: 2, most: 4 } },
}

const splitOf = ({ head_dim }: AttentionShape, most: number): number => {
  let split = 1
  while (ceilDiv(ceilDiv(head_dim, 4), split) > most) split *= 2
  return split
}

/** Null where a thread has one row: on CPU drivers, and where sums over a row would need workgroup memory. */
export function flashVariants(op: FlashOp, shape: AttentionShape, target: Target): Variants | null {
  const all = FLASH_VARIANTS[op]
  const names = Object.keys(all).filter((name) => all[name].each === 1 || splitOf(shape, all[name].most) <= target.subgroup)
  if (target.software || names.length < 2) return null
  const { batch, seqlen, heads, kv_heads, head_dim, window, causal } = shape
  const key = `${batch}×${seqlen} ${heads}/${kv_heads}×${head_dim}${causal ? ' causal' : ''}${window ? ` window ${window}` : ''}`
  return { key, names, trusted: ONE }
}

export function planFlash(op: FlashOp, shape: AttentionShape, target: Target, chunk: number): FlashPlan {
  const { software } = target
  const variants = flashVariants(op, shape, target)
  const { each, most } = variants ? FLASH_VARIANTS[op][target.choices.name(op, variants)] : { each: 1, most: software ? 2 : 8 }
  const [units, split] = [ceilDiv(shape.head_dim, 4), splitOf(shape, most)]
  const perThread = ceilDiv(units, split)
  const apart = software ? 16 : 64
  const rows = apart * each
  const width = perThread * split
  // Two tiles of 4 KiB at most; small ones on a CPU driver, which writes out a store for each element that it clears.
  const tile = Math.max(chunk, Math.min(32, Math.floor((software ? 16 : 256) / width / chunk) * chunk))
  return { rows, each, apart, split, workgroup: apart * split, units, perThread, width, chunk, tile, blocks: ceilDiv(shape.seqlen, rows) }
}

/** Names of a thread's rows, and WGSL of the place of row r from `first` on. */
export const rowNames = ({ each }: FlashPlan): string[] => range(each).map((r) => String.fromCharCode(97 + r))
export const rowPlace = ({ split, apart }: FlashPlan, first: string, r: number): string =>
  `${first} + li / ${split}u${r ? ` + ${r * apart}u` : ''}`

/** WGSL for the vec4 at place `unit` (an expression) of head `head`'s columns of `row`; zero beyond head_dim. */
export function headVec4(view: View, head_dim: number, row: string, head: string, unit: string): string {
  if (head_dim % 4 === 0) return view.get4(row, `${head} * ${head_dim / 4}u + ${unit}`)
  const part = (c: number): string =>
    `select(0.0, ${view.get(row, `${head} * ${head_dim}u + min(${unit} * 4u + ${c}u, ${head_dim - 1}u)`)}, ${unit} * 4u + ${c}u < ${head_dim}u)`
  return `vec4f(${range(4).map(part).join(', ')})`
}

/** Reads of a matrix of heads, as vec4 where head_dim allows it. */
export const headReads = (operand: Operand, head_dim: number) => reads(operand, head_dim % 4 === 0)

/** WGSL that writes a thread's registers `name`0 … to its columns of head `head` in `row`. */
export function putHead(view: View, plan: FlashPlan, head_dim: number, row: string, head: string, value: (k: number) => string): string {
  return range(plan.perThread)
    .map((k) => {
      const unit = `(part + ${k * plan.split}u)`
      if (head_dim % 4 === 0)
        return `${(k + 1) * plan.split > plan.units ? `if (${unit} < ${plan.units}u)` : ''} { ${view.put4(row, `${head} * ${head_dim / 4}u + ${unit}`, value(k))} }`
      return `{ let v = ${value(k)}; ${range(4)
        .map(
          (c) =>
            `if (${unit} * 4u + ${c}u < ${head_dim}u) { ${view.put(row, `${head} * ${head_dim}u + ${unit} * 4u + ${c}u`, `v[${c}]`)} }`,
        )
        .join(' ')} }`
    })
    .join('\n')
}

/** Registers `name`0 … of this thread from its row; units beyond the head read as zero. */
export const loadHead = (name: string, view: View, plan: FlashPlan, head_dim: number, row: string, head: string, times = ''): string =>
  range(plan.perThread)
    .map((k) => {
      const unit = `(part + ${k * plan.split}u)`
      const value = headVec4(view, head_dim, row, head, head_dim % 4 === 0 ? `min(${unit}, ${plan.units - 1}u)` : unit)
      const whole = head_dim % 4 !== 0 || (k + 1) * plan.split <= plan.units
      return `let ${name}${k} = ${whole ? value : `select(vec4f(), ${value}, ${unit} < ${plan.units}u)`}${times};`
    })
    .join('\n')

/** Fills tiles in workgroup memory from rows first … first + tile − 1 (rows beyond the sequence repeat the last one). */
export function fillTiles(
  tiles: Record<string, View>,
  plan: FlashPlan,
  head_dim: number,
  base: string,
  seqlen: number,
  heads: Record<string, string>,
): string {
  const { tile, width, units, workgroup } = plan
  const load = (name: string): string => {
    const value = headVec4(tiles[name], head_dim, 'r', heads[name], head_dim % 4 === 0 ? `min(u, ${units - 1}u)` : 'u')
    return `${name}_tile[i] = ${head_dim % 4 === 0 && width > units ? `select(vec4f(), ${value}, u < ${units}u)` : value};`
  }
  return `for (var i = li; i < ${tile * width}u; i += ${workgroup}u) { let u = i % ${width}u; let r = ${base} + min(first + i / ${width}u, ${seqlen - 1}u);
${Object.keys(tiles).map(load).join(' ')} }`
}

export const tileMemory = (names: readonly string[], { tile, width }: FlashPlan): string =>
  names.map((name) => `var<workgroup> ${name}_tile: array<vec4f, ${tile * width}>;`).join('\n')

/** Vec4 k of this thread's share of row `c + i` of a tile. */
export const fromTile = (name: string, plan: FlashPlan, i: number, k: number): string =>
  `${name}_tile[(c + ${i}u) * ${plan.width}u + part + ${k * plan.split}u]`

/** dot products of registers with the rows of a chunk: `${name}0` …, each this thread's part of the sum. */
export const dots = (name: string, registers: string, tile: string, plan: FlashPlan): string =>
  range(plan.chunk)
    .map(
      (i) =>
        `var ${name}${i} = ${range(plan.perThread)
          .map((k) => `dot(${registers}${k}, ${fromTile(tile, plan, i, k)})`)
          .join(' + ')};`,
    )
    .join('\n')

export const exchangeMemory = (plan: FlashPlan, target: Target, values: number): string =>
  plan.split > 1 && target.subgroup < plan.split ? `var<workgroup> exchange: array<f32, ${values * plan.workgroup}>;` : ''

/** Replaces each variable by its sum over the threads of a row, in the same order in all of them. All threads must get here together. */
export function sumSplit(names: readonly string[], { split, workgroup }: FlashPlan, target: Target): string {
  if (split === 1) return ''
  if (target.subgroup >= split) {
    let code = ''
    for (let step = 1; step < split; step *= 2) code += names.map((n) => `${n} = ${n} + subgroupShuffleXor(${n}, ${step}u);`).join(' ')
    return code
  }
  const first = `li / ${split}u * ${split}u`
  return `${names.map((n, i) => `exchange[${i * workgroup}u + li] = ${n};`).join(' ')} workgroupBarrier();
${names
  .map(
    (n, i) =>
      `${n} = ${range(split)
        .map((k) => `exchange[${i * workgroup}u + ${first} + ${k}u]`)
        .join(' + ')};`,
  )
  .join(' ')} workgroupBarrier();`
}

/** WGSL condition: query `i` sees key `j` (both u32 expressions, both inside the sequence). */
export function sees({ causal, window, seqlen }: AttentionShape, i: string, j: string): string {
  const conditions = [causal ? `${j} <= ${i}` : `${j} < ${seqlen}u`]
  if (window) conditions.push(`${j} + ${window}u > ${i}`)
  if (window && !causal) conditions.push(`${i} + ${window}u > ${j}`)
  return conditions.join(' && ')
}
