import type { ImportOptions } from '../../main/contract/importing.ts'
import { StrandError } from '../errors.ts'
import type { ReportBuilder } from '../importing/report.ts'
import { readAiffHeader } from './aiffHeader.ts'
import { readFlacHeader } from './flacHeader.ts'
import { FlacReader } from './flacReader.ts'
import { readMp3Header } from './mp3Header.ts'
import { Mp3Reader } from './mp3Reader.ts'
import { readOpusHeader } from './opusHeader.ts'
import { OpusReader } from './opusReader.ts'
import { PcmReader } from './pcmReader.ts'
import { pcmHeader, type PcmHeader } from './pcmSamples.ts'
import type { SoundFormat, SoundHeader, SoundReader } from './sound.ts'
import { readVorbisHeader } from './vorbisHeader.ts'
import { VorbisReader } from './vorbisReader.ts'
import { readWavHeader } from './wavHeader.ts'

/** A sound found to be readable: what its header says, and how to begin decoding it. */
export interface OpenedSound {
  header: SoundHeader
  begin(report: ReportBuilder): SoundReader | Promise<SoundReader>
}

/** From the start of a file; null where the start given does not reach the sound yet. */
type Open = (file: string, bytes: Buffer, whole: boolean, options: ImportOptions) => OpenedSound | null

const pcm =
  (read: (file: string, bytes: Buffer, whole: boolean) => PcmHeader | null): Open =>
  (file, bytes, whole) => {
    const header = read(file, bytes, whole)
    return header && { header, begin: (report) => new PcmReader(file, header, report) }
  }

const FORMATS: { readonly [K in SoundFormat]: Open } = {
  WAV: pcm(readWavHeader),
  AIFF: pcm(readAiffHeader),
  FLAC(file, bytes) {
    const header = readFlacHeader(file, bytes)
    return { header, begin: (report) => new FlacReader(file, header, report) }
  },
  MP3(file, bytes, whole) {
    const header = readMp3Header(file, bytes, whole)
    return header && { header, begin: (report) => new Mp3Reader(file, header, report) }
  },
  PCM(file, _bytes, _whole, { pcm }) {
    if (!pcm) throw new StrandError('internal', 'A sound without a header was opened without a description of its samples.')
    const { coding, rate, channels } = pcm
    const header = { ...pcmHeader({ format: 'PCM', coding, channels, sampleRate: rate, dataStart: 0, dataBytes: null }), raw: true }
    return { header, begin: (report) => new PcmReader(file, header, report) }
  },
  Opus(file, bytes) {
    const header = readOpusHeader(file, bytes)
    return { header, begin: (report) => OpusReader.open(file, header, report) }
  },
  'Ogg Vorbis'(file, bytes) {
    const header = readVorbisHeader(file, bytes)
    return { header, begin: (report) => new VorbisReader(file, header, report) }
  },
}

/** Reads the header of a sound. Throws StrandError where it contradicts itself or says something Strand does not read. */
export function openSound(format: SoundFormat, file: string, bytes: Buffer, whole: boolean, options: ImportOptions): OpenedSound | null {
  return FORMATS[format](file, bytes, whole, options)
}
