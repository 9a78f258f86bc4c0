import { openTokenWindows, PADDING, type TokenWindow } from '../../datasets/batching/tokenWindows.ts'
import type { TokenCodec } from '../../datasets/codec.ts'
import { metricOf, unitMetricOf } from '../config/facts.ts'
import { maskTokens } from '../training/corrupt.ts'
import { emptyBatch } from '../training/engine.ts'
import { ngrams } from './baselines.ts'
import { meanWithInterval, type WindowScore } from './bootstrap.ts'
import type { Judged, Judging } from './evaluateRun.ts'
import { ordinal, verdict } from './words.ts'

const WORST = 10
/** Of a larger split every second, third, … window is scored, and the sentence says so. */
const MOST_TOKENS = 1_000_000
const POINTS = 64
/** Of the masks: evaluation always hides the same tokens. */
const MASK_SEED = 1
/** Contexts of the n-gram baselines; a sound's levels are too many for more than one. */
const ORDERS = { genomics: [0, 3, 5], text: [0, 2, 4], audio: [0, 1], timeseries: [] }

interface Scored extends WindowScore {
  /** In the window, scored or not. */
  tokens: number
  record: string
  position: number
  excerpt: string
}

/**
 * −ln p of every held-out token but the first of each stretch, by windows of the training length that do not overlap and each begin
 * without context, so early positions are harder than they would be in one long reading.
 */
export async function scoreTokens({ store, facts, experiment, engine, split, progress }: Judging): Promise<Judged> {
  const { batch: rows, seqlen } = experiment.dims
  const { objective } = experiment.config
  const heldOut = openTokenWindows(store, facts.id, split, { fold: facts.fold })
  const { codec, length, segments } = heldOut
  const every = Math.ceil(length / MOST_TOKENS)
  const batch = emptyBatch(experiment)
  const [input, targets] = [batch.input as Int32Array, batch.targets.targets as Int32Array]
  const windows: Scored[] = []
  const byPosition = Array.from({ length: seqlen }, () => ({ sum: 0, count: 0 }))
  let waiting: Pick<TokenWindow, 'record' | 'position' | 'count' | 'units'>[] = []

  const flush = async (): Promise<void> => {
    if (waiting.length === 0) return
    targets.fill(PADDING, waiting.length * seqlen)
    const shown = input.slice()
    if (objective.kind === 'masked') maskTokens(input, targets, seqlen, objective.rate, codec.vocab, MASK_SEED, windows.length)
    engine.write(batch)
    await engine.score()
    const nats = await engine.scores()
    waiting.forEach(({ record, position, count: given, units }, row) => {
      let [sum, scored] = [0, 0]
      for (let t = 0; t < given; t++) {
        if (targets[row * seqlen + t] < 0) continue
        const value = nats[row * seqlen + t]
        sum += value
        scored++
        byPosition[t].sum += value
        byPosition[t].count++
      }
      const excerpt = excerptOf(codec, shown.subarray(row * seqlen, row * seqlen + given))
      windows.push({ sum, count: (units * scored) / given, tokens: given, record, position, excerpt })
    })
    waiting = []
    await progress(Math.min(1, (windows.length * seqlen * every) / length))
  }
  let index = 0
  for (const { record, position, tokens, targets: next, count, units } of heldOut.sequential(seqlen)) {
    if (index++ % every !== 0) continue
    input.set(tokens, waiting.length * seqlen)
    targets.set(next, waiting.length * seqlen)
    waiting.push({ record, position, count, units })
    if (waiting.length === rows) await flush()
  }
  await flush()

  // windows count units, not tokens: bases under 6-mers, bytes under BPE
  const { scale, unit, token } = unitMetricOf(facts)
  const score = meanWithInterval(windows, scale)
  const baselines = ngrams(store, facts, split, objective.kind === 'masked' ? [0] : ORDERS[facts.domain])
  const count = windows.reduce((sum, window) => sum + window.count, 0)
  const part = every > 1 ? `, every ${ordinal(every)} one of the split` : ''
  const how = `${count.toLocaleString('en')} ${token}s of ${segments.length} ${segments.length === 1 ? 'stretch' : 'stretches'} in windows of ${seqlen}${part}, ${objective.kind === 'masked' ? 'hidden and told from both sides' : 'each without context before it'}`
  const nats = score.value / scale
  return {
    sentence: verdict(score, unit, baselines[0], how),
    unit,
    score,
    also: alsoOf(nats, facts, codec, windows.length),
    baselines,
    count,
    byPosition: thinned(byPosition, metricOf(facts).scale),
    worst: windows
      .filter((window) => window.tokens >= seqlen / 2)
      .sort((a, b) => b.sum / b.count - a.sum / a.count)
      .slice(0, WORST)
      .map(({ record, position, sum, count: n, excerpt }) => ({ record, position, value: (sum / n) * scale, excerpt })),
  }
}

function alsoOf(nats: number, { domain, unit }: Judging['facts'], codec: TokenCodec, windows: number): Judged['also'] {
  const perplexity = { name: 'perplexity', value: Math.exp(nats) }
  const also = [perplexity, { name: 'windows', value: windows }]
  if (domain !== 'text') return also
  // characters outside ASCII take more than one byte, which only bytes themselves show
  const ascii = codec.symbols?.every((symbol) => symbol.charCodeAt(0) < 128) ?? unit === 'bytes'
  const bits = { name: ascii ? 'bits per byte' : 'bits per character', value: nats / Math.LN2 }
  return [bits, ...also]
}

function excerptOf(codec: TokenCodec, ids: Int32Array): string {
  return codec.toInt16 ? '' : codec.decode(ids.subarray(0, 80))
}

/** Mean score of at most POINTS runs of neighbouring positions. */
function thinned(positions: readonly WindowScore[], scale: number): Judged['byPosition'] {
  const size = Math.ceil(positions.length / POINTS)
  const points: Judged['byPosition'] = []
  for (let at = 0; at < positions.length; at += size) {
    const group = positions.slice(at, at + size)
    const count = group.reduce((sum, p) => sum + p.count, 0)
    if (count > 0) points.push({ position: at, value: (group.reduce((sum, p) => sum + p.sum, 0) / count) * scale })
  }
  return points
}
