import type { GraphBuilder, Value } from '../graph/graph.ts'
import type { Tap } from './mixer.ts'

/**
 * Several records in one sequence, with at least `gap` positions between two of them (kernels/models/packing.ts). A mixer says with
 * `Mixer.gap` how many it needs, and its `forward` gives each record what it gives it alone; what comes out at a gap does not matter.
 */
export interface Packed {
  /** (R, 1) i32: 1 inside a record, 0 in the gaps and behind the last record. */
  readonly inside: Value
  /** (R, 2·bits) i32 0 or 1: the number of a row's record in binary beside its complement; gaps are record 0. */
  readonly number: Value
  /** (R, 2·bits): the complement first. */
  readonly complement: Value
  /** Each (R, 1) i32, ±1: over the rows of two records these columns are orthogonal, over those of one they are equal. */
  readonly signs: readonly Value[]
  readonly gap: number
}

/** x (R, d) where records are, `otherwise` (1, d) in the gaps (zero when left out); nothing of a gap's content or gradient passes. Without packing: x. */
export const within = (g: GraphBuilder, x: Value, packed: Packed | undefined, otherwise?: Value): Value =>
  packed ? g.one('weigh_rows', otherwise ? [x, packed.inside, otherwise] : [x, packed.inside]) : x

/** What `map` makes of `values`, by way of a tap where there is one. */
export const through = (tap: Tap | undefined, values: Value, map: (values: Value) => Value): Value => (tap ? tap(values, map) : map(values))

/** (1, Σ columns) of constants. */
export const constants = (g: GraphBuilder, ...parts: readonly (readonly [cols: number, value: number])[]): Value =>
  g.concat(parts.map(([cols, value]) => g.one('fill', [], { rows: 1, cols, value })))

/**
 * A time-invariant linear `map` of x (R, d), record by record. Nothing stops such a memory at a border, so it runs once for each sign pattern,
 * side by side: T = (1/S) Σ_s D_s map(D_s x) keeps within a record what the map says, and between two records the signs cancel (Hadamard).
 * `map` takes and gives (R, S·d), S copies of the channels; it costs S times as much.
 */
export function apart(g: GraphBuilder, x: Value, packed: Packed, map: (x: Value, copies: number) => Value): Value {
  const { signs } = packed
  const inside = within(g, x, packed)
  const all = map(g.concat(signs.map((sign) => g.one('weigh_rows', [inside, sign]))), signs.length)
  const parts = g.split(
    all,
    signs.map(() => x.type.cols),
  )
  const sum = parts.map((part, s) => g.one('weigh_rows', [part, signs[s]])).reduce((a, b) => g.one('add', [a, b]))
  return g.one('channel_scale', [sum, g.one('fill', [], { rows: 1, cols: x.type.cols, value: 1 / signs.length })])
}

/** A parameter (1, d) or (d, n), once for each copy of the channels. */
export function copied(g: GraphBuilder, parameter: Value, channels: number, copies: number): Value {
  const { rows, cols } = parameter.type
  const flat = g.concat(Array.from({ length: copies }, () => g.reshape(parameter, 1, rows * cols)))
  return g.reshape(flat, rows === channels ? copies * channels : 1, rows === channels ? cols : copies * cols)
}

/** Logarithm of what is left of a matrix memory after a gap. */
const FORGET = 60

/** The inputs q, k, v, i, f of an mLSTM cell: in a gap no key is written, and the forget gate leaves nothing of what was. */
export function emptied(g: GraphBuilder, [q, k, v, i, f]: readonly Value[], packed: Packed | undefined): Value[] {
  if (!packed) return [q, k, v, i, f]
  return [q, within(g, k, packed), v, within(g, i, packed), within(g, f, packed, constants(g, [f.type.cols, -FORGET / packed.gap]))]
}

interface Heads {
  readonly heads: number
  readonly kv_heads: number
  readonly head_dim: number
}
/** Off the score of a key of another record, for each bit in which the numbers of the records differ: nothing is left of its weight. */
const FAR = 1e4

/**
 * The inputs q, k, v of attention with more columns to each head, so that a query's scores are as they were in its own record and lost outside:
 * q ends with the number of its record and the complement, k with the complement and the number, and their product counts the bits that differ.
 */
export function coded(
  g: GraphBuilder,
  [q, k, v]: readonly Value[],
  { heads, kv_heads, head_dim }: Heads,
  packed: Packed | undefined,
): Value[] {
  if (!packed) return [q, k, v]
  const { rows } = q.type
  const { cols } = packed.number.type
  const filled = (value: number): Value => g.one('fill', [], { rows, cols, value })
  const ends = [g.one('weigh_rows', [filled(-FAR), packed.number]), g.one('weigh_rows', [filled(1), packed.complement]), filled(0)]
  // scores are divided by the root of all columns, and only head_dim are there to be scored
  const scale = g.one('fill', [], { rows: 1, cols: heads * head_dim, value: Math.sqrt((head_dim + cols) / head_dim) })
  return [g.one('channel_scale', [q, scale]), k, v].map((x, i) =>
    g.concat(headsOf(g, x, i === 0 ? heads : kv_heads).flatMap((head) => [head, ends[i]])),
  )
}

/** The columns that `coded` added are taken away. */
export function uncoded(g: GraphBuilder, o: Value, { heads, head_dim }: Heads, packed: Packed | undefined): Value {
  if (!packed) return o
  return g.concat(headsOf(g, o, heads).map((head) => g.split(head, [head_dim, head.type.cols - head_dim])[0]))
}

const headsOf = (g: GraphBuilder, x: Value, heads: number): Value[] => g.split(x, new Array<number>(heads).fill(x.type.cols / heads))
