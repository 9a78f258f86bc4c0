import { pairKey } from './trainBpe.ts'

/** Above this a piece could not be numbered beside the rank of its merges in one exact float. */
export const LONGEST_PIECE = 1_048_576

/** The two ids → the id they make. */
export type Merges = ReadonlyMap<number, number>

export function mergeTable(base: number, merges: readonly number[]): Merges {
  const table = new Map<number, number>()
  for (let i = 0; i < merges.length; i += 2) table.set(pairKey(merges[i], merges[i + 1]), base + i / 2)
  return table
}

/** Joins the pairs of one piece, the earliest merge first and of equals the leftmost, as the tokenizers library does. O(n log n). */
export class PieceMerger {
  private readonly table: Merges
  private next = new Int32Array(0)
  private before = new Int32Array(0)
  private heap = new Float64Array(0)
  private size = 0

  constructor(table: Merges) {
    this.table = table
  }

  /** The first `n` of `ids` are symbols; they become tokens. Answers how many. In place. */
  merge(ids: Int32Array, n: number): number {
    if (n < 2) return n
    if (this.next.length < n) {
      this.next = new Int32Array(2 * n)
      this.before = new Int32Array(2 * n)
      // a place is pushed at most twice for each merge and once at the start
      this.heap = new Float64Array(6 * n)
    }
    const { next, before } = this
    this.size = 0
    for (let i = 0; i < n; i++) {
      before[i] = i - 1
      next[i] = i + 1 < n ? i + 1 : -1
    }
    for (let i = 0; i + 1 < n; i++) this.offer(ids, i)
    while (this.size > 0) {
      const top = this.pop()
      const place = top % LONGEST_PIECE
      const made = Math.floor(top / LONGEST_PIECE)
      const q = ids[place] < 0 ? -1 : next[place]
      if (q < 0 || this.table.get(pairKey(ids[place], ids[q])) !== made) continue
      ids[place] = made
      ids[q] = -1
      next[place] = next[q]
      if (next[q] >= 0) {
        before[next[q]] = place
        this.offer(ids, place)
      }
      if (before[place] >= 0) this.offer(ids, before[place])
    }
    let out = 0
    for (let i = 0; i >= 0; i = next[i]) ids[out++] = ids[i]
    return out
  }

  /** Puts the pair that begins at `place` on the heap, if it can merge. The id it makes grows with the number of the merge. */
  private offer(ids: Int32Array, place: number): void {
    const made = this.table.get(pairKey(ids[place], ids[this.next[place]]))
    if (made === undefined) return
    const { heap } = this
    const key = made * LONGEST_PIECE + place
    let at = this.size++
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (heap[parent] <= key) break
      heap[at] = heap[parent]
      at = parent
    }
    heap[at] = key
  }

  private pop(): number {
    const { heap } = this
    const top = heap[0]
    const key = heap[--this.size]
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= this.size) break
      if (child + 1 < this.size && heap[child + 1] < heap[child]) child++
      if (heap[child] >= key) break
      heap[at] = heap[child]
      at = child
    }
    heap[at] = key
    return top
  }
}
