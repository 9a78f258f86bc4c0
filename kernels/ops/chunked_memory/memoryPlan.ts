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
  /** Steps of a chunk; also the columns of a tile. A workgroup makes `rows` = Q / 2 rows of them, a thread tm × 4. */
  readonly Q: number
  readonly chunks: number
  readonly rows: number
  readonly tm: number
  readonly threads: number
  /** Depth of the slabs of a product in workgroup memory; small on CPU drivers, which clear it by a store for each element. */
  readonly slab: number
  readonly normalised: boolean
  /** vec4s of one state: S as (N, P), then n. */
  readonly state4: number
  /** vec4 at which n starts. */
  readonly n4: number
}

export function memoryPlan(
  attrs: Attributes,
  sizes: Pick<MemoryPlan, 'H' | 'G' | 'N' | 'P' | 'normalised'>,
  { software }: Target,
): MemoryPlan {
  const [batch, seqlen] = [num(attrs, 'batch'), num(attrs, 'seqlen')]
  const wanted = attrs.chunk === undefined ? (software ? 16 : 64) : num(attrs, 'chunk')
  const Q = [64, 32, 16].find((q) => q <= wanted) ?? 16
  const [tm, slab] = [Q === 64 ? 8 : 4, software ? 4 : 16]
  const n4 = ceilDiv(sizes.N * sizes.P, 4)
  const state4 = n4 + (sizes.normalised ? ceilDiv(sizes.N, 4) : 0)
  return { ...sizes, batch, seqlen, Q, chunks: ceilDiv(seqlen, Q), rows: Q / 2, tm, slab, threads: ((Q / 2 / tm) * Q) / 4, state4, n4 }
}

const heads = (s: MemoryPlan): number => s.batch * s.H
export const stateElements = (s: MemoryPlan): number => 4 * s.state4 * heads(s) * s.chunks
export const gateElements = (s: MemoryPlan): number => 8 * s.Q * s.chunks * heads(s)
export const columnTiles = (s: MemoryPlan, columns: number): number => ceilDiv(columns, s.Q)
/** Numbers per step and head that the backward kernels hand on: dqn; ⟨q, S dy⟩ and ⟨k, dS v⟩ per tile; sums over each half's rows; ⟨dy, v⟩. */
export const rowNames = (s: MemoryPlan) => {
  const tiles = columnTiles(s, s.N)
  return {
    dqn: 0,
    entering: 1,
    leaving: 1 + tiles,
    given: 1 + 2 * tiles,
    crossed: 3 + 2 * tiles,
    own: 5 + 2 * tiles,
    count: 6 + 2 * tiles,
    tiles,
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
