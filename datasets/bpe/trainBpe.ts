/** Pieces of text or DNA that tokens never cross, one after the other, each told once with how often it occurs. */
export interface Pieces {
  /** Symbol ids. */
  readonly symbols: ArrayLike<number>
  /** Where each piece ends in `symbols`. */
  readonly ends: ArrayLike<number>
  readonly weights: ArrayLike<number>
}

interface Pair {
  count: number
  /** Where it occurs or once did; a place is looked at again before it is used. */
  places: number[]
}

const FEWEST = 2
const ID_RANGE = 65_536

/** The two ids of a pair as one number. */
export const pairKey = (a: number, b: number): number => a * ID_RANGE + b

/**
 * Byte-pair encoding (Sennrich et al. 2016, arXiv:1508.07909, algorithm 1), incremental: a merge touches only the places where its pair
 * occurs. The most frequent pair first; of equals the one with the smaller ids, so the same data always gives the same merges.
 * A pair that would spell a token which exists already is passed over: every token is then made by one merge, of tokens made before it.
 * `base`: symbols before any merge; `spell` their spelling. Answers the two ids of each merge; its own id is base + its number.
 * Ends early when no pair occurs twice. `onMerge` may throw to cancel.
 */
export function trainBpe(
  { symbols, ends, weights }: Pieces,
  base: readonly string[],
  merges: number,
  onMerge: (done: number) => void = () => undefined,
): number[] {
  const n = symbols.length
  const id = Int32Array.from(symbols)
  const next = new Int32Array(n)
  const before = new Int32Array(n)
  const weight = new Float64Array(n)
  const pairs = new Map<number, Pair>()
  const heap = new PairHeap()
  const add = (key: number, place: number, times: number): void => {
    let pair = pairs.get(key)
    if (!pair) pairs.set(key, (pair = { count: 0, places: [] }))
    pair.count += times
    pair.places.push(place)
  }
  for (let piece = 0, from = 0; piece < ends.length; from = ends[piece++])
    for (let i = from; i < ends[piece]; i++) {
      before[i] = i > from ? i - 1 : -1
      next[i] = i + 1 < ends[piece] ? i + 1 : -1
      weight[i] = weights[piece]
      if (next[i] >= 0) add(pairKey(id[i], id[i + 1]), i, weight[i])
    }
  for (const [key, { count }] of pairs) heap.push(count, key)

  const spelling = [...base]
  const known = new Set(spelling)
  const made: number[] = []
  while (made.length < 2 * merges) {
    const top = heap.pop()
    if (top === null || top.count < FEWEST) break
    const pair = pairs.get(top.key)
    if (!pair) continue
    if (pair.count !== top.count) {
      // it was told when it was more frequent; its turn comes later
      if (pair.count >= FEWEST) heap.push(pair.count, top.key)
      continue
    }
    pairs.delete(top.key)
    const a = Math.floor(top.key / ID_RANGE)
    const b = top.key % ID_RANGE
    const text = spelling[a] + spelling[b]
    if (known.has(text)) continue
    const c = spelling.length
    spelling.push(text)
    known.add(text)
    made.push(a, b)
    const touched = new Set<number>()
    const lose = (key: number, times: number): void => {
      const other = pairs.get(key)
      if (other) other.count -= times
    }
    const gain = (key: number, place: number, times: number): void => {
      add(key, place, times)
      touched.add(key)
    }
    // from left to right: in a run of one symbol, the first two join, then the next two
    for (const p of Int32Array.from(pair.places).sort()) {
      const q = id[p] === a ? next[p] : -1
      if (q < 0 || id[q] !== b) continue
      const [left, right, times] = [before[p], next[q], weight[p]]
      if (left >= 0) lose(pairKey(id[left], a), times)
      if (right >= 0) lose(pairKey(b, id[right]), times)
      id[p] = c
      id[q] = -1
      next[p] = right
      if (right >= 0) before[right] = p
      if (left >= 0) gain(pairKey(id[left], c), left, times)
      if (right >= 0) gain(pairKey(c, id[right]), p, times)
    }
    for (const key of touched) heap.push(pairs.get(key)!.count, key)
    onMerge(made.length / 2)
  }
  return made
}

/** The most frequent pair on top; of equals the smaller key. */
class PairHeap {
  private readonly counts: number[] = []
  private readonly keys: number[] = []

  push(count: number, key: number): void {
    const { counts, keys } = this
    let at = counts.length
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!isAbove(count, key, counts[parent], keys[parent])) break
      counts[at] = counts[parent]
      keys[at] = keys[parent]
      at = parent
    }
    counts[at] = count
    keys[at] = key
  }

  pop(): { count: number; key: number } | null {
    const { counts, keys } = this
    if (counts.length === 0) return null
    const top = { count: counts[0], key: keys[0] }
    const count = counts.pop()!
    const key = keys.pop()!
    const size = counts.length
    if (size === 0) return top
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= size) break
      if (child + 1 < size && isAbove(counts[child + 1], keys[child + 1], counts[child], keys[child])) child++
      if (!isAbove(counts[child], keys[child], count, key)) break
      counts[at] = counts[child]
      keys[at] = keys[child]
      at = child
    }
    counts[at] = count
    keys[at] = key
    return top
  }
}

const isAbove = (count: number, key: number, otherCount: number, otherKey: number): boolean =>
  count > otherCount || (count === otherCount && key < otherKey)
