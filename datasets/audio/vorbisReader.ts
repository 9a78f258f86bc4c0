import type { ReportBuilder } from '../importing/report.ts'
import { dropEnd, OggPackets, type Page } from './oggPackets.ts'
import { OggReader } from './oggReader.ts'
import { VorbisDecoder } from './vorbisDecoder.ts'
import { lyingVorbis, type VorbisHeader } from './vorbisHeader.ts'

/** Ogg Vorbis as a stream: pages → packets → blocks of samples; the first three packets are headers. */
export class VorbisReader extends OggReader {
  private readonly header: VorbisHeader
  protected readonly packets: OggPackets
  private decoder: VorbisDecoder | null = null

  constructor(file: string, header: VorbisHeader, report: ReportBuilder) {
    super(file)
    this.header = header
    this.packets = new OggPackets(file, header, report, 'vorbis', this, (byte, what) => lyingVorbis(file, byte, what))
  }

  protected hasBegun(): boolean {
    return this.decoder !== null
  }

  gap(): void {
    this.decoder?.restart()
  }

  /** The last page says how long the sound is; its last block reaches beyond. */
  last({ granule }: Page): void {
    if (granule >= 0) this.made -= dropEnd(this.parts, this.made - granule)
  }

  packet(packet: Buffer, { byte }: Page): void {
    const { header, file } = this
    const index = this.index++
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
    this.parts.push(mono)
  }
}
