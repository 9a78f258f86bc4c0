import { StrandError } from '../errors.ts'
import { count } from '../importing/source.ts'
import { CODING_BYTES, pcmHeader, type PcmHeader, type SampleCoding } from './pcmSamples.ts'

type Common = Pick<PcmHeader, 'coding' | 'channels' | 'sampleRate'> & { frames: number }

/**
 * Reads AIFF and AIFF-C headers (Apple, "Audio Interchange File Format" 1.3 and AIFF-C draft of 1991): the chunks before the sound.
 * Answers null when `bytes`, the start of the file, does not reach the sound yet. Throws StrandError where the header contradicts itself.
 */
export function readAiffHeader(file: string, bytes: Buffer, whole: boolean): PcmHeader | null {
  const compressed = bytes.toString('latin1', 8, 12) === 'AIFC'
  let common: Common | null = null
  let at = 12
  while (at + 8 <= bytes.length) {
    const id = bytes.toString('latin1', at, at + 4)
    const size = bytes.readUInt32BE(at + 4)
    if (at + 8 + Math.min(size, 26) > bytes.length) break
    if (id === 'COMM') common = readCommon(file, bytes, at + 8, size, compressed)
    else if (id === 'SSND') {
      if (!common) throw lying(file, at + 1, 'its sound comes before the description of the sound ("COMM")')
      if (size < 8) throw lying(file, at + 5, `its sound chunk has ${size} bytes, less than its own 8 bytes of header`)
      const offset = bytes.readUInt32BE(at + 8)
      if (offset > size - 8)
        throw lying(file, at + 9, `it says that the sound starts ${count(offset)} bytes into a chunk of ${count(size)}`)
      const { frames, ...rest } = common
      const described = frames * CODING_BYTES[common.coding] * common.channels
      const held = size - 8 - offset
      // a recorder that never came to an end leaves both sizes at zero
      const dataBytes = held === 0 && frames === 0 ? null : described
      if (dataBytes !== null && described > held)
        throw lying(
          file,
          at + 5,
          `it promises ${count(frames)} frames, which take ${count(described)} bytes, in a sound chunk of ${count(held)}`,
        )
      return pcmHeader({ ...rest, format: 'AIFF', dataStart: at + 16 + offset, dataBytes })
    } else if (!/^[\x20-\x7e]{4}$/.test(id)) throw lying(file, at + 1, 'a chunk there has no readable name, so a size before it is wrong')
    // chunks are padded to even sizes
    at += 8 + size + (size & 1)
  }
  if (!whole) return null
  throw new StrandError(
    'import/truncated',
    `${file} ends at byte ${count(bytes.length)}, before its sound begins. Nothing was imported; copy or record the file again.`,
    { file, byte: bytes.length },
  )
}

function readCommon(file: string, bytes: Buffer, at: number, size: number, compressed: boolean): Common {
  if (size < (compressed ? 22 : 18)) throw lying(file, at + 1, `the description of the sound has ${size} bytes instead of 18`)
  const channels = bytes.readUInt16BE(at)
  const frames = bytes.readUInt32BE(at + 2)
  const bits = bytes.readUInt16BE(at + 6)
  const sampleRate = extended(bytes, at + 8)
  const kind = compressed ? bytes.toString('latin1', at + 18, at + 22) : 'NONE'
  const coding = codingOf(kind, bits)
  if (!coding)
    throw new StrandError(
      'import/unknown-format',
      `${file} holds sound coded as ${kind.trim()} with ${bits} bits, which Strand does not read. Convert it to 16-bit PCM, then drop it again.`,
      { file, byte: at + 1 },
    )
  if (channels === 0) throw lying(file, at + 1, 'it claims to have no channels')
  if (!Number.isInteger(sampleRate) || sampleRate < 1 || sampleRate > 6_000_000)
    throw lying(file, at + 9, `it claims a sample rate of ${Number.isFinite(sampleRate) ? count(sampleRate) : 'no finite number of'} Hz`)
  return { coding, channels, sampleRate, frames }
}

/** Samples of 1 to 32 bits lie in whole bytes, high bits first, so their width decides how they are read. */
function codingOf(kind: string, bits: number): SampleCoding | null {
  const bytes = Math.ceil(bits / 8)
  if (kind === 'NONE' || kind === 'twos') return ([null, 's8', 's16be', 's24be', 's32be'] as const)[bytes] ?? null
  if (kind === 'sowt') return ([null, 's8', 's16', 's24', 's32'] as const)[bytes] ?? null
  if (kind === 'raw ' && bits === 8) return 'u8'
  const named: { readonly [kind: string]: SampleCoding } = {
    in24: 's24be',
    in32: 's32be',
    fl32: 'f32be',
    fl64: 'f64be',
    alaw: 'alaw',
    ulaw: 'mulaw',
  }
  return named[kind.toLowerCase()] ?? null
}

/** An 80-bit IEEE 754 extended number: sign and 15 bits of exponent, then 64 bits of mantissa with its leading 1. */
function extended(bytes: Buffer, at: number): number {
  const exponent = bytes.readUInt16BE(at)
  const mantissa = bytes.readUInt32BE(at + 2) * 2 ** 32 + bytes.readUInt32BE(at + 6)
  if ((exponent & 0x7fff) === 0x7fff) return Infinity
  return (exponent & 0x8000 ? -1 : 1) * mantissa * 2 ** ((exponent & 0x7fff) - 16_383 - 63)
}

const lying = (file: string, byte: number, what: string): StrandError =>
  new StrandError(
    'import/lying-header',
    `The header of ${file} contradicts itself at byte ${count(byte)}: ${what}. Nothing was imported; export the sound again as AIFF or WAV.`,
    { file, byte },
  )
