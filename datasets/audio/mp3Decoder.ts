import { hasTable, Mp3Bits } from './mp3Bits.ts'
import type { Mp3FrameHeader } from './mp3Frame.ts'
import { readScalefactors, readScalefactorsLsf, readSideInfo, SCALEFACTORS, type SideInfo } from './mp3SideInfo.ts'
import { joinChannels, Mp3Spectrum } from './mp3Spectrum.ts'
import { Mp3Synthesis } from './mp3Transform.ts'

/** Main data of a frame may begin so many bytes before it. */
const RESERVOIR = 511

/** MPEG-1, 2 and 2.5 audio, Layer III: one frame after another, to the mean of its channels. */
export class Mp3Decoder {
  private reservoir: Uint8Array = new Uint8Array(0)
  private readonly spectra = [new Mp3Spectrum(), new Mp3Spectrum()]
  private readonly synthesis = [new Mp3Synthesis(), new Mp3Synthesis()]
  private readonly factors = [new Uint8Array(SCALEFACTORS), new Uint8Array(SCALEFACTORS)]
  private readonly positions = new Uint8Array(SCALEFACTORS)

  /** After damage or a jump: nothing of before is heard or referred to. */
  restart(): void {
    this.reservoir = new Uint8Array(0)
    for (const synthesis of this.synthesis) synthesis.reset()
    for (const factors of this.factors) factors.fill(0)
  }

  /** `frame`: all its bytes. A granule whose data is not there (it began before the first frame) is silence. Answers mono samples. */
  decode(header: Mp3FrameHeader, frame: Uint8Array): Float32Array {
    const out = new Float32Array(header.samples)
    const main = header.headerBytes + header.sideBytes
    const side = readSideInfo(header, frame.subarray(header.headerBytes, main))
    const before = this.reservoir
    const data = new Uint8Array(before.length + frame.length - main + 4)
    data.set(before)
    data.set(frame.subarray(main), before.length)
    const end = data.length - 4
    const begin = before.length - side.mainDataBegin
    this.granules(header, side, data.subarray(0, end + 4), 8 * begin, 8 * end, out)
    this.reservoir = data.slice(Math.max(0, end - RESERVOIR), end)
    return out
  }

  private granules(header: Mp3FrameHeader, { granules }: SideInfo, data: Uint8Array, begin: number, end: number, out: Float32Array): void {
    const { channels, version } = header
    const bits = new Mp3Bits(data)
    let at = begin
    granules.forEach((pair, index) => {
      pair.forEach((granule, channel) => {
        const stop = at + granule.bits
        const spectrum = this.spectra[channel]
        if (at < 0 || stop > end || !granule.tables.every(hasTable)) {
          spectrum.lines.fill(0)
          spectrum.used = 0
        } else {
          bits.at = at
          if (version === 1) readScalefactors(bits, granule, this.factors[channel])
          else readScalefactorsLsf(bits, granule, header.intensity && channel === 1 ? this.positions : null, this.factors[channel])
          spectrum.read(bits, granule, this.factors[channel], header, stop)
        }
        at = stop
      })
      if (channels === 2 && (header.middleSide || header.intensity))
        joinChannels(this.spectra[0], this.spectra[1], header, pair[1], version === 1 ? this.factors[1] : this.positions)
      pair.forEach((granule, channel) => {
        this.spectra[channel].reorder(granule, header)
        this.synthesis[channel].run(this.spectra[channel], granule, out, index * 576, 1 / channels)
      })
    })
  }
}
