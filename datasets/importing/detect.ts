import type { Domain, ImportOptions } from '../../main/contract/dataset.ts'
import { readFrameHeader } from '../audio/mp3Frame.ts'
import type { SoundFormat } from '../audio/sound.ts'
import { StrandError } from '../errors.ts'
import { detectSequences } from '../genomics/detectSequences.ts'
import { sniffDialect, type Dialect } from '../timeseries/dialect.ts'
import { count, type Source } from './source.ts'

export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'latin1'

/** What a file is, told from its first bytes and never from its name. */
export interface Detected {
  domain: Domain
  format: 'FASTA' | 'FASTQ' | 'GenBank' | 'EMBL' | SoundFormat | 'table' | 'text'
  reason: string
  encoding: Encoding
  /** Bytes of byte order mark. */
  bom: number
  /** timeseries */
  dialect?: Dialect
}

/** Enough to see a header and some hundred rows, little enough to read at once. */
export const HEAD_BYTES = 262_144

/** First bytes of formats Strand knows but does not read, so that the sentence can name them. */
const KNOWN: readonly (readonly [magic: string, at: number, what: string, instead: string])[] = [
  ['\x1f\x8b', 0, 'compressed twice with gzip', 'Decompress it once'],
  ['OggS', 0, 'an Ogg file of another kind than Vorbis or Opus', 'Convert it to FLAC or WAV, then drop it again'],
  ['\xff\xf1', 0, 'an AAC sound', 'Convert it to FLAC or WAV, then drop it again'],
  ['\xff\xf9', 0, 'an AAC sound', 'Convert it to FLAC or WAV, then drop it again'],
  ['FORM', 0, 'an IFF file of another kind than AIFF', 'Convert it to WAV, then drop it again'],
  ['ftyp', 4, 'an MP4 or M4A file', 'Convert it to FLAC or WAV, then drop it again'],
  ['PK\x03\x04', 0, 'a ZIP archive (or an Office document)', 'Unpack it, and drop what is inside'],
  ['\xfd7zXZ', 0, 'an xz archive', 'Unpack it first'],
  ['\x28\xb5\x2f\xfd', 0, 'a Zstandard archive', 'Unpack it first'],
  ['BZh', 0, 'a bzip2 archive', 'Unpack it first'],
  ['7z\xbc\xaf', 0, 'a 7-Zip archive', 'Unpack it first'],
  ['%PDF', 0, 'a PDF document', 'Save its text as a .txt file'],
  ['\x89PNG', 0, 'a PNG picture', 'Choose sequences, sound, a table or text'],
  ['\xff\xd8\xff', 0, 'a JPEG picture', 'Choose sequences, sound, a table or text'],
  ['GIF8', 0, 'a GIF picture', 'Choose sequences, sound, a table or text'],
  ['\x7fELF', 0, 'a program', 'Choose sequences, sound, a table or text'],
  ['MZ\x90', 0, 'a Windows program', 'Choose sequences, sound, a table or text'],
  ['SQLite format 3', 0, 'an SQLite database', 'Export the table as CSV'],
  ['\x89HDF', 0, 'an HDF5 file', 'Export the series as CSV'],
  ['\x93NUMPY', 0, 'a NumPy array', 'Save it as CSV'],
  ['PAR1', 0, 'a Parquet table', 'Export it as CSV'],
  ['ARROW1', 0, 'an Arrow table', 'Export it as CSV'],
  ['\x43\x27\x41\x1a', 0, 'a 2bit genome', 'Convert it to FASTA with twoBitToFa'],
  ['\x1a\x41\x27\x43', 0, 'a 2bit genome', 'Convert it to FASTA with twoBitToFa'],
  ['BAM\x01', 0, 'a BAM alignment', 'Convert it to FASTA with samtools fasta'],
]

