import type { ReportBuilder } from '../importing/report.ts'
import { agree, count, plural } from '../importing/source.ts'
import { OggPages, type OggPage } from './oggPages.ts'
import { seconds, type SoundHeader } from './sound.ts'

/** A packet (a setup header is some kilobytes) may take this much. */
const LONGEST_PACKET = 8 * 1_048_576

export type Page = Exclude<OggPage, { damagedAt: number }>

/** What a codec does with the packets of its stream. */
export interface PacketSink {
  /** Samples of each channel given out so far, for sentences. */
  readonly made: number
  packet(bytes: Buffer, page: Page): void
  /** Packets are missing here. */
  gap(): void
  /** After the last packet of the last page. */
  last(page: Page): void
}

/** The packets of one logical stream of an Ogg file (RFC 3533, section 5). `codec` names report entries. */
export class OggPackets {
  private readonly file: string
  private readonly header: SoundHeader & { serial: number }
  private readonly report: ReportBuilder
  private readonly codec: string
  private readonly sink: PacketSink
  private readonly tooLong: (byte: number, what: string) => Error
  private readonly pages = new OggPages()
  private open: Buffer[] = []
  private openBytes = 0
  private sequence = 0
  private ended = false

  constructor(
    file: string,
    header: SoundHeader & { serial: number },
    report: ReportBuilder,
    codec: string,
    sink: PacketSink,
    tooLong: (byte: number, what: string) => Error,
  ) {
    this.file = file
    this.header = header
    this.report = report
    this.codec = codec
    this.sink = sink
    this.tooLong = tooLong
  }

  push(piece: Buffer, last: boolean): void {
    for (const page of this.pages.push(piece, last))
      if ('damagedAt' in page) this.damaged(page.damagedAt)
      else this.take(page)
  }

  /** After the last piece: tells a file that was cut off. */
  end(): void {
    const { file, header, pages, report, codec, sink } = this
    if (this.ended || sink.made === 0) return
    const rest =
      pages.rest > 0 ? `, and ${plural(pages.rest, 'byte')} of a page that is not whole ${agree(pages.rest, 'was', 'were')} left out` : ''
    const message = `${file} is cut off: its last page is missing after ${seconds(sink.made, header)}${rest}; what is there was read.`
    report.add('repaired', `${codec}/cut`, { file }, message)
  }

  private damaged(byte: number): void {
    const { file, report, codec } = this
    if (this.ended) return
    const where = `The Ogg page at byte ${count(byte)} of ${file} (${seconds(this.sink.made, this.header)} into the sound) is damaged: its checksum is wrong.`
    if (report.onProblem === 'stop') report.bad(`${codec}/page`, { file, byte }, where)
    report.add('repaired', `${codec}/page`, { file, byte }, `${where} It was left out.`)
  }

  private take(page: Page): void {
    const { file, header, codec, sink } = this
    if (page.serial !== header.serial) {
      if (this.ended && page.begins)
        this.report.bad(
          `${codec}/chain`,
          { file, byte: page.byte },
          `${file} holds a second sound from byte ${count(page.byte)} on (a chained stream), which Strand does not read.`,
        )
      return
    }
    if (page.sequence !== this.sequence || !page.continues) {
      this.open = []
      this.openBytes = 0
      if (page.sequence !== this.sequence) sink.gap()
    }
    this.sequence = page.sequence + 1
    // the rest of a packet whose beginning was lost
    let skipping = page.continues && this.open.length === 0
    let at = 0
    let from = 0
    for (const length of page.lacing) {
      at += length
      if (length === 255) continue
      if (!skipping) sink.packet(Buffer.concat([...this.open, page.body.subarray(from, at)]), page)
      skipping = false
      this.open = []
      this.openBytes = 0
      from = at
    }
    if (from < at && !skipping) {
      this.open.push(Buffer.from(page.body.subarray(from, at)))
      this.openBytes += at - from
      if (this.openBytes > LONGEST_PACKET) throw this.tooLong(page.byte, `a packet there takes more than ${count(LONGEST_PACKET)} bytes`)
    }
    if (!page.ends) return
    this.ended = true
    sink.last(page)
  }
}

/** Takes `over` samples off the end of the parts; answers how many it took. */
export function dropEnd(parts: Float32Array[], over: number): number {
  let left = over
  for (let i = parts.length - 1; i >= 0 && left > 0; i--) {
    const cut = Math.min(left, parts[i].length)
    parts[i] = parts[i].subarray(0, parts[i].length - cut)
    left -= cut
  }
  return Math.max(0, over) - Math.max(0, left)
}
