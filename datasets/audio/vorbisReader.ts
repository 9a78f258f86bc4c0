import { StrandError } from '../errors.ts'
import type { ReportBuilder } from '../importing/report.ts'
import { count, plural } from '../importing/source.ts'
import { OggPages, type OggPage } from './oggPages.ts'
import { joined, seconds, type SoundReader } from './sound.ts'
import { VorbisDecoder } from './vorbisDecoder.ts'
import { lyingVorbis, type VorbisHeader } from './vorbisHeader.ts'

/** A packet (a setup header is some kilobytes) may take this much. */
const LONGEST_PACKET = 8 * 1_048_576

type Page = Exclude<OggPage, { damagedAt: number }>

/** Ogg Vorbis as a stream: pages → packets → blocks of samples. */
export class VorbisReader implements SoundReader {
  private readonly file: string
  private readonly header: VorbisHeader
  private readonly report: ReportBuilder
  private readonly pages = new OggPages()
  private decoder: VorbisDecoder | null = null
  /** Packets so far; the first three are headers. */
  private packets = 0
  private open: Buffer[] = []
  private openBytes = 0
  private sequence = 0
  private made = 0
  private ended = false

  constructor(file: string, header: VorbisHeader, report: ReportBuilder) {
    this.file = file
    this.header = header
    this.report = report
  }

  push(piece: Buffer): Float32Array {
    return this.run(piece, false)
  }

  end(): Float32Array {
    const out = this.run(Buffer.alloc(0), true)
    const { file, header, made, pages } = this
    if (!this.decoder)
      throw new StrandError(
        'import/truncated',
        `${file} ends before its sound begins. Nothing was imported; copy or record the file again.`,
        { file },
      )
    if (!this.ended && made > 0)
      this.report.add(
        'repaired',
        'vorbis/cut',
        { file },
        `${file} is cut off: its last page is missing after ${seconds(made, header)}${pages.rest > 0 ? `, and ${plural(pages.rest, 'byte')} of a page that is not whole were left out` : ''}; what is there was read.`,
      )
    return out
  }

  private run(piece: Buffer, last: boolean): Float32Array {
    const parts: Float32Array[] = []
    for (const page of this.pages.push(piece, last))
      if ('damagedAt' in page) this.damaged(page.damagedAt)
      else this.take(page, parts)
    return joined(parts)
  }

  private damaged(byte: number): void {
    const { file, report } = this
    if (this.ended) return
    const where = `The Ogg page at byte ${count(byte)} of ${file} (${seconds(this.made, this.header)} into the sound) is damaged: its checksum is wrong.`
    if (report.onProblem === 'stop') report.bad('vorbis/page', { file, byte }, where)
    report.add('repaired', 'vorbis/page', { file, byte }, `${where} It was left out.`)
  }

  private take(page: Page, parts: Float32Array[]): void {
    const { file, header } = this
    if (page.serial !== header.serial) {
      if (this.ended && page.begins)
        this.report.bad(
          'vorbis/chain',
          { file, byte: page.byte },
          `${file} holds a second sound from byte ${count(page.byte)} on (a chained stream), which Strand does not read.`,
        )
      return
    }
    if (page.sequence !== this.sequence || !page.continues) {
      this.open = []
      this.openBytes = 0
      if (page.sequence !== this.sequence) this.decoder?.restart()
    }
    this.sequence = page.sequence + 1
    // the rest of a packet whose beginning was lost
    let skipping = page.continues && this.open.length === 0
    let at = 0
    let from = 0
    for (const length of page.lacing) {
      at += length
      if (length === 255) continue
      if (!skipping) this.packet(Buffer.concat([...this.open, page.body.subarray(from, at)]), page, parts)
      skipping = false
      this.open = []
      this.openBytes = 0
      from = at
    }
    if (from < at && !skipping) {
      this.open.push(Buffer.from(page.body.subarray(from, at)))
      this.openBytes += at - from
      if (this.openBytes > LONGEST_PACKET)
        throw lyingVorbis(file, page.byte, `a packet there takes more than ${count(LONGEST_PACKET)} bytes`)
    }
    if (!page.ends) return
    this.ended = true
    // the last page says how long the sound is; its last block reaches beyond
    let over = this.made - page.granule
    for (let i = parts.length - 1; i >= 0 && over > 0 && page.granule >= 0; i--) {
      const cut = Math.min(over, parts[i].length)
      parts[i] = parts[i].subarray(0, parts[i].length - cut)
      over -= cut
      this.made -= cut
    }
  }

  private packet(packet: Buffer, { byte }: Page, parts: Float32Array[]): void {
    const { header, file } = this
    const index = this.packets++
    if (index < 3) {
      if (packet[0] !== 2 * index + 1 || packet.toString('latin1', 1, 7) !== 'vorbis')
        throw lyingVorbis(file, byte, 'a header packet is missing')
      if (index < 2) return
      try {
        this.decoder = new VorbisDecoder(header.channels, header.sizes, packet)
      } catch (problem) {
        if (typeof problem !== 'string') throw problem
        throw lyingVorbis(file, byte, problem)
      }
      return
    }
    const channels = this.decoder!.decode(packet)
    if (!channels) return
    const mono = new Float32Array(channels[0].length)
    for (const channel of channels) for (let i = 0; i < mono.length; i++) mono[i] += channel[i] / channels.length
    this.made += mono.length
    parts.push(mono)
  }
}
