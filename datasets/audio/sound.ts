export type SoundFormat = 'WAV' | 'AIFF' | 'FLAC' | 'Ogg Vorbis' | 'MP3' | 'Opus' | 'PCM'

/** What a sound says about itself before it is decoded. */
export interface SoundHeader {
  format: SoundFormat
  /** How a sample is coded, "16-bit PCM"; empty where the format says it all. */
  detail: string
  channels: number
  sampleRate: number
  /** Every sample is a whole 16-bit number (or the format is lossy, and as good as one), so it is stored as one. */
  int16: boolean
  /** Samples of each channel that the header promises; null where it does not say. */
  frames: number | null
}

/** Decodes one sound from its pieces, in bounded memory, to one mono sample in [−1, 1] for each frame: the mean of the channels. */
export interface SoundReader {
  push(piece: Buffer): Float32Array
  /** After the last piece: what was held back. Reports where header and sound disagree. */
  end(): Float32Array
}

/** "FLAC, 16-bit, 44.1 kHz, stereo" */
export function describeSound({ format, detail, sampleRate, channels }: SoundHeader): string {
  const rate = `${+(sampleRate / 1000).toFixed(3)} kHz`
  const width = channels === 1 ? 'mono' : channels === 2 ? 'stereo' : `${channels} channels`
  return [format, detail, rate, width].filter(Boolean).join(', ')
}

export const seconds = (frames: number, { sampleRate }: Pick<SoundHeader, 'sampleRate'>): string => `${+(frames / sampleRate).toFixed(2)} s`

/** Pieces of mono samples as one. */
export function joined(parts: readonly Float32Array[]): Float32Array {
  if (parts.length === 1) return parts[0]
  const out = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}
