import type { CodecJson } from '../codec.ts'
import { StrandError, throwIfCancelled } from '../errors.ts'
import type { ImportJob } from '../importing/job.ts'
import { count } from '../importing/source.ts'
import { CELLS, type DatasetWriter, type SplitPlan } from '../store/store.ts'
import { BPE_BASE, BpeEncoder, latin1 } from './bpeCodec.ts'
import { pieceCutter } from './pieces.ts'
import { trainBpe, type Pieces } from './trainBpe.ts'

export const VOCAB_DEFAULT = 1024
const VOCAB_MOST = 65_536
/** Cells read at once. */
const READ = 1_048_576
/** Merges are learned from at most so many cells: of text, words that repeat take no room; of DNA, every block does. */
const LEARNED_FROM = { text: 64 * READ, dna: 4 * READ } as const
/** Of more, stretches of this size are taken at even distances. */
const SAMPLE = 65_536

interface Stretch {
  record: number
  /** Within the record. */
  position: number
  /** In the dataset. */
  start: number
  length: number
  train: boolean
}

/**
 * Byte-pair encoding of a dataset whose cells are written: learns the merges from the training split alone, then cuts every stretch of
 * every split into tokens and stores their ids beside the cells, so a training window is one short read.
 */
export async function learnBpe(
  job: Pick<ImportJob, 'options' | 'report' | 'phase' | 'signal' | 'files'>,
  writer: DatasetWriter,
  of: 'text' | 'dna',
  plan: SplitPlan,
): Promise<Extract<CodecJson, { kind: 'bpe' }>> {
  const base = BPE_BASE[of]
  const vocab = job.options.vocab ?? VOCAB_DEFAULT
  if (!Number.isInteger(vocab) || vocab <= base.length || vocab > VOCAB_MOST)
    throw new StrandError(
      'bad-input',
      `A BPE vocabulary of ${of === 'dna' ? 'bases' : 'bytes'} has ${base.length + 1} to ${count(VOCAB_MOST)} tokens, not ${vocab}. Choose for example ${VOCAB_DEFAULT}.`,
      { vocab },
    )
  const stretches = stretchesOf(writer, plan)
  job.phase('learning tokens')
  const pieces = await gather(
    job,
    writer,
    of,
    stretches.filter((stretch) => stretch.train),
  )
  const merges = trainBpe(pieces, base, vocab - base.length, (done) => {
    if (done % 256 === 0) throwIfCancelled(job.signal, 'The import')
  })
  if (merges.length / 2 < vocab - base.length)
    job.report.add(
      'note',
      'tokens/few',
      { file: job.files[0].source.name },
      `The training data has no more pairs that occur twice: BPE ended at ${count(base.length + merges.length / 2)} tokens, below the ${count(vocab)} asked for.`,
    )
  job.phase('cutting into tokens')
  await store(job, writer, of, merges, stretches)
  return { kind: 'bpe', of, merges }
}

function stretchesOf(writer: DatasetWriter, plan: SplitPlan): Stretch[] {
  return writer.records.flatMap(({ start, length }, record) => {
    const part = plan.records[record]
    if (typeof part === 'string') return [{ record, position: 0, start, length, train: part === 'train' }]
    return part.map((cut) => ({
      record,
      position: cut.start,
      start: start + cut.start,
      length: cut.stop - cut.start,
      train: cut.split === 'train',
    }))
  })
}

/** The cells of a stretch, some at a time; between two reads others get their turn. */
async function* parts(job: Pick<ImportJob, 'signal'>, writer: DatasetWriter, start: number, length: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < length; at += READ) {
    throwIfCancelled(job.signal, 'The import')
    yield writer.readBack(start + at, Math.min(READ, length - at), CELLS)
    if (length > READ) await new Promise((resolve) => setImmediate(resolve))
  }
}

/** Words of text with their number; blocks of DNA as they come. */
async function gather(
  job: Pick<ImportJob, 'signal'>,
  writer: DatasetWriter,
  of: 'text' | 'dna',
  train: readonly Stretch[],
): Promise<Pieces> {
  const total = train.reduce((sum, { length }) => sum + length, 0)
  const symbols: number[] = []
  const ends: number[] = []
  const words = new Map<string, number>()
  const cutter = pieceCutter(of, (bytes, from, to) => {
    if (of === 'text') {
      const word = latin1(bytes, from, to)
      words.set(word, (words.get(word) ?? 0) + 1)
      return
    }
    for (let i = from; i < to; i++) symbols.push(bytes[i])
    ends.push(symbols.length)
  })
  const every = Math.ceil(total / LEARNED_FROM[of])
  for (const { start, length } of train) {
    if (every === 1) for await (const cells of parts(job, writer, start, length)) cutter.push(cells)
    else
      for (let at = 0; at < length; at += SAMPLE * every) {
        for await (const cells of parts(job, writer, start + at, Math.min(SAMPLE, length - at))) cutter.push(cells)
        cutter.end()
      }
    cutter.end()
  }
  if (of === 'dna') return { symbols, ends, weights: new Uint8Array(ends.length).fill(1) }
  for (const word of words.keys()) {
    for (let i = 0; i < word.length; i++) symbols.push(word.charCodeAt(i))
    ends.push(symbols.length)
  }
  return { symbols, ends, weights: [...words.values()] }
}

async function store(
  job: Pick<ImportJob, 'signal'>,
  writer: DatasetWriter,
  of: 'text' | 'dna',
  merges: readonly number[],
  stretches: readonly Stretch[],
): Promise<void> {
  const out = new Uint16Array(65_536)
  let filled = 0
  const flush = (): void => {
    writer.appendTokens(out.subarray(0, filled))
    filled = 0
  }
  const encoder = new BpeEncoder(of, merges, (tokens, n) => {
    for (let i = 0; i < n; i++) {
      if (filled === out.length) flush()
      out[filled++] = tokens[i]
    }
  })
  for (const { record, position, start, length } of stretches) {
    for await (const cells of parts(job, writer, start, length)) encoder.push(cells)
    encoder.end()
    flush()
    writer.endSpan(record, position)
  }
}
