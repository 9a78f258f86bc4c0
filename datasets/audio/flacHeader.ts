import { StrandError } from '../errors.ts'
import { count } from '../importing/source.ts'
import type { SoundHeader } from './sound.ts'

export interface FlacHeader extends SoundHeader {
  /** Bits of a sample, 4 to 32. */
  bits: number
  /** Samples of each channel in the longest frame. */
  maxBlock: number
}

/** "fLaC", a block header, and STREAMINFO, which comes first in every file. */
const HEADER_BYTES = 4 + 4 + 34

/** Reads STREAMINFO (RFC 9639, section 8.2). Throws StrandError where it contradicts itself. */
export function readFlacHeader(file: string, bytes: Buffer): FlacHeader {
  if (bytes.length < HEADER_BYTES)
    throw new StrandError(
      'import/truncated',
      `${file} ends at byte ${count(bytes.length)}, before its sound begins. Nothing was imported; copy or record the file again.`,
      { file, byte: bytes.length },
    )
  const size = bytes.readUIntBE(5, 3)
  if ((bytes[4] & 0x7f) !== 0 || size !== 34) throw lyingFlac(file, 5, 'it does not start with the description of the sound (STREAMINFO)')
  const maxBlock = bytes.readUInt16BE(10)
  const packed = bytes.readUInt32BE(18)
  const sampleRate = packed >>> 12
  const channels = ((packed >>> 9) & 7) + 1
  const bits = (((packed >>> 4) & 0x1f) + 1) as number
  const frames = (packed & 0xf) * 2 ** 32 + bytes.readUInt32BE(22)
  if (maxBlock < 16) throw lyingFlac(file, 11, `it claims frames of ${maxBlock} samples, and the shortest allowed are 16`)
  if (sampleRate === 0) throw lyingFlac(file, 19, 'it claims a sample rate of 0 Hz')
  if (bits < 4) throw lyingFlac(file, 21, `it claims samples of ${bits} bits, and the shortest allowed have 4`)
  return { format: 'FLAC', detail: `${bits}-bit`, channels, sampleRate, int16: bits <= 16, frames: frames || null, bits, maxBlock }
}

export const lyingFlac = (file: string, byte: number, what: string): StrandError =>
  new StrandError(
    'import/lying-header',
    `The header of ${file} contradicts itself at byte ${count(byte)}: ${what}. Nothing was imported; export the sound again as FLAC or WAV.`,
    { file, byte },
  )
