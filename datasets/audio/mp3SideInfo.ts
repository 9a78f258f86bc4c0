import { Mp3Bits } from './mp3Bits.ts'
import type { Granule, Mp3FrameHeader } from './mp3Frame.ts'
import { BANDS } from './mp3Tables.ts'

export interface SideInfo {
  /** Bytes of main data that lie before this frame, in earlier ones. */
  mainDataBegin: number
  /** [granule][channel] */
  granules: Granule[][]
}

/** The side information of a frame: how its granules are coded (ISO/IEC 11172-3, 2.4.1.7 and 13818-3, 2.4.1.7). */
export function readSideInfo(header: Mp3FrameHeader, bytes: Uint8Array): SideInfo {
  const bits = new Mp3Bits(bytes)
  const { channels, version, sampleRate } = header
  const lsf = version !== 1
  const mainDataBegin = bits.read(lsf ? 8 : 9)
  // private bits
  bits.read(lsf ? channels : channels === 1 ? 5 : 3)
  const shared = Array.from({ length: channels }, () => (lsf ? 0 : bits.read(4)))
  const granules = Array.from({ length: lsf ? 1 : 2 }, (_, granule) =>
    Array.from({ length: channels }, (_, channel) => readGranule(bits, lsf, sampleRate, granule === 0 ? 0 : shared[channel])),
  )
  return { mainDataBegin, granules }
}

function readGranule(bits: Mp3Bits, lsf: boolean, sampleRate: number, shared: number): Granule {
  const granule: Granule = {
    bits: bits.read(12),
    bigValues: bits.read(9),
    globalGain: bits.read(8),
    scalefacCompress: bits.read(lsf ? 9 : 4),
    blockType: 0,
    mixed: false,
    tables: [0, 0, 0],
    subblockGain: [0, 0, 0],
    regions: [576, 576],
    preflag: false,
    coarse: false,
    tableB: false,
    shared,
  }
  const { long } = BANDS[sampleRate]
  if (bits.read(1)) {
    granule.blockType = bits.read(2)
    granule.mixed = bits.read(1) === 1
    granule.tables = [bits.read(5), bits.read(5), 0]
    granule.subblockGain = [bits.read(3), bits.read(3), bits.read(3)]
    // implied: the first 8 long bands, or as many lines of short ones; of mixed blocks at half rates decoders differ, and this is what most do
    granule.regions[0] = granule.blockType === 2 && lsf ? long[6] : long[8]
  } else {
    granule.tables = [bits.read(5), bits.read(5), bits.read(5)]
    const first = bits.read(4) + 1
    const second = first + bits.read(3) + 1
    granule.regions = [long[Math.min(22, first)], long[Math.min(22, second)]]
  }
  if (!lsf) granule.preflag = bits.read(1) === 1
  granule.coarse = bits.read(1) === 1
  granule.tableB = bits.read(1) === 1
  return granule
}

const LONG_BANDS = 21
/** Scale factors of a channel, by band and (short blocks) window: long ones at [band], short ones at [22 + 3 · band + window]. */
export const SHORT_AT = 22
export const SCALEFACTORS = SHORT_AT + 39

const SLEN1 = [0, 0, 0, 0, 3, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4]
const SLEN2 = [0, 1, 2, 3, 0, 1, 2, 3, 1, 2, 3, 1, 2, 3, 2, 3]
/** First bands of the four groups that granules may share, and the end. */
const GROUPS = [0, 6, 11, 16, 21]

/** MPEG-1 (2.4.2.7): into `factors`, which holds those of the granule before. */
export function readScalefactors(bits: Mp3Bits, { scalefacCompress, blockType, mixed, shared }: Granule, factors: Uint8Array): void {
  const [first, second] = [SLEN1[scalefacCompress], SLEN2[scalefacCompress]]
  if (blockType === 2) {
    factors.fill(0)
    if (mixed) for (let band = 0; band < 8; band++) factors[band] = bits.read(first)
    for (let band = mixed ? 3 : 0; band < 12; band++)
      for (let window = 0; window < 3; window++) factors[SHORT_AT + 3 * band + window] = bits.read(band < 6 ? first : second)
    return
  }
  for (let group = 0; group < 4; group++) {
    if (shared & (8 >> group)) continue
    for (let band = GROUPS[group]; band < GROUPS[group + 1]; band++) factors[band] = bits.read(group < 2 ? first : second)
  }
  factors.fill(0, LONG_BANDS)
}

/** Bands of each of four groups: [row][long, short, mixed]. */
const LSF_BANDS = [
  [
    [6, 5, 5, 5],
    [9, 9, 9, 9],
    [6, 9, 9, 9],
  ],
  [
    [6, 5, 7, 3],
    [9, 9, 12, 6],
    [6, 9, 12, 6],
  ],
  [
    [11, 10, 0, 0],
    [18, 18, 0, 0],
    [15, 18, 0, 0],
  ],
  [
    [7, 7, 7, 0],
    [12, 12, 12, 0],
    [6, 15, 12, 0],
  ],
  [
    [6, 6, 6, 3],
    [12, 9, 9, 6],
    [6, 12, 9, 6],
  ],
  [
    [8, 8, 5, 0],
    [15, 12, 9, 0],
    [6, 18, 9, 0],
  ],
]

/** What a scale factor of all ones says in the right channel of intensity stereo: none. */
export const NO_POSITION = 255

/**
 * MPEG-2 and 2.5 (13818-3, 2.4.3.2). `positions`: of the right channel in intensity stereo, whose factors are positions as well, the impossible one
 * NO_POSITION; null elsewhere. Below the first band of intensity stereo they scale the right channel as any factors do.
 */
export function readScalefactorsLsf(bits: Mp3Bits, granule: Granule, positions: Uint8Array | null, factors: Uint8Array): void {
  let code = granule.scalefacCompress
  let row: number
  let slen: number[]
  if (positions) {
    code >>= 1
    if (code < 180) [row, slen] = [3, [Math.floor(code / 36), Math.floor((code % 36) / 6), (code % 36) % 6, 0]]
    else if (code < 244) [row, slen] = [4, [((code - 180) % 64) >> 4, ((code - 180) % 16) >> 2, (code - 180) % 4, 0]]
    else [row, slen] = [5, [Math.floor((code - 244) / 3), (code - 244) % 3, 0, 0]]
  } else if (code < 400) [row, slen] = [0, [Math.floor((code >> 4) / 5), (code >> 4) % 5, (code % 16) >> 2, code % 4]]
  else if (code < 500) [row, slen] = [1, [Math.floor(((code - 400) >> 2) / 5), ((code - 400) >> 2) % 5, (code - 400) % 4, 0]]
  else {
    ;[row, slen] = [2, [Math.floor((code - 500) / 3), (code - 500) % 3, 0, 0]]
    granule.preflag = true
  }
  const short = granule.blockType === 2
  const bands = LSF_BANDS[row][short ? (granule.mixed ? 2 : 1) : 0]
  factors.fill(0)
  positions?.fill(0)
  let long = short ? (granule.mixed ? 6 : 0) : LONG_BANDS
  let at = short && !granule.mixed ? SHORT_AT : 0
  bands.forEach((n, group) => {
    for (let k = 0; k < n; k++) {
      const value = bits.read(slen[group])
      if (positions) positions[at] = slen[group] > 0 && value === 2 ** slen[group] - 1 ? NO_POSITION : value
      factors[at++] = value
      // a mixed block goes on with the short bands from the third on
      if (long > 0 && --long === 0 && short) at = SHORT_AT + 9
    }
  })
}
