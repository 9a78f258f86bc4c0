import type { SeriesWindows } from './seriesWindows.ts'
import type { TokenWindows } from './tokenWindows.ts'

/** What anyone gets without a model, on the split a model is judged on. */
export interface TokenBaseline {
  /** Mean −ln p a token, in nats. */
  nats: number
  /** Tokens scored: all of the split but the first of each segment, the same a model is scored on. */
  count: number
}

/** Enough for stable counts; a genome's worth would only take longer. */
const FIT_TOKENS = 16_000_000
const SCORE_TOKENS = 4_000_000

/**
 * Interpolated Witten-Bell n-grams with contexts of up to `order` tokens, fitted on `train`, scored on `heldOut`.
 * Order 0 is the entropy of single tokens. Reads at most the first 16 million tokens to fit and 4 million to score.
 */
export function ngramBaseline(train: TokenWindows, heldOut: TokenWindows, order: number): TokenBaseline {
  const model = train.counts(order, FIT_TOKENS)
  let sum = 0
  let count = 0
  for (const segment of heldOut.segments) {
    const take = Math.min(segment.length, SCORE_TOKENS - count + 1)
    if (take < 2) continue
    sum += model.score(heldOut.read(segment, 0, take), 1)
    count += take - 1
    if (count >= SCORE_TOKENS) break
  }
  return { nats: sum / count, count }
}

export interface SeriesBaseline {
  /** Of scaled values, over known targets. */
  mse: number
  mae: number
  windows: number
}

/** Every future value is the last one seen: the forecast that many published models do not beat. */
export function repeatLastBaseline(windows: SeriesWindows, stride = 1): SeriesBaseline {
  const C = windows.channels.length
  let squares = 0
  let absolute = 0
  let known = 0
  let n = 0
  for (const { inputs, targets, mask } of windows.sequential(stride)) {
    const last = inputs.length - C
    for (let i = 0; i < targets.length; i++) {
      if (mask[i] === 0) continue
      const error = targets[i] - inputs[last + (i % C)]
      squares += error * error
      absolute += Math.abs(error)
      known++
    }
    n++
  }
  return { mse: squares / known, mae: absolute / known, windows: n }
}
