import type { ReportBuilder } from '../importing/report.ts'
import { agree, plural } from '../importing/source.ts'
import { keptBases, type QualityTrim } from './qualityTrim.ts'
import type { RecordWriter } from './sequenceRecords.ts'

/** Cuts the ends of low quality off reads, once a read is whole, and leaves out what is too short then. */
export class ReadTrimmer {
  private readonly trim: QualityTrim
  private readonly record: RecordWriter
  /** Of the open record. */
  private bases: Buffer = Buffer.alloc(1024)
  private qualities: Buffer = Buffer.alloc(1024)
  private cut = { bases: 0, reads: 0, short: 0 }

  constructor(trim: QualityTrim, record: RecordWriter) {
    this.trim = trim
    this.record = record
  }

  /** `at`: letters of the record so far. */
  holdBases(part: Uint8Array, at: number): void {
    this.bases = held(this.bases, part, at)
  }

  holdQualities(part: Uint8Array, at: number): void {
    this.qualities = held(this.qualities, part, at)
  }

  /** Ends the open record of so many letters. */
  keep(letters: number): void {
    const { record, trim, bases, cut } = this
    const kept = keptBases(this.qualities, letters, trim)
    if (kept < letters) {
      cut.bases += letters - kept
      cut.reads++
      // letters were counted as they were read, before it was known that they go
      record.histogram.fill(0)
      for (let i = 0; i < kept; i++) record.histogram[bases[i]]++
    }
    if (letters > 0 && kept < trim.length) {
      cut.short++
      record.drop()
      return
    }
    record.append(bases.subarray(0, kept))
    record.keep()
  }

  /** After the last record of a file. */
  tell(report: ReportBuilder, file: string): void {
    const { quality, offset, length } = this.trim
    const { bases, reads, short } = this.cut
    const ends = `Ends below quality ${quality} (Phred+${offset}) were cut off ${plural(reads, 'read')} of ${file}: ${plural(bases, 'base')}.`
    if (reads > 0) report.add('note', 'fastq/trimmed', { file }, ends)
    const left = `${plural(short, 'read')} of ${file} with fewer than ${plural(length, 'base')} left ${agree(short, 'was', 'were')} left out.`
    if (short > 0) report.add('skipped', 'fastq/short', { file }, left, short)
  }
}

/** `part` put into a buffer from `at` on, a larger one where it does not fit. */
function held(buffer: Buffer, part: Uint8Array, at: number): Buffer {
  let into = buffer
  if (at + part.length > into.length) {
    into = Buffer.alloc(2 * (at + part.length))
    into.set(buffer)
  }
  into.set(part, at)
  return into
}
