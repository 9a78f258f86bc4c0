import { StrandError } from '../errors.ts'
import { uniqueName, type Imported, type ImportJob } from '../importing/job.ts'
import { count, plural, type Source } from '../importing/source.ts'
import type { DatasetWriter } from '../store/store.ts'
import { muLawCodec } from './muLawCodec.ts'
import { Resampler } from './resampler.ts'
import { describeWav, readWavHeader, type WavHeader } from './wavHeader.ts'
import { isInt16, monoSamples, toInt16 } from './wavSamples.ts'

/** Chunks before the sound (pictures, cue lists) may take this much. */
const LONGEST_HEADER = 64 * 1_048_576
const HEAD_BYTES = 65_536

/** WAV files → one dataset, a record for each file; a cell is one mono sample, int16 where every file fits in it, else float32. */
export async function importWav(job: ImportJob): Promise<Imported> {
  job.phase('reading headers')
  const headers = new Map<Source, WavHeader>()
  for (const { source } of job.files) {
    const header = await headerOf(job, source)
    if (header) headers.set(source, header)
  }
  const all = [...headers.values()]
  if (all.length === 0) throw new StrandError('import/empty', 'None of these sounds can be read. Choose other WAV files.')
  const sampleRate = targetRate(job, headers)
  const cell = all.every((header) => isInt16(header.coding)) ? 'i16' : 'f32'
  const writer = job.write({ domain: 'audio', format: 'WAV', unit: 'samples', cell, channels: 1 })
  for (const [source, header] of headers) await readSound(job, writer, source, header, sampleRate)
  if (writer.records.length === 0)
    throw new StrandError('import/empty', 'These files hold no sound. Choose WAV files with samples in them.')
  const formats = new Set(all.map(describeWav))
  return {
    format: formats.size === 1 ? [...formats][0] : `WAV, ${formats.size} kinds`,
    unit: 'samples',
    layout: { sampleRate },
    codec: muLawCodec.toJSON(),
    facts: {
      'sample rate': sampleRate,
      channels: Math.max(...all.map((header) => header.channels)),
      seconds: +(writer.length / sampleRate).toFixed(2),
    },
  }
}

async function headerOf(job: ImportJob, source: Source): Promise<WavHeader | null> {
  try {
    for (let wanted = HEAD_BYTES; ; wanted *= 8) {
      const { bytes, whole } = await source.head(wanted)
      const header = readWavHeader(source.name, bytes, whole)
      if (header) return header
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
      'wav/header',
      { file: source.name, ...(error.facts?.byte ? { byte: Number(error.facts.byte) } : {}) },
      error.message,
    )
    return null
  }
}

function targetRate(job: ImportJob, headers: Map<Source, WavHeader>): number {
  const [first] = headers.values()
  const wanted = job.options.sampleRate ?? first.sampleRate
  if (!Number.isInteger(wanted) || wanted < 1000 || wanted > 384_000)
    throw new StrandError('bad-input', `A sample rate of ${wanted} Hz is outside 1,000 to 384,000. Choose for example 16000.`)
  for (const [source, { sampleRate }] of headers)
    if (sampleRate !== wanted)
      job.report.add(
        'note',
        'wav/rate',
        { file: source.name },
        `${source.name} was resampled from ${count(sampleRate)} to ${count(wanted)} Hz.`,
      )
  return wanted
}

async function readSound(job: ImportJob, writer: DatasetWriter, source: Source, header: WavHeader, sampleRate: number): Promise<void> {
  const { name: file } = source
  job.phase(`reading ${file}`)
  writer.beginRecord(uniqueName(job.names, source.stem).name)
  const before = writer.length
  const resampler = header.sampleRate === sampleRate ? null : new Resampler(header.sampleRate, sampleRate)
  const store = (samples: Float32Array): void => {
    const cells = writer.spec.cell === 'i16' ? toInt16(samples) : samples
    writer.append(new Uint8Array(cells.buffer, cells.byteOffset, cells.byteLength))
  }
  let skip = header.dataStart
  let left = header.dataBytes ?? Infinity
  let held = Buffer.alloc(0)
  let broken = 0
  let read = 0
  for await (const piece of job.read(source)) {
    const from = Math.min(skip, piece.length)
    skip -= from
    const part = piece.subarray(from, Math.min(piece.length, from + left))
    left -= part.length
    read += part.length
    if (part.length === 0) continue
    const bytes = held.length > 0 ? Buffer.concat([held, part]) : part
    const whole = bytes.length - (bytes.length % header.frameBytes)
    const mono = monoSamples(header, bytes.subarray(0, whole))
    broken += mono.broken
    store(resampler ? resampler.push(mono.samples) : mono.samples)
    held = Buffer.from(bytes.subarray(whole))
  }
  if (resampler) store(resampler.end())
  reportSound(job, file, header, { read, rest: held.length, broken })
  if (writer.length === before) {
    writer.discardRecord()
    job.report.add('skipped', 'wav/empty', { file }, `${file} holds no sound; it was left out.`)
    return
  }
  writer.endRecord()
  job.report.accept()
}

/** Where header and sound disagree, and what was done about it. */
function reportSound(job: ImportJob, file: string, header: WavHeader, found: { read: number; rest: number; broken: number }): void {
  const { channels, dataBytes, dataStart, frameBytes, sampleRate } = header
  const add = (severity: 'repaired' | 'note', kind: string, byte: number | undefined, message: string): void =>
    job.report.add(severity, kind, byte === undefined ? { file } : { file, byte }, message)
  if (dataBytes !== null && found.read < dataBytes) {
    const seconds = (bytes: number): string => `${+(bytes / frameBytes / sampleRate).toFixed(2)} s`
    add(
      'repaired',
      'wav/size',
      dataStart - 3,
      `The header of ${file} promises ${count(dataBytes)} bytes of sound (${seconds(dataBytes)}), but the file ends after ${count(found.read)} (${seconds(found.read)}), at byte ${count(dataStart + found.read)}; what is there was read.`,
    )
  } else if (dataBytes === null && found.read > 0)
    add(
      'repaired',
      'wav/open-size',
      dataStart - 3,
      `The header of ${file} does not say how long the sound is; it was read to the end of the file (${count(found.read)} bytes).`,
    )
  if (found.rest > 0)
    add(
      'repaired',
      'wav/frame',
      dataStart + found.read - found.rest + 1,
      `The end of ${file} (${plural(found.rest, 'byte')}) is less than one frame of ${frameBytes} bytes; it was left out.`,
    )
  if (found.broken > 0)
    add(
      'repaired',
      'wav/broken',
      undefined,
      `${plural(found.broken, 'sample')} of ${file} ${found.broken === 1 ? 'is' : 'are'} no finite number, read as silence.`,
    )
  if (channels > 1) add('note', 'wav/mono', undefined, `The ${channels} channels of ${file} were averaged into one.`)
}
