import { type Block, block } from '../../backends/webgpu/blocks.ts'
import type { Variants } from '../../backends/webgpu/choices.ts'
import { ceilDiv, part, regions, type Target } from '../../backends/webgpu/wgsl.ts'
import type { Operand } from '../../graph/plan.ts'
import { type Attributes, num } from '../op.ts'

/** A chunked matrix memory on a GPU: H heads of N keys and P values, keys shared by H / G heads; see chunked_memory.simd.ts for the terms. */
export interface MemoryPlan {
  readonly batch: number
  readonly seqlen: number
  readonly H: number
  readonly G: number
  readonly N: number
  readonly P: number
  /** Steps of a chunk. */
  readonly Q: number
  readonly chunks: number
  /** What a workgroup makes at a time: all or half of a chunk's rows, and Q columns. */
  readonly tile: Block
  /** The tile of the kernel that sums over what passes inside a chunk: lower, since its sums along a row are long. */
  readonly crossing: Block
  /** Tiles of columns that a workgroup makes one after the other, with the weights inside the chunk made once. */
  readonly perGroup: number
  readonly normalised: boolean
  /** vec4s of one state: S as (N, P), then n. */
  readonly state4: number
  /** vec4 at which n starts. */
  readonly n4: number
}

/** The tile of a large card by rule: measured, see docs/performance.md; tests change it. */
export const LARGE_TILE = { rows: 64, tm: 8, tn: 8, slab: 16, unroll: 4, ahead: true, perGroup: 4 }
const largeTiles = (): Readonly<Record<string, typeof LARGE_TILE>> => ({
  tiles: LARGE_TILE,
  'tiles apart': { ...LARGE_TILE, perGroup: 1 },
  'low tiles': { ...LARGE_TILE, rows: LARGE_TILE.rows / 2, tn: 4, perGroup: 1 },
})

type MemoryOp = 'ssd' | 'mlstm'
type MemorySizes = Pick<MemoryPlan, 'H' | 'G' | 'N' | 'P' | 'normalised'>
const chunkSteps = (attrs: Attributes, { software }: Target): number => {
  const wanted = attrs.chunk === undefined ? (software ? 16 : 64) : num(attrs, 'chunk')
  return [64, 32, 16].find((q) => q <= wanted) ?? 16
}

/** What the kernels of a memory can be; the gradient takes what was chosen for the forward pass. */
export function memoryVariants(attrs: Attributes, { H, G, N, P }: MemorySizes, target: Target): Variants | null {
  if (target.software || chunkSteps(attrs, target) !== 64) return null
  const names = Object.keys(largeTiles())
  return { key: `${num(attrs, 'batch')}×${num(attrs, 'seqlen')} ${H}/${G}×${N}×${P}`, names, trusted: names[names.length - 1] }
}

export function memoryPlan(op: MemoryOp, attrs: Attributes, sizes: MemorySizes, target: Target): MemoryPlan {
  const [batch, seqlen] = [num(attrs, 'batch'), num(attrs, 'seqlen')]
  const Q = chunkSteps(attrs, target)
  const variants = memoryVariants(attrs, sizes, target)
  const { perGroup, ...shape } = variants
    ? largeTiles()[target.choices.name(op, variants)]
    : { rows: Q / 2, tm: 4, tn: 4, slab: 4, unroll: 1, ahead: false, perGroup: 1 }
  const n4 = ceilDiv(sizes.N * sizes.P, 4)
  const state4 = n4 + (sizes.normalised ? ceilDiv(sizes.N, 4) : 0)
  const tile = block({ ...shape, cols: Q })
  const crossing = block({ ...shape, cols: Q, rows: Q / 2, tn: 4 })
  return { ...sizes, batch, seqlen, Q, chunks: ceilDiv(seqlen, Q), tile, crossing, perGroup, state4, n4 }
}
/** Parts that a chunk's rows are cut into by a tile, a workgroup each. */
export const rowParts = ({ Q }: MemoryPlan, tile: Block): number => Q / tile.rows

const heads = (s: MemoryPlan): number => s.batch * s.H
export const stateElements = (s: MemoryPlan): number => 4 * s.state4 * heads(s) * s.chunks
export const gateElements = (s: MemoryPlan): number => 8 * s.Q * s.chunks * heads(s)
export const columnTiles = (s: MemoryPlan, columns: number): number => ceilDiv(columns, s.Q)
/** Numbers per step and head that the backward kernels hand on: dqn; ⟨q, S dy⟩ and ⟨k, dS v⟩ per tile; sums over each part's rows; ⟨dy, v⟩. */
export const rowNames = (s: MemoryPlan) => {
  const [tiles, parts] = [columnTiles(s, s.N), rowParts(s, s.crossing)]
  return {
    dqn: 0,
    entering: 1,
    leaving: 1 + tiles,
    given: 1 + 2 * tiles,
    crossed: 1 + 2 * tiles + parts,
    own: 1 + 2 * tiles + 2 * parts,
    count: 2 + 2 * tiles + 2 * parts,
    tiles,
    parts,
  }
}
const rowElements = (s: MemoryPlan): number => rowNames(s).count * s.Q * s.chunks * heads(s)

/** `saved`: the state before each chunk, and per chunk the gates ri, rf, ci, cf, w, (1 / denominator, its sign | slope), bi. */
export function savedRegions(s: MemoryPlan) {
  const laid = regions({ states: stateElements(s), gates: gateElements(s) })
  return {
    total: laid.total,
    states: (saved: Operand, write = false) => part(saved, laid.first.states, stateElements(s), { vec: true, write }),
    gates: (saved: Operand, write = false) => part(saved, laid.first.gates, gateElements(s), { write }),
  }
}

/** Scratch of the backward pass: adjoints of the states, rows, per-head gradients of q and k where heads share them, and `extra`. */
export function gradRegions(s: MemoryPlan, extra: number) {
  const shared = s.G < s.H ? s.batch * s.seqlen * s.H * s.N : 0
  const laid = regions({ adjoints: stateElements(s), rows: rowElements(s), shared, extra })
  return {
    total: laid.total,
    adjoints: (scratch: Operand, write = false) => part(scratch, laid.first.adjoints, stateElements(s), { vec: true, write }),
    rows: (scratch: Operand, write = false) => part(scratch, laid.first.rows, rowElements(s), { write }),
    extra: (scratch: Operand, write = false) => part(scratch, laid.first.extra, extra, { write }),
    extraAt: (scratch: Operand, first: number, count: number) => part(scratch, laid.first.extra + first, count),
    /** Gradients of q or k of every head, (batch·seqlen, H·N). */
    shared: (scratch: Operand, write = false) => part(scratch, laid.first.shared, shared, { vec: s.N % 4 === 0, write }),
  }
}
