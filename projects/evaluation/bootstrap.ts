import { RandomStream } from '../../kernels/random/philox.ts'
import type { Interval } from '../../main/contract/run.ts'

const RESAMPLES = 2000
/** Windows beside each other are alike; blocks keep them together. */
const BLOCKS = 200

/** What one window adds to a mean: the sum of its scores and how many there are. */
export interface WindowScore {
  sum: number
  count: number
}

/**
 * Mean score over windows with a 95 % percentile interval by block bootstrap (Künsch 1989; non-overlapping blocks of consecutive windows).
 * The same windows and seed give the same interval.
 */
export function meanWithInterval(windows: readonly WindowScore[], scale: number, seed = 1): Interval {
  const blocks = blocksOf(windows)
  const random = new RandomStream(seed, 1)
  const means = new Float64Array(RESAMPLES)
  for (let r = 0; r < RESAMPLES; r++) {
    const drawn = { sum: 0, count: 0 }
    for (let i = 0; i < blocks.length; i++) add(drawn, blocks[Math.floor(random.uniform() * blocks.length)])
    means[r] = drawn.sum / drawn.count
  }
  means.sort()
  const total = blocks.reduce((sum, block) => add(sum, block), { sum: 0, count: 0 })
  const at = (quantile: number): number => means[Math.round(quantile * (RESAMPLES - 1))] * scale
  return { value: (total.sum / total.count) * scale, low: at(0.025), high: at(0.975) }
}

function blocksOf(windows: readonly WindowScore[]): WindowScore[] {
  const size = Math.ceil(windows.length / BLOCKS)
  const blocks: WindowScore[] = []
  windows.forEach((window, i) => add((blocks[Math.floor(i / size)] ??= { sum: 0, count: 0 }), window))
  return blocks.filter(({ count }) => count > 0)
}

function add(to: WindowScore, { sum, count }: WindowScore): WindowScore {
  to.sum += sum
  to.count += count
  return to
}
