import type { GraphBuilder } from '../graph/graph.ts'
import type { Packed } from '../mixers/packed.ts'
import { i32, type TensorType } from '../tensor/tensor.ts'

/** How a sequence is filled: at most so many records, with at least `gap` positions between two. */
export interface Packing {
  readonly records: number
  readonly gap: number
}

/** A record's place in a packed sequence. */
export interface Place {
  readonly start: number
  readonly length: number
}

const bitsOf = (records: number): number => Math.ceil(Math.log2(records + 1))
/** Sign patterns: a Hadamard matrix of this size has a row for each record. */
const patternsOf = (records: number): number => 2 ** Math.ceil(Math.log2(records))
const widthOf = (records: number): number => 1 + 3 * bitsOf(records) + patternsOf(records)

/** The external buffer 'borders'. */
export const bordersType = ({ records }: Packing, rows: number): TensorType => i32(rows, widthOf(records))

/** Reads 'borders' inside a graph. */
export function packedOf(builder: GraphBuilder, packing: Packing, rows: number): Packed {
  const { records, gap } = packing
  const bits = bitsOf(records)
  const all = builder.external('borders', bordersType(packing, rows))
  const [inside, codes, ...signs] = builder.split(all, [1, 3 * bits, ...new Array<number>(patternsOf(records)).fill(1)])
  const [number] = builder.split(codes, [2 * bits, bits])
  const [, complement] = builder.split(codes, [bits, 2 * bits])
  return { inside, number, complement, signs, gap }
}

/** Fills the rows of one sequence of `seqlen` positions in 'borders', from row `row` on, for the records that lie in it. */
export function writeBorders(borders: Int32Array, row: number, seqlen: number, { records }: Packing, places: readonly Place[]): void {
  const [bits, patterns, width] = [bitsOf(records), patternsOf(records), widthOf(records)]
  const write = (t: number, number: number): void => {
    const at = (row + t) * width
    borders[at] = number > 0 ? 1 : 0
    for (let bit = 0; bit < bits; bit++) {
      const set = (number >> bit) & 1
      borders[at + 1 + bit] = borders[at + 1 + 2 * bits + bit] = set
      borders[at + 1 + bits + bit] = 1 - set
    }
    // Sylvester's Hadamard matrix: the sign is the parity of the bits that row and column share
    const line = Math.max(0, number - 1)
    for (let s = 0; s < patterns; s++) borders[at + 1 + 3 * bits + s] = parity(line & s) ? -1 : 1
  }
  for (let t = 0; t < seqlen; t++) write(t, 0)
  places.forEach(({ start, length }, i) => {
    for (let t = start; t < start + length; t++) write(t, i + 1)
  })
}

function parity(n: number): boolean {
  let odd = false
  for (let rest = n; rest > 0; rest &= rest - 1) odd = !odd
  return odd
}

/** Places for records of these lengths, in order, until the next does not fit: its index is the count of those that do. At least one is placed. */
export function place(lengths: Iterable<number>, seqlen: number, { records, gap }: Packing): Place[] {
  const places: Place[] = []
  let start = 0
  for (const length of lengths) {
    if (places.length === records || (start + length > seqlen && places.length > 0)) break
    places.push({ start, length: Math.min(length, seqlen - start) })
    start += length + gap
  }
  return places
}
