import type { TextEncoding } from '../../main/contract/importing.ts'
import { StrandError } from '../errors.ts'
import type { Imported, ImportJob } from '../importing/job.ts'
import { count, plural, type Source } from '../importing/source.ts'
import { compileLine, cutLine } from '../labels/lineLabel.ts'
import { reportColumns, textRows } from '../tables/tableRows.ts'
import { describeTable } from '../timeseries/openTable.ts'
import { charEncoder, describeEncodings, textCodec } from './importText.ts'
import { chooseSymbols } from './chooseSymbols.ts'
import { settleText } from './settleEncoding.ts'
import { utf8Pieces } from './utf8Pieces.ts'

/** Characters of one line; a longer one is no line. */
const LONGEST_LINE = 64 * 1_048_576

/** A row or line that is a record, or one that holds no text. */
interface Row {
  /** Of the file or table, from 1. */
  number: number
  name: string
  text: string
  label?: string | null
  group?: string | null
}

/**
 * Texts in rows → one dataset, a record for each that is not empty: lines of a text, with `labels.from: 'line'` each behind its label
 * (see lineLabel.ts); rows of a table or of JSON with a column of texts. Passes: the encoding of plain texts, the characters, the records.
 */
export async function importRows(job: ImportJob): Promise<Imported> {
  const encodings = new Map<Source, TextEncoding>()
  for (const { source, detected } of job.files) {
    job.phase(`checking ${source.name}`)
    const plain = detected.format === 'text'
    encodings.set(source, plain ? (await settleText(job, source, detected, { index: 0, of: 3 })).encoding : detected.encoding)
    if (!plain) reportColumns(job, source, detected)
  }
  const symbols = new Set<number>()
  for (const file of job.files)
    for await (const { text } of rowsOf(job, file, encodings.get(file.source)!, 0))
      for (const symbol of text) symbols.add(symbol.codePointAt(0)!)
  const chars = chooseSymbols(job, symbols)
  const encode = chars ? charEncoder(chars) : (bytes: Buffer) => bytes
  const writer = job.write({ domain: 'text', format: 'text', unit: chars ? 'characters' : 'bytes', cell: 'u8', channels: 1 })
  for (const file of job.files) {
    const { source } = file
    job.phase(`storing ${source.name}`)
    let empty = 0
    for await (const { name, text, label, group } of rowsOf(job, file, encodings.get(source)!, 1)) {
      if (text === '') {
        empty++
        continue
      }
      writer.beginRecord({ name: job.names.take(name).name, label, group })
      writer.append(encode(Buffer.from(text, 'utf8')))
      writer.endRecord()
      job.report.accept()
    }
    const what = file.detected.format === 'text' ? 'line' : 'row'
    if (empty > 0)
      job.report.add(
        'skipped',
        'line/empty',
        { file: source.name },
        `${plural(empty, what)} of ${source.name} without text left out.`,
        empty,
      )
  }
  if (writer.records.length === 0)
    throw new StrandError('import/empty', 'No line of these files holds text. Choose files with text in them.')
  return {
    format: formatOf(job, encodings),
    unit: chars ? 'characters' : 'bytes',
    layout: {},
    ...textCodec(job, writer, chars),
    facts: { symbols: symbols.size },
  }
}

function formatOf(job: ImportJob, encodings: ReadonlyMap<Source, TextEncoding>): string {
  const [{ detected }] = job.files
  if (detected.format === 'text') return `${describeEncodings(encodings.values())}, a record for each line`
  const kind = detected.dialect ? describeTable(detected.dialect) : detected.format
  return `${kind}, a record for each row`
}

async function* rowsOf(
  job: ImportJob,
  { source, detected }: ImportJob['files'][number],
  encoding: TextEncoding,
  index: number,
): AsyncGenerator<Row> {
  if (detected.format === 'text') {
    yield* linesOf(job, source, encoding, index + 1)
    return
  }
  for await (const { row, line, text, name, label, group } of textRows(job, source, detected, { index, of: 2 }))
    yield { number: row, name: name ?? `${source.stem} ${line ?? row}`, text: text.replaceAll('\r\n', '\n').trim(), label, group }
}

async function* linesOf(job: ImportJob, source: Source, encoding: TextEncoding, index: number): AsyncGenerator<Row> {
  const { labels } = job.options
  const pattern = labels?.from === 'line' ? compileLine(labels.pattern) : null
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  let rest = ''
  let number = 0
  const cut = (line: string): Row => {
    number++
    const found = pattern ? cutLine(line, pattern) : { text: line.trim() }
    return { number, name: `${source.name} line ${number}`, ...found }
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
    for (const line of lines) yield cut(line)
  }
  if (rest !== '') yield cut(rest)
}
