import type { TextEncoding } from '../../main/contract/importing.ts'
import { StrandError } from '../errors.ts'
import type { Detected } from '../importing/detect.ts'
import type { ImportJob } from '../importing/job.ts'
import { count, plural, type Source } from '../importing/source.ts'
import { ENCODING_NAMES, guessEncoding } from './encodings.ts'
import { Utf8Scanner } from './utf8Scanner.ts'
import { utf8Pieces } from './utf8Pieces.ts'

/** Of a text that is not UTF-8: so much is looked at to guess what it is, taken from around its letters beyond ASCII. */
const SAMPLE_BYTES = 65_536

export interface SettledText {
  encoding: TextEncoding
  /** Code points the text holds, each "\r\n" as one. */
  symbols: number[]
}

/**
 * First pass over a whole text: what it is coded as (chosen, by its mark, UTF-8, or guessed), and which characters it holds. Every fault of the
 * bytes is met here, before anything is written: it is reported, or ends the import.
 */
export async function settleText(
  job: ImportJob,
  source: Source,
  detected: Detected,
  pass: { index: number; of: number },
): Promise<SettledText> {
  const chosen = job.options.encoding
  const wide = detected.bom > 0 || /^utf-(16|32)/.test(detected.encoding)
  const reading = chosen ?? (wide ? detected.encoding : 'utf-8')
  const scanner = new Utf8Scanner()
  const sample = new HighSample()
  for await (const piece of utf8Pieces(job.read(source, pass), reading, false)) {
    scanner.push(piece)
    if (scanner.invalidAt > 0) sample.push(piece)
  }
  scanner.end()
  const encoding = settle(job, source, detected, scanner, reading, sample)
  if (encoding !== reading) return { encoding, symbols: await symbolsOf(job, source, encoding, pass) }
  const { symbols } = scanner
  return { encoding, symbols: scanner.invalidAt > 0 && !symbols.includes(0xfffd) ? [...symbols, 0xfffd] : symbols }
}

function settle(
  { report }: ImportJob,
  { name: file }: Source,
  { bom }: Detected,
  scanner: Utf8Scanner,
  reading: TextEncoding,
  sample: HighSample,
): TextEncoding {
  if (scanner.zeroAt > 0)
    throw new StrandError(
      'import/bad-record',
      `${file} holds a zero byte at byte ${count(scanner.zeroAt)}, so it is not plain text. Nothing was imported; choose a text file.`,
      { file, byte: scanner.zeroAt },
    )
  if (bom > 0) report.add('note', 'text/bom', { file, byte: 1 }, `${file} starts with a byte order mark; it was left out.`)
  if (scanner.crlf > 0)
    report.add('repaired', 'text/crlf', { file }, `${plural(scanner.crlf, 'Windows line end')} in ${file} became plain line ends.`)
  if (reading !== 'utf-8') {
    report.add('note', 'text/encoding', { file }, `${file} is ${ENCODING_NAMES[reading]}; it is stored as UTF-8.`)
    return reading
  }
  if (scanner.invalidAt === 0) return reading
  const place = { file, byte: scanner.invalidAt, line: scanner.invalidLine }
  const where = `Byte ${count(scanner.invalidAt)} of ${file} (line ${count(scanner.invalidLine)})`
  if (scanner.foreign) {
    const guess = guessEncoding(sample.bytes)
    report.add('repaired', 'text/guessed', place, `${where} is not UTF-8; the whole file was read as ${ENCODING_NAMES[guess]}.`)
    return guess
  }
  const mark = 'Such bytes became U+FFFD.'
  const what = `${where} is not valid UTF-8, though the file is otherwise.`
  report.bad('text/utf8', place, report.onProblem === 'skip' ? `${what} ${mark}` : what, mark)
  return reading
}

async function symbolsOf(job: ImportJob, source: Source, encoding: TextEncoding, pass: { index: number; of: number }): Promise<number[]> {
  const scanner = new Utf8Scanner()
  for await (const piece of utf8Pieces(job.read(source, pass), encoding, false)) scanner.push(piece)
  return scanner.symbols
}

/** Stretches of a text around bytes beyond ASCII. */
class HighSample {
  private readonly parts: Buffer[] = []
  private length = 0

  get bytes(): Buffer {
    return Buffer.concat(this.parts)
  }

  push(piece: Buffer): void {
    if (this.length >= SAMPLE_BYTES) return
    const at = piece.findIndex((byte) => byte >= 0x80)
    if (at < 0) return
    const part = Buffer.from(piece.subarray(Math.max(0, at - 2048), at + 32_768))
    this.parts.push(part)
    this.length += part.length
  }
}
