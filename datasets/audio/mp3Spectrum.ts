import { readPairs, readQuad, type Mp3Bits } from './mp3Bits.ts'
import type { Granule, Mp3FrameHeader } from './mp3Frame.ts'
import { NO_POSITION, SHORT_AT } from './mp3SideInfo.ts'
import { BANDS, PRETAB, type Bands } from './mp3Tables.ts'

export const LINES = 576

const POWERS = Float64Array.from({ length: 8207 }, (_, i) => i ** (4 / 3))

/** The frequency lines of one granule of one channel, and what is needed to join two channels. */
export class Mp3Spectrum {
  readonly lines = new Float64Array(LINES)
  private readonly values = new Int32Array(LINES + 4)
  /** Lines from here on are zero. */
  used = 0

  /** Reads Huffman codes up to bit `end` and scales what they say (ISO/IEC 11172-3, 2.4.3.4). Lines stay in the order of the stream. */
  read(bits: Mp3Bits, granule: Granule, factors: Uint8Array, { sampleRate }: Mp3FrameHeader, end: number): void {
    const { values } = this
    const big = Math.min(LINES, 2 * granule.bigValues)
    let at = 0
    for (let region = 0; region < 3; region++) {
      const to = region === 2 ? big : Math.min(big, granule.regions[region])
      if (to > at) readPairs(bits, granule.tables[region], values, at, to)
      at = Math.max(at, to)
    }
    while (at < LINES && bits.at < end) {
      readQuad(bits, granule.tableB, values, at)
      // a code that reaches beyond the granule is none
      if (bits.at > end) break
      at += 4
    }
    at = Math.min(at, LINES)
    values.fill(0, at)
    this.used = at
    this.scale(granule, factors, BANDS[sampleRate])
  }

  private scale(granule: Granule, factors: Uint8Array, { long, short }: Bands): void {
    const { values, lines } = this
    const step = granule.coarse ? 1 : 0.5
    lines.fill(0)
    const fill = (from: number, to: number, exponent: number): void => {
      const gain = 2 ** exponent
      for (let i = from; i < to; i++) {
        const value = values[i]
        if (value !== 0) lines[i] = (value < 0 ? -POWERS[-value] : POWERS[value]) * gain
      }
    }
    const base = (granule.globalGain - 210) / 4
    const isShort = granule.blockType === 2
    const longEnd = isShort ? (granule.mixed ? longLines(long) : 0) : LINES
    for (let band = 0; long[band] < longEnd; band++)
      fill(long[band], long[band + 1], base - step * (factors[band] + (granule.preflag ? PRETAB[band] : 0)))
    if (!isShort) return
    for (let band = granule.mixed ? 3 : 0; band < 13; band++) {
      const width = short[band + 1] - short[band]
      for (let window = 0; window < 3; window++) {
        const from = 3 * short[band] + window * width
        const factor = band < 12 ? factors[SHORT_AT + 3 * band + window] : 0
        fill(from, from + width, base - 2 * granule.subblockGain[window] - step * factor)
      }
    }
  }

  /** Short blocks: from window after window within a band to line after line (2.4.3.4.8), as the transform takes them. */
  reorder({ blockType, mixed }: Granule, { sampleRate }: Mp3FrameHeader): void {
    if (blockType !== 2) return
    const { short } = BANDS[sampleRate]
    const { lines } = this
    const before = Float64Array.from(lines)
    for (let band = mixed ? 3 : 0; band < 13; band++) {
      const width = short[band + 1] - short[band]
      const start = 3 * short[band]
      for (let window = 0; window < 3; window++)
        for (let i = 0; i < width; i++) lines[start + 3 * i + window] = before[start + window * width + i]
    }
    this.used = LINES
  }
}

/** Lines of a mixed block that are long ones: two subbands. */
const longLines = (long: readonly number[]): number => (long[8] === 36 ? 36 : long[6])

/** Joint stereo (2.4.3.4.9): the sum and difference of channels, and above the right channel's last value, positions between them. */
export function joinChannels(left: Mp3Spectrum, right: Mp3Spectrum, header: Mp3FrameHeader, granule: Granule, positions: Uint8Array): void {
  const bound = header.intensity ? intensity(left, right, header, granule, positions) : LINES
  if (header.middleSide) middleSide(left, right, 0, bound)
  left.used = right.used = Math.max(left.used, right.used)
}

function middleSide(left: Mp3Spectrum, right: Mp3Spectrum, from: number, to: number): void {
  for (let i = from; i < to; i++) {
    const [middle, side] = [left.lines[i], right.lines[i]]
    left.lines[i] = (middle + side) * Math.SQRT1_2
    right.lines[i] = (middle - side) * Math.SQRT1_2
  }
}

/** Answers the first line of it: below, the channels are coded one by one (or as sum and difference). For short blocks the bound is each window's own. */
function intensity(left: Mp3Spectrum, right: Mp3Spectrum, header: Mp3FrameHeader, granule: Granule, positions: Uint8Array): number {
  const { long, short } = BANDS[header.sampleRate]
  const lsf = header.version !== 1
  const scale = granule.scalefacCompress & 1 ? Math.SQRT1_2 : 2 ** -0.25
  const apply = (from: number, to: number, position: number): void => {
    if (position === NO_POSITION || (!lsf && position >= 7)) {
      if (header.middleSide) middleSide(left, right, from, to)
      return
    }
    let [l, r] = [1, 1]
    if (!lsf) {
      const ratio = Math.tan((position * Math.PI) / 12)
      ;[l, r] = position === 6 ? [1, 0] : [ratio / (1 + ratio), 1 / (1 + ratio)]
    } else if (position & 1) l = scale ** ((position + 1) / 2)
    else if (position > 0) r = scale ** (position / 2)
    for (let i = from; i < to; i++) {
      right.lines[i] = left.lines[i] * r
      left.lines[i] *= l
    }
  }
  const isZero = (from: number, to: number): boolean => right.lines.subarray(from, to).every((value) => value === 0)
  if (granule.blockType !== 2) {
    let band = 22
    while (band > 0 && isZero(long[band - 1], long[band])) band--
    const bound = long[band]
    // the last band has no factor of its own
    for (; band < 22; band++) apply(long[band], long[band + 1], positions[band < 21 ? band : 20])
    return bound
  }
  const first = granule.mixed ? 3 : 0
  const place = (band: number, window: number): [number, number] => {
    const width = short[band + 1] - short[band]
    return [3 * short[band] + window * width, 3 * short[band] + (window + 1) * width]
  }
  let plain = first
  const bounds = [0, 1, 2].map((window) => {
    let band = 13
    while (band > first && isZero(...place(band - 1, window))) band--
    plain = Math.max(plain, band)
    return band
  })
  bounds.forEach((bound, window) => {
    for (let band = first; band < 13; band++) {
      const [from, to] = place(band, window)
      if (band >= bound) apply(from, to, positions[SHORT_AT + 3 * Math.min(band, 11) + window])
      else if (header.middleSide) middleSide(left, right, from, to)
    }
  })
  // the long lines of a mixed block take part where no short window holds a value
  if (first === 0) return 0
  if (plain > first) return longLines(long)
  let band = long.indexOf(longLines(long))
  while (band > 0 && isZero(long[band - 1], long[band])) band--
  const bound = long[band]
  for (; long[band] < longLines(long); band++) apply(long[band], long[band + 1], positions[band])
  return bound
}
