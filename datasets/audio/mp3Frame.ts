/** The header of an MPEG audio frame (ISO/IEC 11172-3, 2.4.1.3; 13818-3 for half and quarter rates). */
export interface Mp3FrameHeader {
  /** 1, 2 or 2.5 */
  version: number
  layer: number
  channels: number
  sampleRate: number
  /** Bits per second; 0 for "free". */
  bitrate: number
  /** Of the whole frame, header included. */
  bytes: number
  /** Samples of each channel. */
  samples: number
  /** Before the side information: the header, and a checksum where there is one. */
  headerBytes: number
  sideBytes: number
  middleSide: boolean
  intensity: boolean
}

const KBITS_1 = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320]
const KBITS_2 = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160]
const RATES = [44_100, 48_000, 32_000]
export const FRAME_HEADER = 4

/** null where no frame of Layer III begins there. `bytes` reaches 4 bytes beyond `at`. */
export function readFrameHeader(bytes: Uint8Array, at: number): Mp3FrameHeader | null {
  if (at + FRAME_HEADER > bytes.length || bytes[at] !== 0xff || (bytes[at + 1] & 0xe0) !== 0xe0) return null
  const version = [2.5, 0, 2, 1][(bytes[at + 1] >> 3) & 3]
  const layer = 4 - ((bytes[at + 1] >> 1) & 3)
  const index = bytes[at + 2] >> 4
  const rate = (bytes[at + 2] >> 2) & 3
  if (version === 0 || layer === 4 || index === 15 || rate === 3) return null
  const lsf = version !== 1
  const sampleRate = RATES[rate] / (version === 1 ? 1 : version === 2 ? 2 : 4)
  const bitrate = 1000 * (lsf ? KBITS_2 : KBITS_1)[index]
  const mode = bytes[at + 3] >> 6
  const channels = mode === 3 ? 1 : 2
  const samples = lsf ? 576 : 1152
  const padding = (bytes[at + 2] >> 1) & 1
  return {
    version,
    layer,
    channels,
    sampleRate,
    bitrate,
    bytes: Math.floor(((samples / 8) * bitrate) / sampleRate) + padding,
    samples,
    headerBytes: bytes[at + 1] & 1 ? 4 : 6,
    sideBytes: lsf ? (channels === 1 ? 9 : 17) : channels === 1 ? 17 : 32,
    middleSide: mode === 1 && (bytes[at + 3] & 0x20) !== 0,
    intensity: mode === 1 && (bytes[at + 3] & 0x10) !== 0,
  }
}

/** One granule of one channel, as its side information describes it (2.4.1.7). */
export interface Granule {
  /** Bits of scale factors and values together. */
  bits: number
  bigValues: number
  globalGain: number
  scalefacCompress: number
  /** 0 normal, 1 start, 2 short, 3 stop */
  blockType: number
  mixed: boolean
  tables: [number, number, number]
  subblockGain: [number, number, number]
  /** First lines of regions 1 and 2. */
  regions: [number, number]
  preflag: boolean
  /** A scale factor step is 2 or √2. */
  coarse: boolean
  tableB: boolean
  /** Of bands whose scale factors are those of the granule before: a bit for each of four groups. */
  shared: number
}
