import type { Split } from '../../main/contract/dataset.ts'
import type { TokenCodec } from '../codec.ts'
import { tokenCodecFromJSON } from '../codecs.ts'
import { StrandError } from '../errors.ts'
import { getStoredDataset, listSegments, TARGETS, type ReadableStore, type Segment } from '../store/store.ts'
import { CellCache, HOLD_BYTES } from './cellCache.ts'
import { randomBelow } from './counterRandom.ts'
import { PADDING } from './tokenWindows.ts'

/** Whole records of one split with the answers asked for at their positions: what the generated tasks are trained and scored on. */
export interface TaskWindows {
  readonly codec: TokenCodec
  readonly vocab: number
  /** Every record, in file order. */
  readonly records: readonly Segment[]
  /** Cells of the longest record. */
  readonly longest: number
  /**
   * Fills `tokens` and `targets`, both (batch, seqlen), with whole records that depend on (seed, step, row) alone, padded with PADDING in
   * `targets`. Every record of at most `atMost` cells is equally likely (where none is so short, the shortest ones).
   */
  random(seed: number, step: number, batch: number, seqlen: number, tokens: Int32Array, targets: Int32Array, atMost?: number): void
  /** The record that is drawn for a row: an index of `records`. */
  pick(seed: number, step: number, row: number, atMost?: number): number
  /** Record number `index` of `records`, from `at` on: ids and answers; the rest of the row of `seqlen` is padding. */
  fill(index: number, seqlen: number, tokens: Int32Array, targets: Int32Array, at: number): void
}

export function openTaskWindows(store: ReadableStore, datasetId: number, split: Split): TaskWindows {
  const dataset = getStoredDataset(store, datasetId)
  if (!dataset.layout.targets)
    throw new StrandError('bad-input', `"${dataset.name}" has no answer at its positions. Choose the next-token objective for it.`, {
      dataset: datasetId,
    })
  const codec = tokenCodecFromJSON(dataset.codec)
  const records = listSegments(store, datasetId, split)
  if (records.length === 0)
    throw new StrandError('bad-input', `The ${split} split of "${dataset.name}" is empty. Generate the task again with records for it.`, {
      dataset: datasetId,
      split,
    })
  const copy = (bytes: Uint8Array, into: Int16Array, at: number): void =>
    into.set(new Int16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2), at)
  const streams = [new CellCache<Int16Array>(store, dataset, copy), new CellCache<Int16Array>(store, dataset, copy, TARGETS)]
  const total = records.reduce((sum, { length }) => sum + length, 0)
  // in record order, so each chunk is read once however many records share it
  const held = 4 * total > HOLD_BYTES ? null : streams.map(() => new Int16Array(total))
  const offsets = new Float64Array(records.length)
  let offset = 0
  records.forEach(({ start, length }, i) => {
    offsets[i] = offset
    held?.forEach((all, s) => streams[s].read(start, length, all, offset))
    offset += length
  })
  const byLength = Uint32Array.from(records.keys()).sort((a, b) => records[a].length - records[b].length || a - b)
  const longest = records[byLength[byLength.length - 1]].length
  const scratch = new Int16Array(longest)

  const fill: TaskWindows['fill'] = (index, seqlen, tokens, targets, at) => {
    const { start, length } = records[index]
    if (length > seqlen)
      throw new StrandError(
        'config/invalid',
        `A record of "${dataset.name}" has ${length} tokens, the window only ${seqlen}. Raise data.seqlen.`,
        {
          setting: 'data.seqlen',
        },
      )
    ;[tokens, targets].forEach((into, s) => {
      if (held) into.set(held[s].subarray(offsets[index], offsets[index] + length), at)
      else {
        streams[s].read(start, length, scratch)
        into.set(scratch.subarray(0, length), at)
      }
      into.fill(s === 0 ? 0 : PADDING, at + length, at + seqlen)
    })
  }
  const pick: TaskWindows['pick'] = (seed, step, row, atMost = Infinity) => {
    const limit = Math.max(atMost, records[byLength[0]].length)
    const choice = limit >= longest ? byLength.length : shortEnough(byLength, records, limit)
    return byLength[randomBelow(seed, step, row, 0, choice)]
  }
  return {
    codec,
    vocab: codec.vocab,
    records,
    longest,
    fill,
    pick,
    random(seed, step, batch, seqlen, tokens, targets, atMost) {
      for (let row = 0; row < batch; row++) fill(pick(seed, step, row, atMost), seqlen, tokens, targets, row * seqlen)
    },
  }
}

/** How many of the records, shortest first, have at most `limit` cells. */
function shortEnough(byLength: Uint32Array, records: readonly Segment[], limit: number): number {
  let low = 0
  let high = byLength.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (records[byLength[middle]].length <= limit) low = middle + 1
    else high = middle
  }
  return low
}

/** How often each id is the answer, over the whole split. */
export function answerCounts(windows: TaskWindows): Float64Array {
  const counts = new Float64Array(windows.vocab)
  const tokens = new Int32Array(windows.longest)
  const targets = new Int32Array(windows.longest)
  for (let i = 0; i < windows.records.length; i++) {
    windows.fill(i, windows.longest, tokens, targets, 0)
    for (let t = 0; t < windows.records[i].length; t++) if (targets[t] >= 0) counts[targets[t]]++
  }
  return counts
}
