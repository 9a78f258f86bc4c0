import { type CpuCommand, ceilDiv, part, type PlacedMatrix } from '../../backends/cpu/kernel.ts'
import { MEMORY_ADJOINTS, MEMORY_GRAD, MEMORY_OUTPUTS, MEMORY_STATES } from '../../backends/cpu/wasm/codes.ts'
import { type Attributes, num } from '../op.ts'

/** Sizes of a chunked matrix memory: H heads of N keys and P values, keys shared by groups of heads, chunks of Q steps. */
export interface MemoryShape {
  readonly batch: number
  readonly seqlen: number
  readonly H: number
  readonly G: number
  readonly N: number
  readonly P: number
  readonly Q: number
  readonly chunks: number
  /** Sums are divided by those of k: the state has a column more, the gates a stabiliser (mlstm). */
  readonly normalised: boolean
}

export function memoryShape(attrs: Attributes, sizes: Pick<MemoryShape, 'H' | 'G' | 'N' | 'P' | 'normalised'>): MemoryShape {
  const [batch, seqlen, Q] = [num(attrs, 'batch'), num(attrs, 'seqlen'), attrs.chunk === undefined ? 64 : num(attrs, 'chunk')]
  return { ...sizes, batch, seqlen, Q, chunks: ceilDiv(seqlen, Q) }
}

const up4 = (n: number): number => (n + 3) & ~3
/** Bytes that the products of product.simd.ts pack into. */
const PRODUCT_BYTES = 4 * 128 * (66 + 64)

const states = (s: MemoryShape): number => s.batch * s.H * s.chunks * (up4(s.N * s.P) + (s.normalised ? up4(s.N) : 0))
const gates = (s: MemoryShape): number => 8 * s.batch * s.H * s.chunks * s.Q

/** What the forward pass keeps: the state before each chunk, the gates of each step. */
export const savedElements = (s: MemoryShape): number => states(s) + gates(s)
export const savedParts = (saved: PlacedMatrix, s: MemoryShape): { states: PlacedMatrix; gates: PlacedMatrix } => ({
  states: part(saved, 0, states(s)),
  gates: part(saved, states(s), gates(s)),
})

/** What the backward pass needs besides: adjoints of the states, four numbers a step and head, one a chunk and head, and `extra`. */
export const gradElements = (s: MemoryShape, extra: number): number => states(s) + gates(s) / 2 + s.batch * s.H * s.chunks + extra
export function gradParts(scratch: PlacedMatrix | null, s: MemoryShape, extra: number) {
  const [a, r, x] = [states(s), gates(s) / 2, s.batch * s.H * s.chunks]
  return {
    adjoints: part(scratch, 0, a),
    rows: part(scratch, a, r),
    crossing: part(scratch, a + r, x),
    extra: part(scratch, a + r + x, extra),
  }
}

const words = (s: MemoryShape, skip: boolean): number[] => [s.seqlen, s.chunks, s.Q, s.G, s.H, Number(s.normalised), Number(skip)]
const flops = ({ batch, seqlen, H, Q, N, P }: MemoryShape, within: number, across: number): number =>
  2 * batch * seqlen * H * (within * Q * (N + P) + across * N * P)

/** S before each chunk, then the outputs. q, k (·, G·N), v, y (·, H·P); `D` (1, H) where y gets D v besides. */
export function forwardCommands(
  s: MemoryShape,
  { q, k, v, y, saved, D }: { q: PlacedMatrix; k: PlacedMatrix; v: PlacedMatrix; y: PlacedMatrix; saved: PlacedMatrix; D?: PlacedMatrix },
): CpuCommand[] {
  const kept = savedParts(saved, s)
  const row = 4 * s.Q
  return [
    {
      kernel: MEMORY_STATES,
      units: s.batch * s.H,
      attrs: words(s, !!D),
      reads: [k, v, kept.gates],
      writes: [kept.states],
      local: 2 * row + row * up4(s.N) + PRODUCT_BYTES,
      work: flops(s, 0, 1),
    },
    {
      kernel: MEMORY_OUTPUTS,
      units: s.batch * s.chunks * s.G,
      attrs: words(s, !!D),
      reads: [q, k, v, D ?? q, kept.gates, kept.states],
      // mlstm leaves its denominators with the gates.
      writes: s.normalised ? [y, kept.gates] : [y],
      order: [q, k, v, D ?? q, kept.gates, kept.states, y],
      local: row * (1 + 2 * s.Q + up4(s.N)) + PRODUCT_BYTES,
      work: flops(s, 0.5, 1),
    },
  ]
}

/** Gradients of q, k, v, and the rows from which the gates' follow. `y` is the output, where sums are normalised. */
export function backwardCommands(
  s: MemoryShape,
  o: Record<'q' | 'k' | 'v' | 'dy' | 'saved' | 'dq' | 'dk' | 'dv', PlacedMatrix> & { y?: PlacedMatrix; D?: PlacedMatrix },
  scratch: PlacedMatrix | null,
  extra: number,
): CpuCommand[] {
  const kept = savedParts(o.saved, s)
  const { adjoints, rows, crossing } = gradParts(scratch, s, extra)
  const row = 4 * s.Q
  return [
    {
      kernel: MEMORY_ADJOINTS,
      units: s.batch * s.H,
      attrs: words(s, !!o.D),
      reads: [o.q, o.dy, o.y ?? o.dy, kept.gates, kept.states],
      writes: [adjoints, rows, crossing],
      local: 2 * row + row * up4(s.N) + PRODUCT_BYTES,
      work: flops(s, 0, 1),
    },
    {
      kernel: MEMORY_GRAD,
      units: s.batch * s.chunks * s.G,
      attrs: words(s, !!o.D),
      reads: [o.q, o.k, o.v, o.dy, o.D ?? o.q, kept.gates, kept.states, adjoints, crossing],
      writes: [rows, o.dq, o.dk, o.dv],
      order: [o.q, o.k, o.v, o.dy, o.D ?? o.q, kept.gates, kept.states, adjoints, rows, crossing, o.dq, o.dk, o.dv],
      local: row * (6 + 4 * s.Q + up4(s.N) + up4(s.P)) + PRODUCT_BYTES,
      work: flops(s, 1.5, 3),
    },
  ]
}
