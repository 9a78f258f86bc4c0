import type { ReportBuilder } from '../importing/report.ts'
import { agree, count, plural } from '../importing/source.ts'
import { FlacFrames, type FlacFrame } from './flacFrame.ts'
import type { FlacHeader } from './flacHeader.ts'
import { joined, seconds, type SoundReader } from './sound.ts'

/** No frame is shorter: a header of 6 bytes, a constant subframe of 2, a checksum of 2. */
const SHORTEST_FRAME = 10

/** FLAC as a stream: the metadata is passed over, then frame after frame; a damaged frame is told and, where the user chose to skip, is silence. */
export class FlacReader implements SoundReader {
  private readonly file: string
  private readonly header: FlacHeader
  private readonly report: ReportBuilder
  private readonly frames: FlacFrames
  private held: Buffer = Buffer.alloc(0)
  /** Place in the file of held[0]. */
  private heldStart = 0
  /** Bytes of "fLaC" and metadata still to pass over; null once frames have begun. */
  private skip: number | null = 4
  private lastBlock = false
  /** All promised samples are there and something that is no frame follows: a tag of other players. */
  private over = false
  /** Samples of each channel given out. */
  private made = 0
  /** First byte of a damaged stretch, while looking for the next sound frame. */
  private damaged: { byte: number; what: string } | null = null

  constructor(file: string, header: FlacHeader, report: ReportBuilder) {
    this.file = file
    this.header = header
    this.report = report
    this.frames = new FlacFrames(header)
  }

  push(piece: Buffer): Float32Array {
    const bytes = this.held.length > 0 ? Buffer.concat([this.held, piece]) : piece
    const { out, used } = this.run(bytes, false)
    this.heldStart += used
    this.held = Buffer.from(bytes.subarray(used))
    return out
  }

  end(): Float32Array {
    const { out } = this.run(this.held, true)
    const { file, header, made } = this
    if (header.frames === null)
      this.report.add(
        'note',
        'flac/open-size',
        { file },
        `The header of ${file} does not say how long the sound is; it was read to the end.`,
      )
    else if (made !== header.frames && made > 0)
      this.report.add(
        'repaired',
        'flac/size',
        { file, byte: 22 },
        `The header of ${file} promises ${plural(header.frames, 'sample')} (${seconds(header.frames, header)}), but the sound has ${count(made)} (${seconds(made, header)}); what is there was read.`,
      )
    return out
  }

  private run(bytes: Buffer, last: boolean): { out: Float32Array; used: number } {
    let at = this.skip === null ? 0 : this.passMetadata(bytes)
    const parts: Float32Array[] = []
    while (this.skip === null && at < bytes.length && !this.over) {
      const frame = this.frames.read(bytes, at)
      if ('block' in frame && this.fits(frame, at)) {
        if (this.damaged) parts.push(this.silence(frame.position - this.made))
        parts.push(this.mono(frame))
        at = frame.end
        continue
      }
      if ('more' in frame && !last && bytes.length - at < this.frames.longest) break
      this.over = this.header.frames !== null && this.made >= this.header.frames
      if (this.over) break
      if (!this.damaged) {
        if ('more' in frame && last) this.cutOff(bytes.length - at, at)
        const what = 'damage' in frame ? frame.damage : 'it does not end where it should'
        this.damaged = { byte: this.heldStart + at + 1, what }
        if (!(last && 'more' in frame)) this.tell()
      }
      at = nextSync(bytes, at + 1)
    }
    return { out: joined(parts), used: this.over ? bytes.length : at }
  }

  /** Metadata blocks (pictures, tags): a byte of kind, three of length. Answers the byte where it stopped. */
  private passMetadata(bytes: Buffer): number {
    let at = 0
    while (this.skip !== null) {
      const step = Math.min(this.skip, bytes.length - at)
      at += step
      this.skip -= step
      if (this.skip > 0) return at
      if (this.lastBlock) {
        this.skip = null
        return at
      }
      if (at + 4 > bytes.length) return at
      this.lastBlock = (bytes[at] & 0x80) !== 0
      this.skip = bytes.readUIntBE(at + 1, 3)
      at += 4
    }
    return at
  }

  /** After damage, the next frame must continue the sound within what the lost bytes can have held. */
  private fits(frame: FlacFrame, at: number): boolean {
    if (!this.damaged) return true
    const lost = frame.position - this.made
    const most = Math.ceil((this.heldStart + at + 1 - this.damaged.byte) / SHORTEST_FRAME) * this.header.maxBlock
    return lost >= 0 && lost <= most
  }

  private silence(frames: number): Float32Array {
    this.damaged = null
    this.made += frames
    return new Float32Array(frames)
  }

  private tell(): void {
    const { byte, what } = this.damaged!
    const { file, header, made, report } = this
    const where = `The FLAC frame at byte ${count(byte)} of ${file} (${seconds(made, header)} into the sound) is damaged: ${what}.`
    // ends the import, unless the user chose to skip
    if (report.onProblem === 'stop') report.bad('flac/frame', { file, byte }, where)
    report.add('repaired', 'flac/frame', { file, byte }, `${where} It was read as silence.`)
  }

  private cutOff(rest: number, at: number): void {
    const { file } = this
    this.report.add(
      'repaired',
      'flac/cut',
      { file, byte: this.heldStart + at + 1 },
      `${file} ends in the middle of a FLAC frame, which begins at byte ${count(this.heldStart + at + 1)}; its last ${plural(rest, 'byte')} ${agree(rest, 'was', 'were')} left out.`,
    )
  }

  private mono({ block, channels }: FlacFrame): Float32Array {
    const scale = 1 / 2 ** (this.header.bits - 1) / channels.length
    const out = new Float32Array(block)
    if (channels.length === 1) for (let i = 0; i < block; i++) out[i] = channels[0][i] * scale
    else if (channels.length === 2) for (let i = 0; i < block; i++) out[i] = (channels[0][i] + channels[1][i]) * scale
    else
      for (let i = 0; i < block; i++) {
        let sum = 0
        for (const channel of channels) sum += channel[i]
        out[i] = sum * scale
      }
    this.made += block
    return out
  }
}

/** Where the next frame may begin. */
function nextSync(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(0xff, from); at >= 0; at = bytes.indexOf(0xff, at + 1))
    if (at + 1 === bytes.length || (bytes[at + 1] & 0xfe) === 0xf8) return at
  return bytes.length
}
