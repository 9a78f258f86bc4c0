import { cropAt, type Labelled, type LabelledRecords } from '../../datasets/batching/labelledRecords.ts'
import { addNoise, randomBelow, randomBit, randomShare } from '../../datasets/batching/counterRandom.ts'
import { idsFor, type Ids } from '../../datasets/codec.ts'
import { shuffled } from '../../datasets/splits/assign.ts'
import type { RunConfig } from '../../main/contract/run.ts'
import type { Experiment } from '../config/configure.ts'
import type { Batch, BatchSource } from './batch.ts'
import { emptyBatch } from './engine.ts'

export type Classify = Extract<RunConfig['objective'], { kind: 'classify' }>

const UNSCORED = -1
/** Of the order in which validation goes through its records. */
const ORDER_SEED = 1

/**
 * Batches of labelled records. `augment`: as training sees them, records drawn at random, a long one cut at random, DNA from either strand;
 * else every record in turn, in an order shuffled once, a long one cut at its middle.
 */
export function labelledSource(experiment: Experiment, data: LabelledRecords, augment: boolean): BatchSource {
  const batch = emptyBatch(experiment)
  const { records } = data
  const rows = experiment.dims.batch
  const flips = augment && experiment.config.data.reverse_complement === true
  const turns = augment ? [] : shuffled(records, ORDER_SEED)
  return {
    batch,
    fill(seed, step) {
      for (let row = 0; row < rows; row++) {
        const record = augment ? records[randomBelow(seed, step, row, 0, records.length)] : turns[(step * rows + row) % turns.length]
        const flip = flips && randomBit(seed, step, row, 0) === 1
        writeRecord(experiment, data, batch, row, record, { flip, random: augment ? { seed, step, row } : undefined })
      }
    },
  }
}

/** One record into row `row` of a batch, padded behind. Answers how many of its cells were left out. */
export function writeRecord(
  { config, dims }: Experiment,
  data: LabelledRecords,
  batch: Batch,
  row: number,
  record: Labelled,
  { flip = false, random }: { flip?: boolean; random?: { seed: number; step: number; row: number } } = {},
): number {
  const { patch } = config.objective as Classify
  const { seqlen } = dims
  const { crop = 1, noise = 0 } = config.data
  // a part of the record, drawn at random: the same thing heard from another moment on
  const kept = random
    ? Math.max(1, Math.ceil(record.length * (crop + (1 - crop) * randomShare(random.seed, random.step, random.row, 1))))
    : record.length
  const first = random ? randomBelow(random.seed, random.step, random.row, 2, record.length - kept + 1) : 0
  const { start: within, count } = cropAt(kept, seqlen * patch, random)
  const start = first + within
  const width = batch.input.length / (dims.batch * seqlen)
  const input = batch.input.subarray(row * seqlen * width, (row + 1) * seqlen * width)
  input.fill(0)
  const content = data.read(record, start, count)
  if (random && noise > 0 && content instanceof Float32Array) addNoise(content, content.length, noise, random.seed, random.step, random.row)
  input.set(flip ? otherStrand(data, content) : content)
  batch.targets.targets[row] = record.label
  batch.targets.lengths[row] = Math.ceil(count / patch)
  return record.length - count
}

function otherStrand({ codec }: LabelledRecords, content: ArrayLike<number>): Ids {
  const ids = idsFor(codec!.vocab, content.length)
  ids.set(content)
  codec!.reverseComplement?.(ids, ids.length)
  return ids
}

/** Marks row `row` as empty: nothing of it is scored. */
export function writeNothing({ dims }: Experiment, batch: Batch, row: number): void {
  const size = batch.input.length / dims.batch
  batch.input.fill(0, row * size, (row + 1) * size)
  batch.targets.targets[row] = UNSCORED
  batch.targets.lengths[row] = 1
}
