import { StrandError } from '../errors.ts'
import { count } from '../importing/source.ts'
import type { SoundHeader } from './sound.ts'

export interface VorbisHeader extends SoundHeader {
  /** Of short and long blocks. */
  sizes: readonly [number, number]
  serial: number
}

/** A page header of one segment, and the identification packet of 30 bytes in it. */
const HEADER_BYTES = 28 + 30

/** Reads the first page and the identification header in it. Throws StrandError where it contradicts itself. */
export function readVorbisHeader(file: string, bytes: Buffer): VorbisHeader {
  if (bytes.length < HEADER_BYTES)
    throw new StrandError(
      'import/truncated',
      `${file} ends at byte ${count(bytes.length)}, before its sound begins. Nothing was imported; copy or record the file again.`,
      { file, byte: bytes.length },
    )
  const channels = bytes[39]
  const sampleRate = bytes.readUInt32LE(40)
  const [short, long] = [2 ** (bytes[56] & 15), 2 ** (bytes[56] >> 4)]
  if (bytes.readUInt32LE(35) !== 0) throw lyingVorbis(file, 36, 'it is of a version of Vorbis that does not exist')
  if (channels === 0) throw lyingVorbis(file, 40, 'it claims to have no channels')
  if (sampleRate === 0 || sampleRate > 6_000_000) throw lyingVorbis(file, 41, `it claims a sample rate of ${count(sampleRate)} Hz`)
  if (short < 64 || long > 8192 || short > long) throw lyingVorbis(file, 57, `it claims blocks of ${short} and ${long} samples`)
  return {
    format: 'Ogg Vorbis',
    detail: '',
    channels,
    sampleRate,
    int16: true,
    frames: null,
    sizes: [short, long],
    serial: bytes.readUInt32LE(14),
  }
}

export const lyingVorbis = (file: string, byte: number, what: string): StrandError =>
  new StrandError(
    'import/lying-header',
    `The header of ${file} contradicts itself at byte ${count(byte)}: ${what}. Nothing was imported; export the sound again as Ogg Vorbis or WAV.`,
    { file, byte },
  )
