import { StrandError } from '../errors.ts'
import type { OggPackets, Page, PacketSink } from './oggPackets.ts'
import { joined, type SoundReader } from './sound.ts'

/** A sound in Ogg as a stream: pages → packets → samples. What a packet holds is the format's own. */
export abstract class OggReader implements SoundReader, PacketSink {
  protected readonly file: string
  protected abstract readonly packets: OggPackets
  /** Packets so far. */
  protected index = 0
  protected parts: Float32Array[] = []
  made = 0

  constructor(file: string) {
    this.file = file
  }

  abstract gap(): void
  abstract last(page: Page): void
  abstract packet(packet: Buffer, page: Page): void
  /** Whether all header packets were there. */
  protected abstract hasBegun(): boolean

  push(piece: Buffer): Float32Array {
    return this.run(piece, false)
  }

  end(): Float32Array {
    const out = this.run(Buffer.alloc(0), true)
    const { file } = this
    if (!this.hasBegun())
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
}
