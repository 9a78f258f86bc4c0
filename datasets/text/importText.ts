import type { Imported, ImportJob } from '../importing/job.ts'
import type { Detected, Encoding } from '../importing/detect.ts'
import { count, plural, type Source } from '../importing/source.ts'
import { StrandError } from '../errors.ts'
import type { DatasetWriter } from '../store/store.ts'
import { learnBpe } from '../bpe/learnBpe.ts'
import { wantedTokens } from '../importing/tokens.ts'
import { byteCodec } from './byteCodec.ts'
import { Utf8Scanner } from './utf8Scanner.ts'
import { utf8Pieces } from './utf8Pieces.ts'

/** A cell is one byte, so a vocabulary of characters may hold this many. */
export const MOST_SYMBOLS = 256

/**
 * Text files → one dataset, a record for each file. Two passes: the first finds encoding and vocabulary (and every fault, before anything
 * is written), the second writes one byte a character, or the UTF-8 bytes.
 */
export async function importText(job: ImportJob): Promise<Imported> {
  const symbols = new Set<number>()
  const encodings = new Map<Source, Encoding>()
  for (const { source, detected } of job.files) {
    job.phase(`checking ${source.name}`)
    const scanner = new Utf8Scanner()
    for await (const piece of utf8Pieces(job.read(source, { index: 0, of: 2 }), detected.encoding, false)) scanner.push(piece)
    scanner.end()
    encodings.set(source, settleEncoding(job, source, detected, scanner))
    for (const symbol of encodings.get(source) === 'latin1' ? await latin1Symbols(job, source) : scanner.symbols) symbols.add(symbol)
    if (scanner.invalidAt > 0 && encodings.get(source) === 'utf-8') symbols.add(0xfffd)
  }
  const wantsChar = wantedTokens(job.options, 'text') === 'char'
  const char = wantsChar && symbols.size <= MOST_SYMBOLS
  if (wantsChar && !char)
    job.report.add(
      'note',
      'text/many-symbols',
      { file: job.files[0].source.name },
      `The text holds ${count(symbols.size)} different characters, more than ${MOST_SYMBOLS}; it is stored as bytes instead of characters.`,
    )
  const ordered = [...symbols].sort((a, b) => a - b)
  const writer = job.write({ domain: 'text', format: 'text', unit: char ? 'characters' : 'bytes', cell: 'u8', channels: 1 })
  for (const { source } of job.files) await writeFile(job, writer, source, encodings.get(source)!, char ? ordered : null)
  if (writer.records.length === 0) throw new StrandError('import/empty', 'These files hold no text. Choose files with text in them.')
  return {
    format: describeEncodings([...encodings.values()]),
    unit: char ? 'characters' : 'bytes',
    layout: {},
    ...textCodec(job, writer, char ? ordered : null),
    facts: { symbols: symbols.size },
  }
}

/** What the cells of a text are read as; `symbols`: code points, where a cell is a character. */
export const textCodec = (job: ImportJob, writer: DatasetWriter, symbols: number[] | null): Pick<Imported, 'codec' | 'cut'> => ({
  codec: symbols ? { kind: 'char', symbols: symbols.map((code) => String.fromCodePoint(code)) } : byteCodec.toJSON(),
  ...(job.options.tokens === 'bpe' ? { cut: (plan) => learnBpe(job, writer, 'text', plan) } : {}),
})

export const describeEncodings = (encodings: Encoding[]): string => {
  const names: Record<Encoding, string> = { 'utf-8': 'UTF-8', latin1: 'Latin-1', 'utf-16le': 'UTF-16', 'utf-16be': 'UTF-16' }
  return `text, ${[...new Set(encodings.map((encoding) => names[encoding]))].join(' and ')}`
}

/** Decides what the bytes are, once the whole file was seen; reports it, or ends the import. */
export function settleEncoding(job: ImportJob, source: Source, detected: Detected, scanner: Utf8Scanner): Encoding {
  const file = source.name
  if (scanner.zeroAt > 0)
    throw new StrandError(
      'import/bad-record',
      `${file} holds a zero byte at byte ${count(scanner.zeroAt)}, so it is not plain text. Nothing was imported; choose a text file.`,
      { file, byte: scanner.zeroAt },
    )
  if (detected.bom > 0) job.report.add('note', 'text/bom', { file, byte: 1 }, `${file} starts with a byte order mark; it was left out.`)
  if (scanner.crlf > 0)
    job.report.add('repaired', 'text/crlf', { file }, `${plural(scanner.crlf, 'Windows line end')} in ${file} became plain line ends.`)
  if (detected.encoding === 'utf-16le' || detected.encoding === 'utf-16be') {
    job.report.add('note', 'text/utf16', { file }, `${file} is UTF-16; it is stored as UTF-8.`)
    return detected.encoding
  }
  if (scanner.invalidAt === 0) return detected.encoding
  const place = { file, byte: scanner.invalidAt, line: scanner.invalidLine }
  const where = `Byte ${count(scanner.invalidAt)} of ${file} (line ${count(scanner.invalidLine)})`
  if (scanner.others.size === 0) {
    job.report.add('repaired', 'text/latin1', place, `${where} is not UTF-8; the whole file was read as Latin-1 (Windows-1252).`)
    return 'latin1'
  }
  job.report.bad(
    'text/utf8',
    place,
    `${where} is not valid UTF-8, though the file is otherwise.${job.report.onProblem === 'skip' ? ' Such bytes became U+FFFD.' : ''}`,
  )
  return 'utf-8'
}

async function latin1Symbols(job: ImportJob, source: Source): Promise<number[]> {
  const scanner = new Utf8Scanner()
  for await (const piece of utf8Pieces(job.read(source, { index: 0, of: 2 }), 'latin1', false)) scanner.push(piece)
  return scanner.symbols
}

async function writeFile(
  job: ImportJob,
  writer: DatasetWriter,
  source: Source,
  encoding: Encoding,
  symbols: number[] | null,
): Promise<void> {
  job.phase(`storing ${source.name}`)
  const { name } = job.names.take(source.stem)
  writer.beginRecord(name)
  const before = writer.length
  const encode = symbols ? charEncoder(symbols) : null
  for await (const piece of utf8Pieces(job.read(source, { index: 1, of: 2 }), encoding, true)) writer.append(encode ? encode(piece) : piece)
  if (writer.length === before) {
    writer.discardRecord()
    job.report.add('skipped', 'text/empty', { file: source.name }, `${source.name} holds no text; it was left out.`)
    return
  }
  writer.endRecord()
  job.report.accept()
}

/** UTF-8 pieces, never cut inside a character → one id a character. The answer is valid until the next call. */
export function charEncoder(symbols: number[]): (piece: Buffer) => Uint8Array {
  const ascii = new Uint8Array(128)
  const others = new Map<number, number>()
  symbols.forEach((code, id) => (code < 128 ? (ascii[code] = id) : others.set(code, id)))
  let out = new Uint8Array(1 << 20)
  return (piece) => {
    if (out.length < piece.length) out = new Uint8Array(piece.length)
    let n = 0
    for (let i = 0; i < piece.length;) {
      const byte = piece[i]
      if (byte < 0x80) {
        out[n++] = ascii[byte]
        i++
        continue
      }
      const size = byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4
      let code = byte & (0xff >> (size + 1))
      for (let k = 1; k < size; k++) code = (code << 6) | (piece[i + k] & 0x3f)
      out[n++] = others.get(code)!
      i += size
    }
    return out.subarray(0, n)
  }
}
