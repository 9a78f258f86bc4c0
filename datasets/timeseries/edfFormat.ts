import { StrandError } from '../errors.ts'
import { count, plural, type Source } from '../importing/source.ts'
import { countAnnotations, readEdfHeader, recordOnset, type EdfHeader, type EdfSignal } from './edfHeader.ts'
import type { OpenedSeries, SeriesFile, SeriesSink } from './series.ts'

/** A gap up to this many rows becomes missing rows; a longer one ends the record. */
const LONGEST_GAP = 1_000_000
const LONGEST_HEADER = 4 * 1_048_576

/**
 * EDF, EDF+ and BDF recordings, in their physical units. Signals of one rate make the channels: the rate most signals have, the higher of two;
 * the others are told and left out. Gaps of discontinuous files are handled as missing values are.
 */
export async function openEdf({ source, job }: SeriesFile): Promise<OpenedSeries> {
  const header = await headerOf(source)
  const { kept, left } = chooseSignals(header)
  if (kept.length === 0)
    throw new StrandError('import/empty', `${source.name} holds annotations and no signals. Choose a recording with signals.`, {
      file: source.name,
    })
  const stepMs = (1000 * header.duration) / kept[0].samples
  const dated = Number.isFinite(header.start)
  return {
    format: `${header.format}, ${+(1000 / stepMs).toFixed(3)} Hz`,
    channels: names(kept),
    times: dated ? { stepMs, dateOnly: false } : null,
    async read(writer) {
      for (const signal of left)
        job.report.add(
          'note',
          'edf/rate',
          { file: source.name },
          `Signal "${signal.label}" of ${source.name} was left out: it has ${count(signal.samples)} samples a data record, the channels have ${count(kept[0].samples)}.`,
        )
      const reader = new EdfReader(source, header, kept, stepMs, dated, writer)
      for await (const piece of job.read(source)) reader.push(piece)
      reader.end(job)
    },
  }
}

async function headerOf(source: Source): Promise<EdfHeader> {
  for (let wanted = 65_536; ; wanted *= 8) {
    const { bytes, whole } = await source.head(wanted)
    const header = readEdfHeader(source.name, bytes)
    if (header) return header
    if (whole || wanted > LONGEST_HEADER)
      throw new StrandError(
        'import/truncated',
        `${source.name} ends at byte ${count(bytes.length)}, inside its header. Nothing was imported; copy or download the file again.`,
        { file: source.name, byte: bytes.length },
      )
  }
}

function chooseSignals({ signals }: EdfHeader): { kept: EdfSignal[]; left: EdfSignal[] } {
  const real = signals.filter((signal) => !signal.annotations)
  const rates = new Map<number, number>()
  for (const { samples } of real) rates.set(samples, (rates.get(samples) ?? 0) + 1)
  const [best] = [...rates].sort((a, b) => b[1] - a[1] || b[0] - a[0])[0] ?? [0]
  return { kept: real.filter(({ samples }) => samples === best), left: real.filter(({ samples }) => samples !== best) }
}

/** "EEG Fpz-Cz (uV)", made different where a file repeats one. */
function names(signals: readonly EdfSignal[]): string[] {
  const used = new Map<string, number>()
  return signals.map(({ label, unit }) => {
    const wanted = unit ? `${label} (${unit})` : label
    const times = (used.get(wanted) ?? 0) + 1
    used.set(wanted, times)
    return times === 1 ? wanted : `${wanted} ${times}`
  })
}

class EdfReader {
  private readonly source: Source
  private readonly header: EdfHeader
  private readonly kept: readonly EdfSignal[]
  private readonly stepMs: number
  private readonly dated: boolean
  private readonly writer: SeriesSink
  private skip: number
  private readonly record: Buffer
  private filled = 0
  private records = 0
  private annotations = 0
  private onset = 0
  private gaps = { count: 0, seconds: 0 }

