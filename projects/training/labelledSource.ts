import { cropAt, type Labelled, type LabelledRecords } from '../../datasets/batching/labelledRecords.ts'
import { addNoise, randomBelow, randomBit, randomShare } from '../../datasets/batching/counterRandom.ts'
import { idsFor, type Ids } from '../../datasets/codec.ts'
import { RandomStream } from '../../kernels/random/philox.ts'
import { shuffled } from '../../datasets/splits/assign.ts'
import type { Experiment } from '../config/configure.ts'
import type { DatasetFacts } from '../config/facts.ts'
import type { OfRecords } from '../config/ofRecords.ts'
import type { Batch, BatchSource } from './batch.ts'
import { emptyBatch } from './engine.ts'

const UNSCORED = -1
/** Of the order in which validation goes through its records. */
const ORDER_SEED = 1

/** What a number is told relative to: of the training labels. */
export type Scale = DatasetFacts['numbers']

/**
 * Batches of labelled records. `augment`: as training sees them, records drawn at random, a long one cut at random, DNA from either strand;
 * else every record in turn, in an order shuffled once, a long one cut at its middle.
 */
export function labelledSource(experiment: Experiment, data: LabelledRecords, augment: boolean, scale: Scale = null): BatchSource {
  const batch = emptyBatch(experiment)
  const { records } = data
  const rows = experiment.dims.batch
  const flips = augment && experiment.config.data.reverse_complement === true
  const turns = augment ? [] : shuffled(records, ORDER_SEED)
  return {
    batch,
    records: records.length,
    fill(seed, step) {
      for (let row = 0; row < rows; row++) {
        const record = augment ? records[randomBelow(seed, step, row, 0, records.length)] : turns[(step * rows + row) % turns.length]
        const flip = flips && randomBit(seed, step, row, 0) === 1
        writeRecord(experiment, data, batch, row, record, { flip, random: augment ? { seed, step, row } : undefined, scale })
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
  { flip = false, random, scale = null }: { flip?: boolean; random?: { seed: number; step: number; row: number }; scale?: Scale } = {},
): number {
  const { patch } = config.objective as OfRecords
  const { seqlen } = dims
  const { crop = 1, noise = 0, replace = 0 } = config.data
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
  const ids = flip ? otherStrand(data, content) : content
  input.set(random && replace > 0 ? replaced(ids, replace, random) : ids)
  batch.targets.targets[row] = scale ? (record.label - scale.mean) / scale.std : record.label
  if (batch.targets.weights) batch.targets.weights[row] = 1
  batch.targets.lengths[row] = Math.ceil(count / patch)
  return record.length - count
}

/** Tokens at random places give way to others of the same record, so that its composition stays. Depends on (seed, step, row) alone. */
function replaced(ids: ArrayLike<number>, share: number, { seed, step, row }: { seed: number; step: number; row: number }): Int32Array {
  const random = new RandomStream(seed, 2 ** 30 + ((step * 4096 + row) % 2 ** 30))
  return Int32Array.from(ids, (id) => (random.uniform() < share ? ids[Math.floor(random.uniform() * ids.length)] : id))
}

function otherStrand({ codec }: LabelledRecords, content: ArrayLike<number>): Ids {
  const ids = idsFor(codec!.vocab, content.length)
  ids.set(content)
  codec!.reverseComplement?.(ids, ids.length)
  return ids
}

/** Marks row `row` as empty: nothing of it is scored. A class below zero is not, nor a number without weight. */
export function writeNothing({ dims }: Experiment, batch: Batch, row: number): void {
  const size = batch.input.length / dims.batch
  batch.input.fill(0, row * size, (row + 1) * size)
  batch.targets.targets[row] = UNSCORED
  if (batch.targets.weights) batch.targets.weights[row] = 0
  batch.targets.lengths[row] = 1
}
