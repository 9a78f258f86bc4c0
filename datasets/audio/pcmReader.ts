import type { ReportBuilder } from '../importing/report.ts'
import { count, plural } from '../importing/source.ts'
import { monoSamples, type PcmHeader } from './pcmSamples.ts'
import { seconds, type SoundReader } from './sound.ts'

/** WAV and AIFF: the stretch of the file that the header points at, frame by frame. */
export class PcmReader implements SoundReader {
  private readonly file: string
  private readonly header: PcmHeader
  private readonly report: ReportBuilder
  private skip: number
  private left: number
  private held = Buffer.alloc(0)
  private read = 0
  private broken = 0

  constructor(file: string, header: PcmHeader, report: ReportBuilder) {
    this.file = file
    this.header = header
    this.report = report
    this.skip = header.dataStart
    this.left = header.dataBytes ?? Infinity
  }

  push(piece: Buffer): Float32Array {
    const from = Math.min(this.skip, piece.length)
    this.skip -= from
    const part = piece.subarray(from, Math.min(piece.length, from + this.left))
    this.left -= part.length
    this.read += part.length
    if (part.length === 0) return new Float32Array(0)
    const bytes = this.held.length > 0 ? Buffer.concat([this.held, part]) : part
    const whole = bytes.length - (bytes.length % this.header.frameBytes)
    const mono = monoSamples(this.header, bytes.subarray(0, whole))
    this.broken += mono.broken
    this.held = Buffer.from(bytes.subarray(whole))
    return mono.samples
  }

  end(): Float32Array {
    const { file, header, read, broken } = this
    const { dataBytes, dataStart, frameBytes } = header
    const rest = this.held.length
    const repaired = (kind: string, byte: number | undefined, message: string): void =>
      this.report.add('repaired', `sound/${kind}`, byte === undefined ? { file } : { file, byte }, message)
    const length = (bytes: number): string => seconds(bytes / frameBytes, header)
    if (dataBytes !== null && read < dataBytes)
      repaired(
        'size',
        dataStart - 3,
        `The header of ${file} promises ${count(dataBytes)} bytes of sound (${length(dataBytes)}), but the file ends after ${count(read)} (${length(read)}), at byte ${count(dataStart + read)}; what is there was read.`,
      )
    else if (dataBytes === null && read > 0 && !header.raw)
      repaired(
        'open-size',
        dataStart - 3,
        `The header of ${file} does not say how long the sound is; it was read to the end of the file (${count(read)} bytes).`,
      )
    if (rest > 0)
      repaired(
        'frame',
        dataStart + read - rest + 1,
        `The end of ${file} (${plural(rest, 'byte')}) is less than one frame of ${frameBytes} bytes; it was left out.`,
      )
    if (broken > 0)
      repaired(
        'broken',
        undefined,
        `${plural(broken, 'sample')} of ${file} ${broken === 1 ? 'is' : 'are'} no finite number, read as silence.`,
      )
    return new Float32Array(0)
  }
}
