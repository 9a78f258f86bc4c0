import { OpusDecoder } from 'opus-decoder'
import type { ReportBuilder } from '../importing/report.ts'
import { count } from '../importing/source.ts'
import { dropEnd, OggPackets, type Page } from './oggPackets.ts'
import { OggReader } from './oggReader.ts'
import { lyingOpus, OPUS_RATE, type OpusHeader } from './opusHeader.ts'

/** Ogg Opus as a stream: our pages and packets, decoded by libopus (BSD) compiled to WebAssembly; the first two packets are headers. */
export class OpusReader extends OggReader {
  private readonly header: OpusHeader
  private readonly report: ReportBuilder
  private readonly decoder: OpusDecoder<typeof OPUS_RATE>
  protected readonly packets: OggPackets
  private skip: number

  private constructor(file: string, header: OpusHeader, report: ReportBuilder, decoder: OpusDecoder<typeof OPUS_RATE>) {
    super(file)
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

  override end(): Float32Array {
    const out = super.end()
    this.decoder.free()
    return out
  }

  protected hasBegun(): boolean {
    return this.index >= 3
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
