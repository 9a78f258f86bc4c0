/** Open addressing over float64 keys (exact below 2^53) with a count each. */
class CountTable {
  private keys: Float64Array
  private values: Uint32Array
  private size = 0

  constructor(capacity = 1024) {
    this.keys = new Float64Array(capacity).fill(-1)
    this.values = new Uint32Array(capacity)
  }

  /** Adds one; answers the count before. */
  increment(key: number): number {
    const slot = this.slot(key)
    if (this.keys[slot] === key) return this.values[slot]++
    this.keys[slot] = key
    this.values[slot] = 1
    if (++this.size * 2 > this.keys.length) this.grow()
    return 0
  }

  get(key: number): number {
    const slot = this.slot(key)
    return this.keys[slot] === key ? this.values[slot] : 0
  }

  private slot(key: number): number {
    const mask = this.keys.length - 1
    const high = (key / 4_294_967_296) >>> 0
    let hash = Math.imul((key >>> 0) ^ Math.imul(high, 0x9e3779b1), 0x85ebca6b)
    hash ^= hash >>> 15
    let slot = hash & mask
    while (this.keys[slot] !== key && this.keys[slot] !== -1) slot = (slot + 1) & mask
    return slot
  }

  private grow(): void {
    const { keys, values } = this
    this.keys = new Float64Array(keys.length * 2).fill(-1)
    this.values = new Uint32Array(keys.length * 2)
    for (let i = 0; i < keys.length; i++) {
      if (keys[i] < 0) continue
      const slot = this.slot(keys[i])
      this.keys[slot] = keys[i]
      this.values[slot] = values[i]
    }
  }
}

/**
 * Interpolated Witten-Bell model (Witten & Bell 1991, method C; Chen & Goodman 1998, eq. 17):
 *   p(w | h) = (c(h w) + T(h) p(w | h')) / (c(h) + T(h)),   p(w | nothing known) = 1 / vocab
 * c counts, T(h) is the number of different tokens seen after h, h' is h without its oldest token. Contexts of 0 … order tokens.
 */
export class NgramModel {
  readonly order: number
  readonly vocab: number
  private readonly pairs: CountTable[]
  private readonly totals: CountTable[]
  private readonly types: CountTable[]
  /** Of the token looked at: the number of each of its contexts, of 0 … order tokens. */
  private readonly contexts: Float64Array

  /** vocab^(order + 1) must stay below 2^53: order 5 for 256 symbols, 21 for DNA. */
  constructor(order: number, vocab: number) {
    if ((order + 1) * Math.log2(vocab) >= 53) throw new RangeError(`order ${order} is too high for ${vocab} symbols`)
    this.order = order
    this.vocab = vocab
    const tables = (): CountTable[] => Array.from({ length: order + 1 }, () => new CountTable())
    this.pairs = tables()
    this.totals = tables()
    this.types = tables()
    this.contexts = new Float64Array(order + 1)
  }

  /** Fills `contexts` for the token at `i`; answers how many it has. */
  private look(ids: ArrayLike<number>, i: number): number {
    const { contexts, vocab } = this
    const longest = Math.min(this.order, i)
    for (let k = 1, place = 1; k <= longest; k++, place *= vocab) contexts[k] = contexts[k - 1] + ids[i - k] * place
    return longest + 1
  }

  /** Counts one contiguous stretch of tokens; its first tokens have shorter contexts. */
  add(ids: ArrayLike<number>): void {
    const { contexts, vocab } = this
    for (let i = 0; i < ids.length; i++) {
      const known = this.look(ids, i)
      for (let k = 0; k < known; k++) {
        const context = contexts[k]
        this.totals[k].increment(context)
        if (this.pairs[k].increment(context * vocab + ids[i]) === 0) this.types[k].increment(context)
      }
    }
  }

  /** Sum over the tokens of a stretch, from `first` on, of −ln p(token | the `order` tokens before it). */
  score(ids: ArrayLike<number>, first: number): number {
    const { contexts, vocab } = this
    let sum = 0
    for (let i = first; i < ids.length; i++) {
      let p = 1 / vocab
      const known = this.look(ids, i)
      for (let k = 0; k < known; k++) {
        const context = contexts[k]
        const total = this.totals[k].get(context)
        if (total === 0) break
        const types = this.types[k].get(context)
        p = (this.pairs[k].get(context * vocab + ids[i]) + types * p) / (total + types)
      }
      sum -= Math.log(p)
    }
    return sum
  }
}
