import { StrandError } from '../errors.ts'
import type { Encoding } from '../importing/detect.ts'
import type { Imported, ImportJob } from '../importing/job.ts'
import { count, plural, type Source } from '../importing/source.ts'
import { wantedTokens } from '../importing/tokens.ts'
import { compileLine, cutLine } from '../labels/lineLabel.ts'
import { charEncoder, describeEncodings, MOST_SYMBOLS, settleEncoding, textCodec } from './importText.ts'
import { Utf8Scanner } from './utf8Scanner.ts'
import { utf8Pieces } from './utf8Pieces.ts'

/** Characters of one line; a longer one is no line. */
const LONGEST_LINE = 64 * 1_048_576

interface TextLine {
  /** 1-based. */
  number: number
  text: string
  label?: string
  group?: string
}

/**
 * Text files → one dataset, a record for each line that holds text; with `labels.from: 'line'` each begins with its label (see lineLabel.ts).
 * Three passes: the encoding, the characters of the texts without their labels, the records.
 */
export async function importLines(job: ImportJob): Promise<Imported> {
  const encodings = new Map<Source, Encoding>()
  for (const { source, detected } of job.files) {
    job.phase(`checking ${source.name}`)
    const scanner = new Utf8Scanner()
    for await (const piece of utf8Pieces(job.read(source, { index: 0, of: 3 }), detected.encoding, false)) scanner.push(piece)
    scanner.end()
    encodings.set(source, settleEncoding(job, source, detected, scanner))
  }
  const symbols = new Set<number>()
  for (const [source, encoding] of encodings)
    for await (const { text } of linesOf(job, source, encoding, 1)) for (const symbol of text) symbols.add(symbol.codePointAt(0)!)
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
  const encode = char ? charEncoder(ordered) : (bytes: Buffer) => bytes
  const writer = job.write({ domain: 'text', format: 'text', unit: char ? 'characters' : 'bytes', cell: 'u8', channels: 1 })
  for (const [source, encoding] of encodings) {
    job.phase(`storing ${source.name}`)
    let last = 0
    let kept = 0
    for await (const { number, text, label, group } of linesOf(job, source, encoding, 2)) {
      last = number
      writer.beginRecord({ name: job.names.take(`${source.name} line ${number}`).name, label, group })
      writer.append(encode(Buffer.from(text, 'utf8')))
      writer.endRecord()
      job.report.accept()
      kept++
    }
    if (kept < last)
      job.report.add(
        'skipped',
        'line/empty',
        { file: source.name },
        `${plural(last - kept, 'line')} of ${source.name} without text left out.`,
        last - kept,
      )
  }
  if (writer.records.length === 0)
    throw new StrandError('import/empty', 'No line of these files holds text. Choose files with text in them.')
  return {
    format: `${describeEncodings([...encodings.values()])}, a record for each line`,
    unit: char ? 'characters' : 'bytes',
    layout: {},
    ...textCodec(job, writer, char ? ordered : null),
    facts: { symbols: symbols.size },
  }
}

async function* linesOf(job: ImportJob, source: Source, encoding: Encoding, index: number): AsyncGenerator<TextLine> {
  const { labels } = job.options
  const pattern = labels?.from === 'line' ? compileLine(labels.pattern) : null
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  let rest = ''
  let number = 0
  const cut = (line: string): TextLine | null => {
    number++
    const found = pattern ? cutLine(line, pattern) : { text: line.trim() }
    return found.text === '' ? null : { number, ...found }
  }
  for await (const piece of utf8Pieces(job.read(source, { index, of: 3 }), encoding, true)) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split('\n')
    rest = lines.pop()!
    if (rest.length > LONGEST_LINE)
      throw new StrandError(
        'import/too-large',
        `Line ${count(number + lines.length + 1)} of ${source.name} is longer than ${count(LONGEST_LINE)} characters, so it is no line of text. Import the file as one record.`,
        { file: source.name, line: number + lines.length + 1 },
      )
    for (const line of lines) {
      const found = cut(line)
      if (found) yield found
    }
  }
  const found = rest === '' ? null : cut(rest)
  if (found) yield found
}
