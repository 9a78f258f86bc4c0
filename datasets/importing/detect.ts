import type { Domain } from '../../main/contract/dataset.ts'
import type { ImportOptions, TextEncoding } from '../../main/contract/importing.ts'
import { detectSound } from '../audio/detectSound.ts'
import type { SoundFormat } from '../audio/sound.ts'
import { StrandError } from '../errors.ts'
import { detectSequences } from '../genomics/detectSequences.ts'
import type { AnnotationFormat } from '../genomics/annotations.ts'
import { isTwoBit } from '../genomics/twoBitParser.ts'
import type { RoledTable } from '../tables/cellTable.ts'
import { decodeWhole, encodingOfHead, guessEncoding } from '../text/encodings.ts'
import { Utf8Scanner } from '../text/utf8Scanner.ts'
import { sniffDialect, type Dialect } from '../timeseries/dialect.ts'
import { arff, binaryTable, json, seriesText, type TableFormat } from './detectTables.ts'
import { HEAD_BYTES } from './fileBytes.ts'
import { refuseBinary, refuseKnown } from './knownFormats.ts'
import type { Source } from './source.ts'

/** What a file is, told from its first bytes and never from its name. */
export interface Detected {
  domain: Domain
  format: 'FASTA' | 'FASTQ' | 'GenBank' | 'EMBL' | '2bit' | AnnotationFormat | SoundFormat | TableFormat | 'table' | 'text'
  reason: string
  encoding: TextEncoding
  /** Bytes of byte order mark. */
  bom: number
  /** format 'FASTA': its letters are amino acids. */
  proteins?: true
  /** format 'table' */
  dialect?: Dialect
  /** Other tables: Parquet, Arrow, ARFF, JSON. */
  table?: RoledTable
}

/** A file with its first bytes. */
export interface Look {
  detected: Detected
  bytes: Buffer
  whole: boolean
}

/** A table of 50,000 columns has a header longer than the usual head: so much is read until a few of its rows are seen. */
const LONG_HEAD_BYTES = [2 * 1_048_576, 8 * 1_048_576]
/** The header, a row of units, two rows to tell numbers from words, and one that the head may cut. */
const FEW_LINES = 5

/** What detection looks at: some hundred rows, more where the lines are very long. */
async function readHead(source: Source): Promise<{ bytes: Buffer; whole: boolean }> {
  const head = await source.head(HEAD_BYTES)
  if (head.bytes.length === 0)
    throw new StrandError('import/empty', `${source.name} holds nothing once decompressed. Choose a file with data in it.`, {
      file: source.name,
      bytes: 0,
    })
  const second = head.bytes.indexOf(10, head.bytes.indexOf(10) + 1)
  const table = head.bytes.subarray(0, 4096).includes(',') || head.bytes.subarray(0, 4096).includes(9)
  if (head.whole || second >= 0 || !table) return head
  for (const wanted of LONG_HEAD_BYTES) {
    const longer = await source.head(wanted)
    if (longer.whole || wanted === LONG_HEAD_BYTES.at(-1) || lineEnds(longer.bytes, FEW_LINES)) return longer
  }
  return head
}

function lineEnds(bytes: Buffer, few: number): boolean {
  let at = -1
  for (let seen = 0; seen < few; seen++) if ((at = bytes.indexOf(10, at + 1)) < 0) return false
  return true
}

/** `wanted` forces a domain: then the importer of that domain says what does not fit. */
export async function detect(source: Source, wanted: Domain | 'auto', options: ImportOptions = {}): Promise<Look> {
  const { bytes, whole } = await readHead(source)
  return { detected: await detectHead(source, bytes, whole, wanted, options), bytes, whole }
}

