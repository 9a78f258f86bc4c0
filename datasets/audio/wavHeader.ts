import { StrandError } from '../errors.ts'
import { count } from '../importing/source.ts'
import { CODING_BYTES, pcmHeader, type PcmHeader, type SampleCoding } from './pcmSamples.ts'

const ALL_ONES = 0xffff_ffff

/**
 * Reads RIFF, RIFX (all numbers high byte first), RF64 and BW64 headers (Microsoft RIFF 1991; EBU Tech 3306 for RF64; ITU-R BS.2088 for BW64): the
 * chunks before the sound.
 * Answers null when `bytes`, the start of the file, does not reach the sound yet. Throws StrandError where the header contradicts itself.
 */
export function readWavHeader(file: string, bytes: Buffer, whole: boolean): PcmHeader | null {
  const number = bytes.toString('latin1', 0, 4) === 'RIFX' ? HIGH_FIRST : LOW_FIRST
  let format: Pick<PcmHeader, 'coding' | 'channels' | 'sampleRate'> | null = null
  let longSize: number | null = null
  let at = 12
  while (at + 8 <= bytes.length) {
    const id = bytes.toString('latin1', at, at + 4)
    const size = number.u32(bytes, at + 4)
    if (id === 'data') {
      if (!format) throw lying(file, at + 1, 'its sound comes before the description of the sound ("fmt ")')
      const promised = size === ALL_ONES && longSize !== null ? longSize : size === ALL_ONES || size === 0 ? null : size
      return pcmHeader({ ...format, format: 'WAV', dataStart: at + 8, dataBytes: promised })
    }
    if (at + 8 + Math.min(size, 64) > bytes.length) break
    if (id === 'fmt ') format = readFormat(file, bytes, at + 8, size, number)
    else if (id === 'ds64' && size >= 16) longSize = Number(bytes.readBigUInt64LE(at + 16))
    else if (!/^[\x20-\x7e]{4}$/.test(id)) throw lying(file, at + 1, 'a chunk there has no readable name, so a size before it is wrong')
    // chunks are padded to even sizes
    at += 8 + size + (size & 1)
  }
  if (!whole) return null
  throw new StrandError(
    'import/truncated',
    `${file} ends at byte ${count(bytes.length)}, before its sound begins. Nothing was imported; copy or record the file again.`,
    {
      file,
      byte: bytes.length,
    },
  )
}

/** How numbers of more than one byte lie. */
interface Numbers {
  u16(bytes: Buffer, at: number): number
  u32(bytes: Buffer, at: number): number
  /** Of samples. */
  order: '' | 'be'
}
const LOW_FIRST: Numbers = { u16: (bytes, at) => bytes.readUInt16LE(at), u32: (bytes, at) => bytes.readUInt32LE(at), order: '' }
const HIGH_FIRST: Numbers = { u16: (bytes, at) => bytes.readUInt16BE(at), u32: (bytes, at) => bytes.readUInt32BE(at), order: 'be' }

function readFormat(
  file: string,
  bytes: Buffer,
  at: number,
  size: number,
  { u16, u32, order }: Numbers,
): Pick<PcmHeader, 'coding' | 'channels' | 'sampleRate'> {
  if (size < 16) throw lying(file, at + 1, `the description of the sound has ${size} bytes instead of 16`)
  let tag = u16(bytes, at)
  const channels = u16(bytes, at + 2)
  const sampleRate = u32(bytes, at + 4)
  const frameBytes = u16(bytes, at + 12)
  const bits = u16(bytes, at + 14)
  // the first field of the sub-format's GUID has 32 bits
  if (tag === 0xfffe && size >= 28) tag = u32(bytes, at + 24)
  const coding = codingOf(tag, bits, order)
  if (!coding) {
    const what = tag === 0x11 || tag === 2 ? 'ADPCM' : tag === 0x55 ? 'MP3 inside WAV' : `coding ${tag} with ${bits} bits`
    throw new StrandError(
      'import/unknown-format',
      `${file} holds sound coded as ${what}, which Strand does not read. Convert it to 16-bit PCM, then drop it again.`,
      {
        file,
        byte: at + 1,
      },
    )
  }
  if (channels === 0) throw lying(file, at + 3, 'it claims to have no channels')
  if (sampleRate === 0 || sampleRate > 6_000_000) throw lying(file, at + 5, `it claims a sample rate of ${count(sampleRate)} Hz`)
  const expected = CODING_BYTES[coding] * channels
  if (frameBytes !== expected)
    throw lying(
      file,
      at + 13,
      `it claims ${bits} bits and ${channels} ${channels === 1 ? 'channel' : 'channels'}, which take ${expected} bytes a frame, but says ${frameBytes}`,
    )
  return { coding, channels, sampleRate }
}

/** PCM of 12 or 20 bits fills the high bits of the next whole number of bytes (Microsoft RIFF 1991, "Data Format of the Samples"). */
function codingOf(tag: number, bits: number, order: Numbers['order']): SampleCoding | null {
  const container = Math.ceil(bits / 8) * 8
  if (tag === 1 && container === 8) return 'u8'
  if (tag === 1) return ({ 16: `s16${order}`, 24: `s24${order}`, 32: `s32${order}` } as const)[container] ?? null
  if (tag === 3) return ({ 32: `f32${order}`, 64: `f64${order}` } as const)[bits] ?? null
  if (tag === 6 && bits === 8) return 'alaw'
  if (tag === 7 && bits === 8) return 'mulaw'
  return null
}

const lying = (file: string, byte: number, what: string): StrandError =>
  new StrandError(
    'import/lying-header',
    `The header of ${file} contradicts itself at byte ${count(byte)}: ${what}. Nothing was imported; export the sound again as WAV.`,
    {
      file,
      byte,
    },
  )
