import type { ReportBuilder } from '../importing/report.ts'
import { agree, count, plural } from '../importing/source.ts'
import { Mp3Decoder } from './mp3Decoder.ts'
import { FRAME_HEADER, readFrameHeader } from './mp3Frame.ts'
import { endsSound, frameAt, type Mp3Header } from './mp3Header.ts'
import { joined, seconds, type SoundReader } from './sound.ts'

/** No frame is longer: 320 kbit/s at 32 kHz, and a byte of padding. */
const LONGEST_FRAME = 1441
/** A frame and the header of the next. */
const AHEAD = LONGEST_FRAME + FRAME_HEADER

/** MP3 as a stream: tags are passed over, then frame after frame; damage is told, passed over, and heard as nothing. */
export class Mp3Reader implements SoundReader {
  private readonly file: string
  private readonly header: Mp3Header
  private readonly report: ReportBuilder
  private readonly decoder = new Mp3Decoder()
  private held: Buffer = Buffer.alloc(0)
  /** Place in the file of held[0]. */
  private heldStart = 0
  private skip: number
  private decoded = 0
  /** Samples given out. */
  private made = 0
  private over = false
  private lost: number | null = null

  constructor(file: string, header: Mp3Header, report: ReportBuilder) {
    this.file = file
    this.header = header
    this.report = report
    this.skip = header.start
  }

  push(piece: Buffer): Float32Array {
    return this.run(piece, false)
  }

  end(): Float32Array {
    const out = this.run(Buffer.alloc(0), true)
    const { file, header, made, decoded } = this
    if (header.frames !== null && made < header.frames && decoded > 0) {
      const promised = `${plural(header.frames, 'sample')} (${seconds(header.frames, header)})`
      this.report.add(
        'repaired',
        'mp3/size',
        { file },
        `The header of ${file} promises ${promised}, but the sound has ${count(made)} (${seconds(made, header)}); what is there was read.`,
      )
    }
    return out
  }

  private run(piece: Buffer, last: boolean): Float32Array {
    const bytes = this.held.length > 0 ? Buffer.concat([this.held, piece]) : piece
    const parts: Float32Array[] = []
    const passed = Math.min(this.skip, bytes.length)
    this.skip -= passed
    let at = passed
    while (this.skip === 0 && !this.over && at < bytes.length && (last || at + AHEAD <= bytes.length)) {
      const frame = frameAt(bytes, at, this.header.frame, last, this.lost === null && this.decoded > 0)
      if (frame && at + frame.bytes <= bytes.length) {
        this.lost = null
        this.take(frame, bytes.subarray(at, at + frame.bytes), parts)
        at += frame.bytes
        continue
      }
      if (this.lost === null) this.over = this.leave(bytes, at, last)
      at++
    }
    this.heldStart += this.over ? bytes.length : at
    this.held = this.over ? Buffer.alloc(0) : Buffer.from(bytes.subarray(at))
    return joined(parts)
  }

  private take(frame: NonNullable<ReturnType<typeof frameAt>>, bytes: Buffer, parts: Float32Array[]): void {
    if (this.decoded++ === 0 && this.header.silentFirst) return
    const samples = this.decoder.decode(frame, bytes)
    // what encoder and decoder put before the sound, and what fills its last frame
    const index = (this.decoded - (this.header.silentFirst ? 2 : 1)) * frame.samples
    const from = Math.min(samples.length, Math.max(0, this.header.delay - index))
    const left = this.header.frames === null || this.header.delay === 0 ? Infinity : this.header.frames - this.made
    const part = samples.subarray(from, from + Math.min(samples.length - from, left))
    this.made += part.length
    parts.push(part)
  }

  /** No frame where one should be. True where the sound simply ends there. */
  private leave(bytes: Buffer, at: number, last: boolean): boolean {
    const { file, report, header } = this
    const byte = this.heldStart + at + 1
    if (endsSound(bytes, at)) return true
    const frame = readFrameHeader(bytes, at)
    const rest = bytes.length - at
    if (last && frame && frame.layer === 3 && at + frame.bytes > bytes.length) {
      const message = `${file} ends in the middle of an MP3 frame, which begins at byte ${count(byte)}; its last ${plural(rest, 'byte')} ${agree(rest, 'was', 'were')} left out.`
      report.add('repaired', 'mp3/cut', { file, byte }, message)
      return true
    }
    if (last && !this.frameAfter(bytes, at)) {
      const message = `${plural(rest, 'byte')} at the end of ${file}, from byte ${count(byte)} on, ${agree(rest, 'is', 'are')} no frame of sound; ${agree(rest, 'it was', 'they were')} left out.`
      report.add('note', 'mp3/rest', { file, byte }, message)
      return true
    }
    this.lost = byte
    const where = `No MP3 frame begins at byte ${count(byte)} of ${file} (${seconds(this.made, header)} into the sound), where one should.`
    if (report.onProblem === 'stop') report.bad('mp3/frame', { file, byte }, where)
    report.add('repaired', 'mp3/frame', { file, byte }, `${where} What lies before the next frame was left out.`)
    this.decoder.restart()
    return false
  }

  private frameAfter(bytes: Buffer, at: number): boolean {
    for (let next = at + 1; next < bytes.length; next++) if (frameAt(bytes, next, this.header.frame, true)) return true
    return false
  }
}