async function detectHead(
  source: Source,
  bytes: Buffer,
  whole: boolean,
  wanted: Domain | 'auto',
  options: ImportOptions,
): Promise<Detected> {
  const file = source.name
  if (options.pcm && (wanted === 'auto' || wanted === 'audio'))
    return { domain: 'audio', format: 'PCM', reason: 'You described its samples.', encoding: 'utf-8', bom: 0 }
  const sound = detectSound(bytes.toString('latin1', 0, 64))
  if (sound) return checkWanted(file, wanted, { domain: 'audio', ...sound, encoding: 'utf-8', bom: 0 })
  if (isTwoBit(bytes))
    return checkWanted(file, wanted, {
      domain: 'genomics',
      format: '2bit',
      reason: 'It starts with the mark of a 2bit genome.',
      encoding: 'utf-8',
      bom: 0,
    })
  const binary = await binaryTable(source, bytes, wanted, options)
  if (binary) return checkWanted(file, wanted, binary)
  refuseKnown(file, bytes.toString('latin1', 0, 16))
  const coded = encodingOf(bytes, whole, options.encoding)
  if (!/^utf-(16|32)/.test(coded.encoding)) refuseBinary(file, bytes)
  if (!/^utf-(16|32)/.test(coded.encoding) && endsWithReturns(bytes)) {
    source.crEnds = true
    for (let i = 0; i < bytes.length; i++) if (bytes[i] === 0x0d) bytes[i] = 0x0a
  }
  const text = decodeWhole(bytes, coded.encoding)
  if (text.trim() === '' && whole)
    throw new StrandError('import/empty', `${file} holds only blank space. Choose a file with data in it.`, { file, bytes: bytes.length })
  if (wanted === 'audio')
    throw new StrandError(
      'import/unknown-format',
      `${file} is no sound that Strand reads: it starts as none of WAV, AIFF, FLAC, MP3, Ogg Vorbis and Opus does. Choose a sound file.`,
      { file, byte: 1 },
    )
  return detectText(source, text, whole, wanted, options, coded)
}

async function detectText(
  source: Source,
  text: string,
  whole: boolean,
  wanted: Domain | 'auto',
  options: ImportOptions,
  coded: { encoding: TextEncoding; bom: number },
): Promise<Detected> {
  const file = source.name
  const plain = (reason: string): Detected => ({ domain: 'text', format: 'text', reason, ...coded })
  const byFile = options.records === 'files' || options.records === 'lines' || options.labels?.from === 'line'
  if (wanted !== 'text') {
    const series = seriesText(text)
    if (series && wanted !== 'genomics') return { domain: 'timeseries', ...series, ...coded }
    const table = await arff(source, text, wanted, options, coded.encoding)
    if (table) return { ...table, ...coded }
  }
  if (wanted === 'genomics' || wanted === 'auto') {
    const sequences = detectSequences(text, false)
    if (sequences) return { domain: 'genomics', ...sequences, ...coded }
  }
  if (!(wanted === 'text' && byFile)) {
    const objects = json(source, text, wanted, options, coded.encoding)
    if (objects) return { ...objects, ...coded }
    const domain = wanted === 'auto' ? undefined : (wanted as Dialect['domain'])
    const dialect = sniffDialect(text, {
      whole,
      forced: wanted === 'timeseries',
      domain,
      options: options.table,
      text: options.labels?.text,
    })
    if (dialect && !(byFile && dialect.domain === 'text'))
      return { domain: dialect.domain, format: 'table', reason: dialect.reason, ...coded, dialect }
  }
  if (wanted === 'genomics') return { domain: 'genomics', ...detectSequences(text, true)!, ...coded }
  if (wanted === 'text') return plain('You chose text.')
  if (wanted === 'timeseries')
    throw new StrandError(
      'import/unknown-format',
      `${file} has no column of numbers that Strand could read as a series. Choose a CSV or TSV table, or import it as text.`,
      { file, line: 1 },
    )
  return plain('It is readable text, and neither sequences nor a table of numbers.')
}

function checkWanted(file: string, wanted: Domain | 'auto', detected: Detected): Detected {
  if (wanted === 'auto' || wanted === detected.domain) return detected
  const [what, instead] = {
    audio: ['a sound', 'audio'],
    genomics: ['a genome', 'genomics'],
    timeseries: ['a table of numbers', 'time series'],
    text: ['text', 'text'],
  }[detected.domain]
  throw new StrandError(
    'import/unknown-format',
    `${file} is ${what} (${detected.format}) and cannot be imported as ${wanted}. Choose ${instead}, or another file.`,
    { file },
  )
}

/** As chosen, else by mark and zero bytes, else UTF-8; where the head is none, the likeliest code page. */
function encodingOf(bytes: Buffer, whole: boolean, chosen?: TextEncoding): { encoding: TextEncoding; bom: number } {
  const found = encodingOfHead(bytes)
  if (chosen) return { encoding: chosen, bom: chosen === found.encoding ? found.bom : 0 }
  if (found.encoding !== 'utf-8') return found
  const scanner = new Utf8Scanner()
  scanner.push(bytes)
  // a head may end inside a character
  if (whole) scanner.end()
  return scanner.foreign ? { encoding: guessEncoding(bytes), bom: 0 } : found
}

/** Several lone CR and not one LF. */
function endsWithReturns(bytes: Buffer): boolean {
  const first = bytes.indexOf(0x0d)
  return first >= 0 && bytes.indexOf(0x0d, first + 1) >= 0 && !bytes.includes(0x0a)
}
