import { StrandError } from '../errors.ts'
import { count } from '../importing/source.ts'
import type { SoundHeader } from './sound.ts'

/** Opus is decoded at this rate, whatever was recorded. */
export const OPUS_RATE = 48_000

export interface OpusHeader extends SoundHeader {
  serial: number
  /** Samples before the sound: the decoder settles. */
  preSkip: number
  /** To multiply samples by. */
  gain: number
  streams: number
  coupled: number
  mapping: number[]
}

/** A page header of one segment; the identification packet follows. */
const PAGE_BYTES = 28

/** Reads the first page and the identification header in it (RFC 7845, section 5.1). Throws StrandError where it contradicts itself. */
export function readOpusHeader(file: string, bytes: Buffer): OpusHeader {
  if (bytes.length < PAGE_BYTES + 19)
    throw new StrandError(
      'import/truncated',
      `${file} ends at byte ${count(bytes.length)}, before its sound begins. Nothing was imported; copy or record the file again.`,
      { file, byte: bytes.length },
    )
  const packet = bytes.subarray(PAGE_BYTES)
  const [version, channels, family] = [packet[8], packet[9], packet[18]]
  if (version > 15) throw lyingOpus(file, PAGE_BYTES + 9, `it is of version ${version}, which does not exist yet`)
  if (channels === 0) throw lyingOpus(file, PAGE_BYTES + 10, 'it claims to have no channels')
  if (family > 1 || (family === 0 && channels > 2))
    throw new StrandError(
      'import/unknown-format',
      `${file} is Opus with ${channels} channels in an arrangement (family ${family}) that Strand does not read. Convert it to FLAC or WAV, then drop it again.`,
      { file, byte: PAGE_BYTES + 19 },
    )
  const streams = family === 0 ? 1 : packet[19]
  const coupled = family === 0 ? channels - 1 : packet[20]
  const mapping = family === 0 ? (channels === 1 ? [0] : [0, 1]) : [...packet.subarray(21, 21 + channels)]
  if (mapping.length < channels || streams === 0 || coupled > streams || mapping.some((at) => at !== 255 && at >= streams + coupled))
    throw lyingOpus(file, PAGE_BYTES + 20, `its ${channels} channels are no arrangement of ${streams} streams`)
  return {
    format: 'Opus',
    detail: '',
    channels,
    sampleRate: OPUS_RATE,
    int16: true,
    frames: null,
    serial: bytes.readUInt32LE(14),
    preSkip: packet.readUInt16LE(10),
    gain: 10 ** (packet.readInt16LE(16) / 5120),
    streams,
    coupled,
    mapping,
  }
}

export const lyingOpus = (file: string, byte: number, what: string): StrandError =>
  new StrandError(
    'import/lying-header',
    `The header of ${file} contradicts itself at byte ${count(byte)}: ${what}. Nothing was imported; export the sound again as Opus or WAV.`,
    { file, byte },
  )