/** First words of text formats that are not read yet. */
const KNOWN_TEXT: readonly (readonly [start: RegExp, what: string, instead: string])[] = [
  [/^##gff-version/i, 'a GFF annotation', 'Drop the FASTA it belongs to instead'],
  [/^(?:(?:track|browser|#)[^\n]*\n)*chr\w*[\t ]\d+[\t ]\d+(?:\s|$)/, 'a BED file of regions', 'Drop the FASTA it belongs to instead'],
  [/^##fileformat=VCF/, 'a VCF file of variants', 'Drop the FASTA it belongs to instead'],
  [/^@relation\b/im, 'an ARFF table', 'Export it as CSV'],
  [/^@problemname\b/im, 'a .ts series file', 'Export it as CSV'],
]

/** A table of 50,000 columns has a header longer than the usual head. */
const LONG_HEAD_BYTES = 8 * 1_048_576

/** What detection looks at: some hundred rows, more where the lines are very long. */
export async function readHead(source: Source): Promise<{ bytes: Buffer; whole: boolean }> {
  const head = await source.head(HEAD_BYTES)
  if (head.bytes.length === 0)
    throw new StrandError('import/empty', `${source.name} holds nothing once decompressed. Choose a file with data in it.`, {
      file: source.name,
      bytes: 0,
    })
  const second = head.bytes.indexOf(10, head.bytes.indexOf(10) + 1)
  const table = head.bytes.subarray(0, 4096).includes(',') || head.bytes.subarray(0, 4096).includes(9)
  return !head.whole && second < 0 && table ? source.head(LONG_HEAD_BYTES) : head
}

/** `domain` forces one: then its importer says what does not fit. `pcm`: the file has no header to look at. */
export async function detect(source: Source, options: Pick<ImportOptions, 'domain' | 'pcm'> = {}): Promise<Detected> {
  const { bytes, whole } = await readHead(source)
  return detectHead(source.name, bytes, whole, options)
}

export function detectHead(
  file: string,
  bytes: Buffer,
  whole: boolean,
  { domain: wanted = 'auto', pcm }: Pick<ImportOptions, 'domain' | 'pcm'>,
): Detected {
  if (pcm && (wanted === 'auto' || wanted === 'audio'))
    return { domain: 'audio', format: 'PCM', reason: 'You described its samples.', encoding: 'latin1', bom: 0 }
  const start = bytes.toString('latin1', 0, 16)
  const sound = soundOf(bytes.toString('latin1', 0, 64))
  if (sound) return checkWanted(file, wanted, { domain: 'audio', ...sound, encoding: 'latin1', bom: 0 })
  for (const [magic, at, what, instead] of KNOWN) if (start.startsWith(magic, at)) throw notRead(file, what, instead)
  const { encoding, bom } = encodingOf(bytes)
  if (encoding === 'utf-8') refuseBinary(file, bytes)
  const text = new TextDecoder(encoding === 'utf-8' ? 'utf-8' : encoding).decode(bytes)
  if (text.trim() === '' && whole)
    throw new StrandError('import/empty', `${file} holds only blank space. Choose a file with data in it.`, { file, bytes: bytes.length })
  for (const [pattern, what, instead] of KNOWN_TEXT)
    if (pattern.test(text.slice(0, 65_536)) && wanted !== 'text') throw notRead(file, what, instead)
  if (wanted === 'audio')
    throw new StrandError(
      'import/unknown-format',
      `${file} is no sound that Strand reads: it starts as none of WAV, AIFF, FLAC, MP3, Ogg Vorbis and Opus does. Choose a sound file.`,
      {
        file,
        byte: 1,
      },
    )
  if (wanted === 'genomics' || wanted === 'auto') {
    const sequences = detectSequences(text, wanted === 'genomics')
    if (sequences) return { domain: 'genomics', ...sequences, encoding, bom }
  }
  if (wanted === 'text') return { domain: 'text', format: 'text', reason: 'You chose text.', encoding, bom }
  const dialect = sniffDialect(text, whole, wanted === 'timeseries')
  if (dialect) return { domain: 'timeseries', format: 'table', reason: dialect.reason, encoding, bom, dialect }
  if (wanted === 'timeseries')
    throw new StrandError(
      'import/unknown-format',
      `${file} has no column of numbers that Strand could read as a series. Choose a CSV or TSV table, or import it as text.`,
      { file, line: 1 },
    )
  return { domain: 'text', format: 'text', reason: 'It is readable text, and neither sequences nor a table of numbers.', encoding, bom }
}

/** WAV, AIFF, FLAC, MP3, Ogg Vorbis or Opus, by the first 64 bytes. */
function soundOf(start: string): (Pick<Detected, 'reason'> & { format: SoundFormat }) | null {
  const starts = (what: string): string => `It starts with ${what}.`
  if (/^(RIFF|RIFX|RF64)/.test(start) && start.slice(8, 12) === 'WAVE')
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

function checkWanted(file: string, wanted: Domain | 'auto', detected: Detected): Detected {
  if (wanted === 'auto' || wanted === detected.domain) return detected
  throw new StrandError(
    'import/unknown-format',
    `${file} is a sound (${detected.format}) and cannot be imported as ${wanted}. Choose audio, or another file.`,
    { file },
  )
}

const notRead = (file: string, what: string, instead: string): StrandError =>
  new StrandError('import/unknown-format', `${file} is ${what}, which Strand does not read. ${instead}.`, { file })

function encodingOf(bytes: Buffer): { encoding: Encoding; bom: number } {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return { encoding: 'utf-16le', bom: 2 }
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return { encoding: 'utf-16be', bom: 2 }
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return { encoding: 'utf-8', bom: 3 }
  // UTF-16 without a mark: European text has a zero in every second byte, and only there
  const sample = bytes.subarray(0, Math.min(1024, bytes.length & ~1))
  let even = 0
  let odd = 0
  for (let i = 0; i < sample.length; i += 2) {
    if (sample[i] === 0) even++
    if (sample[i + 1] === 0) odd++
  }
  const half = sample.length / 2
  if (half >= 8 && odd > 0.8 * half && even === 0) return { encoding: 'utf-16le', bom: 0 }
  if (half >= 8 && even > 0.8 * half && odd === 0) return { encoding: 'utf-16be', bom: 0 }
  return { encoding: 'utf-8', bom: 0 }
}

/** Text has no zero bytes and next to no control characters; a picture or program renamed .csv has both at once. */
function refuseBinary(file: string, bytes: Buffer): void {
  let controls = 0
  let first = -1
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]
    if (byte === 0) {
      const line = 1 + bytes.subarray(0, i).filter((b) => b === 0x0a).length
      throw new StrandError(
        'import/unknown-format',
        `${file} holds binary data (a zero byte at byte ${count(i + 1)}, line ${count(line)}): it is not text, whatever its name says. Choose sequences, sound, a table or text.`,
        { file, byte: i + 1, line },
      )
    }
    if (byte < 0x20 && (byte < 0x08 || byte > 0x0d) && byte !== 0x1b) {
      controls++
      if (first < 0) first = i
    }
  }
  if (controls > Math.max(4, bytes.length / 100))
    throw new StrandError(
      'import/unknown-format',
      `${file} holds binary data (control characters from byte ${count(first + 1)} on): it is not text, whatever its name says. Choose sequences, sound, a table or text.`,
      { file, byte: first + 1 },
    )
}