  constructor(source: Source, header: EdfHeader, kept: readonly EdfSignal[], stepMs: number, dated: boolean, writer: SeriesSink) {
    this.source = source
    this.header = header
    this.kept = kept
    this.stepMs = stepMs
    this.dated = dated
    this.writer = writer
    this.skip = header.headerBytes
    this.record = Buffer.alloc(header.recordBytes)
    writer.begin(source.stem, { file: source.name })
  }

  push(piece: Buffer): void {
    let at = Math.min(this.skip, piece.length)
    this.skip -= at
    while (at < piece.length && (this.header.records < 0 || this.records < this.header.records)) {
      const take = Math.min(piece.length - at, this.record.length - this.filled)
      piece.copy(this.record, this.filled, at, at + take)
      this.filled += take
      at += take
      if (this.filled < this.record.length) break
      this.readRecord()
      this.filled = 0
    }
  }

  private readRecord(): void {
    const { header, kept, record } = this
    const rows = kept[0].samples
    const expected = this.records === 0 ? 0 : this.onset + header.duration
    let onset = expected
    for (const { at, samples, annotations } of header.signals) {
      if (!annotations) continue
      const bytes = record.subarray(at, at + samples * header.width)
      if (at === header.signals.find((signal) => signal.annotations)!.at) onset = recordOnset(bytes) ?? expected
      this.annotations += countAnnotations(bytes)
    }
    if (header.discontinuous && this.records > 0) this.bridge(expected, onset)
    this.onset = header.discontinuous ? onset : expected
    const values = new Float32Array(rows * kept.length)
    kept.forEach(({ at, scale, offset }, c) => {
      for (let i = 0; i < rows; i++)
        values[i * kept.length + c] =
          scale * (header.width === 2 ? record.readInt16LE(at + 2 * i) : record.readIntLE(at + 3 * i, 3)) + offset
    })
    this.writer.rows(values, this.timesFrom(this.onset, rows))
    this.records++
  }

  /** Missing rows between two data records, or a new record where there would be too many. */
  private bridge(expected: number, onset: number): void {
    const rows = Math.round(((onset - expected) * 1000) / this.stepMs)
    if (rows < 1) return
    this.gaps.count++
    this.gaps.seconds += onset - expected
    if (rows > LONGEST_GAP) {
      this.writer.gap()
      return
    }
    for (let from = 0; from < rows; from += 8192) {
      const some = Math.min(8192, rows - from)
      this.writer.rows(new Float32Array(some * this.kept.length).fill(NaN), this.timesFrom(expected + (from * this.stepMs) / 1000, some))
    }
  }

  private timesFrom(onset: number, rows: number): Float64Array | null {
    if (!this.dated) return null
    const start = this.header.start + 1000 * onset
    return Float64Array.from({ length: rows }, (_, i) => start + i * this.stepMs)
  }

  end({ report }: SeriesFile['job']): void {
    const { name: file } = this.source
    const { header } = this
    this.writer.end()
    if (this.records < header.records) {
      const what = `The header of ${file} promises ${plural(header.records, 'data record')} (${+(header.records * header.duration).toFixed(3)} s), and the file ends after ${count(this.records)} (${+(this.records * header.duration).toFixed(3)} s); what is there was read.`
      report.add('repaired', 'edf/short', { file, byte: 237 }, what)
    } else if (this.filled > 0)
      report.add(
        'repaired',
        'edf/tail',
        { file },
        `The end of ${file} (${plural(this.filled, 'byte')}) is less than one data record; it was left out.`,
      )
    if (this.gaps.count > 0)
      report.add(
        'note',
        'edf/gaps',
        { file },
        `${plural(this.gaps.count, 'gap')} between the data records of ${file}, ${+this.gaps.seconds.toFixed(3)} s in all; there the values are missing.`,
      )
    if (this.annotations > 0)
      report.add(
        'note',
        'edf/annotations',
        { file },
        `${plural(this.annotations, 'annotation')} in ${file} ${this.annotations === 1 ? 'was' : 'were'} passed over.`,
      )
  }
}
