import { StrandError } from '../errors.ts'
import { count } from '../importing/source.ts'
import { FRAME_HEADER, readFrameHeader, type Mp3FrameHeader } from './mp3Frame.ts'
import type { SoundHeader } from './sound.ts'

export interface Mp3Header extends SoundHeader {
  /** First byte of the first frame. */
  start: number
  frame: Mp3FrameHeader
  /** The first frame tells about the others (Xing, Info, VBRI) and holds no sound. */
  silentFirst: boolean
  /** Samples to leave out at the start: what encoder and decoder put before the sound. 0 where the file does not say. */
  delay: number
}

/** What a decoder of this kind adds before the first sample. */
const DECODER_DELAY = 529
/** Looked through for a first frame. */
const SEARCHED = 65_536

/** Bytes of an ID3v2 tag at `at`; 0 where there is none. */
export function tagBytes(bytes: Uint8Array, at: number): number {
  if (bytes[at] !== 0x49 || bytes[at + 1] !== 0x44 || bytes[at + 2] !== 0x33 || at + 10 > bytes.length) return 0
  const size = (bytes[at + 6] << 21) | (bytes[at + 7] << 14) | (bytes[at + 8] << 7) | bytes[at + 9]
  return 10 + size + (bytes[at + 5] & 0x10 ? 10 : 0)
}

/**
 * A frame of the kind of `like`. `sure`: the frame before ended here, so its header is enough; else another of its kind must follow
 * (or, where the file is `whole`, its end).
 */
export function frameAt(bytes: Uint8Array, at: number, like: Mp3FrameHeader | null, whole: boolean, sure = false): Mp3FrameHeader | null {
  const frame = readFrameHeader(bytes, at)
  if (!frame || frame.layer !== 3 || frame.bitrate === 0 || (like && !alike(frame, like))) return null
  if (sure) return frame
  const next = at + frame.bytes
  if (next + FRAME_HEADER > bytes.length) return whole ? frame : null
  const after = readFrameHeader(bytes, next)
  if (after) return alike(after, frame) ? frame : null
  // the last frame: a tag of a player, padding or nothing comes after
  return like && endsSound(bytes, next) ? frame : null
}

const alike = (a: Mp3FrameHeader, b: Mp3FrameHeader): boolean =>
  a.version === b.version && a.layer === b.layer && a.sampleRate === b.sampleRate && (a.channels === b.channels || a.layer !== 3)

/** ID3v1, APE and Lyrics3 tags, or zeros: what stands behind the last frame. */
export function endsSound(bytes: Uint8Array, at: number): boolean {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset + at, Math.min(11, bytes.length - at)).toString('latin1')
  return /^(TAG|APETAGEX|LYRICSBEGIN|ID3|\0\0\0)/.test(start)
}

/** Null where the start given does not reach the first frames yet. Throws StrandError where there are none. */
export function readMp3Header(file: string, bytes: Buffer, whole: boolean): Mp3Header | null {
  let from = 0
  for (let tag = tagBytes(bytes, from); tag > 0; tag = tagBytes(bytes, from)) from += tag
  if (from + SEARCHED > bytes.length && !whole) return null
  const stop = Math.min(bytes.length, from + SEARCHED)
  for (let at = from; at < stop; at++) {
    const frame = frameAt(bytes, at, null, whole)
    if (frame) return describe(frame, bytes, at)
  }
  const first = from < bytes.length ? readFrameHeader(bytes, from) : null
  if (first && first.layer < 3)
    throw new StrandError(
      'import/unknown-format',
      `${file} is MPEG audio of Layer ${first.layer === 1 ? 'I' : 'II'}, which Strand does not read. Convert it to FLAC or WAV, then drop it again.`,
      { file },
    )
  if (first && first.bitrate === 0)
    throw new StrandError(
      'import/unknown-format',
      `${file} is an MP3 sound of free bitrate, which Strand does not read. Convert it to FLAC or WAV, then drop it again.`,
      { file },
    )
  throw new StrandError(
    'import/lying-header',
    `${file} looks like MP3, but no two frames of sound follow each other in its first ${count(Math.min(stop, bytes.length))} bytes. Nothing was imported; convert it to FLAC or WAV.`,
    { file, byte: from + 1 },
  )
}

function describe(frame: Mp3FrameHeader, bytes: Buffer, at: number): Mp3Header {
  const { silentFirst, samples, delay } = tellingFrame(frame, bytes, at)
  return {
    format: 'MP3',
    detail: '',
    channels: frame.channels,
    sampleRate: frame.sampleRate,
    int16: true,
    frames: samples,
    start: at,
    frame,
    silentFirst,
    delay,
  }
}

/** The frame of Xing (Info) or Fraunhofer (VBRI) that counts the others; LAME adds how much of the ends is not sound. */
function tellingFrame(frame: Mp3FrameHeader, bytes: Buffer, at: number): { silentFirst: boolean; samples: number | null; delay: number } {
  // after the side information; LAME leaves no room for the checksum it claims
  const xing = [at + FRAME_HEADER + frame.sideBytes, at + frame.headerBytes + frame.sideBytes].find(
    (place) =>
      // with its flags and its count of frames
      place + 12 <= bytes.length && ['Xing', 'Info'].includes(bytes.toString('latin1', place, place + 4)),
  )
  if (xing === undefined) {
    const vbri = bytes.toString('latin1', at + 36, at + 40) === 'VBRI' && at + 54 <= bytes.length
    return { silentFirst: vbri, samples: vbri ? bytes.readUInt32BE(at + 50) * frame.samples : null, delay: 0 }
  }
  const flags = bytes.readUInt32BE(xing + 4)
  if (!(flags & 1)) return { silentFirst: true, samples: null, delay: 0 }
  const frames = bytes.readUInt32BE(xing + 8)
  const lame = xing + 8 + (flags & 1 ? 4 : 0) + (flags & 2 ? 4 : 0) + (flags & 4 ? 100 : 0) + (flags & 8 ? 4 : 0)
  if (lame + 24 > at + frame.bytes || lame + 24 > bytes.length || !/^[\x20-\x7e]{4}/.test(bytes.toString('latin1', lame, lame + 4)))
    return { silentFirst: true, samples: frames * frame.samples, delay: 0 }
  const padding = bytes.readUIntBE(lame + 21, 3)
  const [start, end] = [padding >> 12, padding & 0xfff]
  if (start === 0 && end === 0) return { silentFirst: true, samples: frames * frame.samples, delay: 0 }
  return { silentFirst: true, samples: Math.max(0, frames * frame.samples - start - end), delay: start + DECODER_DELAY }
}
