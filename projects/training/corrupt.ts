import { RandomStream } from '../../kernels/random/philox.ts'

/** Ids that an objective adds behind those of the data. */
export const MASK_IDS = 1
export const INFILL_IDS = 3

/**
 * Masked tokens (Devlin et al. 2019, arXiv:1810.04805, §3.1): of the positions that have a next token, `rate` are chosen; 80 % of them
 * become the mask (id `vocab`), 10 % a random token, 10 % stay. The target is the token itself where chosen, −1 elsewhere.
 * input and targets (rows · seqlen) come as next-token windows and are rewritten. Depends on (seed, step, row) alone.
 */
export function maskTokens(
  input: Int32Array,
  targets: Int32Array,
  seqlen: number,
  rate: number,
  vocab: number,
  seed: number,
  step: number,
): void {
  for (let row = 0; row < input.length / seqlen; row++) {
    const random = new RandomStream(seed, streamOf(step, row))
    let chosen = 0
    const from = row * seqlen
    for (let i = from; i < from + seqlen; i++) {
      if (targets[i] < 0) continue
      // a window in which nothing is asked teaches nothing: its last position is chosen then
      const last = i === from + seqlen - 1 || targets[i + 1] < 0
      if (random.uniform() >= rate && !(last && chosen === 0)) {
        targets[i] = -1
        continue
      }
      chosen++
      targets[i] = input[i]
      const fate = random.uniform()
      if (fate < 0.8) input[i] = vocab
      else if (fate < 0.9) input[i] = Math.min(vocab - 1, Math.floor(random.uniform() * vocab))
    }
  }
}

/**
 * Infilling by moving the middle to the end (Bavarian et al. 2022, arXiv:2207.14255, §3, order prefix, suffix, middle): with probability
 * `rate` a window becomes ⟨prefix⟩ p ⟨suffix⟩ s ⟨middle⟩ m, ids vocab, vocab + 1, vocab + 2, cut at two random places; it loses its last
 * three tokens to the marks. Targets stay the next token. Windows shorter than eight tokens stay as they are.
 */
export function infillTokens(
  input: Int32Array,
  targets: Int32Array,
  seqlen: number,
  rate: number,
  vocab: number,
  seed: number,
  step: number,
): void {
  for (let row = 0; row < input.length / seqlen; row++) {
    const random = new RandomStream(seed, streamOf(step, row))
    const from = row * seqlen
    let count = 0
    while (count < seqlen && targets[from + count] >= 0) count++
    if (count < 8 || random.uniform() >= rate) continue
    const all = [...input.subarray(from, from + count), targets[from + count - 1]]
    const kept = all.slice(0, all.length - INFILL_IDS)
    const cut = (): number => Math.floor(random.uniform() * (kept.length + 1))
    const [a, b] = [cut(), cut()].sort((x, y) => x - y)
    const moved = [vocab, ...kept.slice(0, a), vocab + 1, ...kept.slice(b), vocab + 2, ...kept.slice(a, b)]
    for (let t = 0; t < count; t++) {
      input[from + t] = moved[t]
      targets[from + t] = moved[t + 1]
    }
  }
}

/** A stream for each row of each step, apart from those that draw the windows. */
const streamOf = (step: number, row: number): number => 2 ** 31 + ((step * 4096 + row) % 2 ** 31)
