import { OpusDecoder } from 'opus-decoder'
import { StrandError } from '../errors.ts'
import type { ReportBuilder } from '../importing/report.ts'
import { count } from '../importing/source.ts'
import { dropEnd, OggPackets, type Page, type PacketSink } from './oggPackets.ts'
import { lyingOpus, OPUS_RATE, type OpusHeader } from './opusHeader.ts'
import { joined, type SoundReader } from './sound.ts'

/** Ogg Opus as a stream: our pages and packets, decoded by libopus (BSD) compiled to WebAssembly. */
export class OpusReader implements SoundReader, PacketSink {
  private readonly file: string
  private readonly header: OpusHeader
  private readonly report: ReportBuilder
  private readonly decoder: OpusDecoder<typeof OPUS_RATE>
  private readonly packets: OggPackets
  /** Packets so far; the first two are headers. */
  private index = 0
  private skip: number
  private parts: Float32Array[] = []
  made = 0

  private constructor(file: string, header: OpusHeader, report: ReportBuilder, decoder: OpusDecoder<typeof OPUS_RATE>) {
    this.file = file
    this.header = header
    this.report = report
    this.decoder = decoder
    this.skip = header.preSkip
    this.packets = new OggPackets(file, header, report, 'opus', this, (byte, what) => lyingOpus(file, byte, what))
  }

  static async open(file: string, header: OpusHeader, report: ReportBuilder): Promise<OpusReader> {
    const { channels, streams, coupled, mapping } = header
    const decoder = new OpusDecoder({
      channels,
      streamCount: streams,
      coupledStreamCount: coupled,
      channelMappingTable: mapping,
      preSkip: 0,
      sampleRate: OPUS_RATE,
    })
    await decoder.ready
    return new OpusReader(file, header, report, decoder)
  }

  push(piece: Buffer): Float32Array {
    return this.run(piece, false)
  }

  end(): Float32Array {
    const out = this.run(Buffer.alloc(0), true)
    const { file } = this
    this.decoder.free()
    if (this.index < 3)
      throw new StrandError(
        'import/truncated',
        `${file} ends before its sound begins. Nothing was imported; copy or record the file again.`,
        { file },
      )
    this.packets.end()
    return out
  }

  private run(piece: Buffer, last: boolean): Float32Array {
    this.parts = []
    this.packets.push(piece, last)
    return joined(this.parts)
  }

  gap(): void {
    // the decoder hides what is missing by itself
  }

  /** The last page counts the samples, those before the sound included; its last packet reaches beyond. */
  last({ granule }: Page): void {
    if (granule >= 0) this.made -= dropEnd(this.parts, this.made + this.header.preSkip - granule)
  }

  packet(packet: Buffer, { byte }: Page): void {
    const { header, file, report } = this
    const index = this.index++
    if (index < 2) {
      if (packet.toString('latin1', 0, 8) !== ['OpusHead', 'OpusTags'][index]) throw lyingOpus(file, byte, 'a header packet is missing')
      return
    }
    const { channelData, samplesDecoded, errors } = this.decoder.decodeFrame(packet)
    if (errors.length > 0) {
      const where = `An Opus packet in the page at byte ${count(byte)} of ${file} is damaged (${errors[0].message.toLowerCase()}).`
      if (report.onProblem === 'stop') report.bad('opus/packet', { file, byte }, where)
      report.add('repaired', 'opus/packet', { file, byte }, `${where} It was left out.`)
      return
    }
    const from = Math.min(this.skip, samplesDecoded)
    this.skip -= from
    const mono = new Float32Array(samplesDecoded - from)
    const scale = header.gain / channelData.length
    for (const channel of channelData) for (let i = 0; i < mono.length; i++) mono[i] += channel[from + i] * scale
    this.made += mono.length
    this.parts.push(mono)
  }
}
