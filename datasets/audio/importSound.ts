import { StrandError } from '../errors.ts'
import type { Imported, ImportJob } from '../importing/job.ts'
import { count, type Source } from '../importing/source.ts'
import { CELLS, type DatasetWriter } from '../store/store.ts'
import { fitScaling } from '../timeseries/fitScaling.ts'
import { soundCodec } from '../importing/tokens.ts'
import { samplesOf, toInt16 } from './pcmSamples.ts'
import { Resampler } from './resampler.ts'
import { describeSound, type SoundFormat } from './sound.ts'
import { openSound, type OpenedSound } from './soundFormats.ts'

/** Chunks before the sound (pictures, cue lists) may take this much. */
const LONGEST_HEADER = 64 * 1_048_576
const HEAD_BYTES = 65_536

/** Sound files → one dataset, a record for each file; a cell is one mono sample, int16 where every file fits in it, else float32. */
export async function importSound(job: ImportJob): Promise<Imported> {
  const codec = soundCodec(job.options)
  job.phase('reading headers')
  const sounds = new Map<Source, OpenedSound>()
  for (const { source, detected } of job.files) {
    const opened = await look(job, source, detected.format as SoundFormat)
    if (opened) sounds.set(source, opened)
  }
  const all = [...sounds.values()].map(({ header }) => header)
  if (all.length === 0) throw new StrandError('import/empty', 'None of these sounds can be read. Choose other sound files.')
  const sampleRate = targetRate(job, sounds)
  const cell = all.every((header) => header.int16) ? 'i16' : 'f32'
  const formats = [...new Set(all.map((header) => header.format))]
  const writer = job.write({ domain: 'audio', format: formats[0], unit: 'samples', cell, channels: 1 })
  for (const [source, opened] of sounds) await readSound(job, writer, source, opened, sampleRate)
  if (writer.records.length === 0)
    throw new StrandError('import/empty', 'These files hold no sound. Choose sound files with samples in them.')
  const kinds = new Set(all.map(describeSound))
  return {
    format: kinds.size === 1 ? [...kinds][0] : `${formats.join(', ')}, ${kinds.size} kinds`,
    unit: 'samples',
    layout: { sampleRate },
    // sound read as numbers is scaled as a series of one channel is
    codec:
      codec ??
      ((plan) => fitScaling(writer.records, plan, ['amplitude'], (start, n) => samplesOf(writer.spec, writer.readBack(start, n, CELLS)))),
    facts: {
      'sample rate': sampleRate,
      channels: Math.max(...all.map((header) => header.channels)),
      seconds: +(writer.length / sampleRate).toFixed(2),
    },
  }
}

async function look(job: ImportJob, source: Source, format: SoundFormat): Promise<OpenedSound | null> {
  try {
    for (let wanted = HEAD_BYTES; ; wanted *= 8) {
      const { bytes, whole } = await source.head(wanted)
      const opened = openSound(format, source.name, bytes, whole, job.options)
      if (opened) return opened
      if (wanted > LONGEST_HEADER)
        throw new StrandError(
          'import/lying-header',
          `${source.name} has no sound within its first ${count(wanted)} bytes. Export it again as WAV.`,
          { file: source.name, byte: wanted },
        )
    }
  } catch (error) {
    if (!(error instanceof StrandError) || job.report.onProblem === 'stop' || job.files.length === 1) throw error
    job.report.add(
      'refused',
      'sound/header',
      { file: source.name, ...(error.facts?.byte ? { byte: Number(error.facts.byte) } : {}) },
      error.message,
    )
    return null
  }
}

function targetRate(job: ImportJob, sounds: Map<Source, OpenedSound>): number {
  const [first] = sounds.values()
  const wanted = job.options.sampleRate ?? first.header.sampleRate
  if (!Number.isInteger(wanted) || wanted < 1000 || wanted > 384_000)
    throw new StrandError('bad-input', `A sample rate of ${wanted} Hz is outside 1,000 to 384,000. Choose for example 16000.`)
  for (const [source, { header }] of sounds)
    if (header.sampleRate !== wanted)
      job.report.add(
        'note',
        'sound/rate',
        { file: source.name },
        `${source.name} was resampled from ${count(header.sampleRate)} to ${count(wanted)} Hz.`,
      )
  return wanted
}

async function readSound(
  job: ImportJob,
  writer: DatasetWriter,
  source: Source,
  { header, begin }: OpenedSound,
  sampleRate: number,
): Promise<void> {
  const { name: file } = source
  job.phase(`reading ${file}`)
  writer.beginRecord(job.names.take(source.stem).name)
  const before = writer.length
  const resampler = header.sampleRate === sampleRate ? null : new Resampler(header.sampleRate, sampleRate)
  let scratch = new Int16Array(0)
  const store = (samples: Float32Array): void => {
    if (samples.length > scratch.length) scratch = new Int16Array(samples.length)
    const cells = writer.spec.cell === 'i16' ? toInt16(samples, scratch) : samples
    writer.append(new Uint8Array(cells.buffer, cells.byteOffset, cells.byteLength))
  }
  const take = (samples: Float32Array): void => store(resampler ? resampler.push(samples) : samples)
  const reader = await begin(job.report)
  for await (const piece of job.read(source)) take(reader.push(piece))
  take(reader.end())
  if (resampler) store(resampler.end())
  if (header.channels > 1)
    job.report.add('note', 'sound/mono', { file }, `The ${header.channels} channels of ${file} were averaged into one.`)
  if (writer.length === before) {
    writer.discardRecord()
    job.report.add('skipped', 'sound/empty', { file }, `${file} holds no sound; it was left out.`)
    return
  }
  writer.endRecord()
  job.report.accept()
}
