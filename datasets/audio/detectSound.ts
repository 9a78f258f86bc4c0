import { readFrameHeader } from './mp3Frame.ts'
import type { SoundFormat } from './sound.ts'

/** WAV, AIFF, FLAC, MP3, Ogg Vorbis or Opus, by the first 64 bytes. */
export function detectSound(start: string): { format: SoundFormat; reason: string } | null {
  const starts = (what: string): string => `It starts with ${what}.`
  if (/^(RIFF|RIFX|RF64|BW64)/.test(start) && start.slice(8, 12) === 'WAVE')
    return { format: 'WAV', reason: starts(`${start.slice(0, 4)} … WAVE`) }
  if (/^FORM....AIF[FC]/s.test(start)) return { format: 'AIFF', reason: starts(`FORM … ${start.slice(8, 12)}`) }
  if (start.startsWith('OggS') && start.startsWith('\x01vorbis', 28)) return { format: 'Ogg Vorbis', reason: starts('OggS … vorbis') }
  if (start.startsWith('OggS') && start.startsWith('OpusHead', 28)) return { format: 'Opus', reason: starts('OggS … OpusHead') }
  if (start.startsWith('ID3')) return { format: 'MP3', reason: starts('an ID3 tag, as MP3 files do') }
  const frame = readFrameHeader(Buffer.from(start, 'latin1'), 0)
  // a mark of UTF-16 is no frame of Layer I to III: its rate is none
  if (frame && !start.startsWith('\xff\xfe')) return { format: 'MP3', reason: starts('a frame of MPEG audio') }
  if (start.startsWith('fLaC')) return { format: 'FLAC', reason: starts('fLaC') }
  return null
}
