import type { TextEncoding } from '../../main/contract/importing.ts'
import type { Imported, ImportJob } from '../importing/job.ts'
import type { Source } from '../importing/source.ts'
import { StrandError } from '../errors.ts'
import type { DatasetWriter } from '../store/store.ts'
import { learnBpe } from '../bpe/learnBpe.ts'
import { byteCodec } from './byteCodec.ts'
import { ENCODING_NAMES } from './encodings.ts'
import { chooseSymbols } from './chooseSymbols.ts'
import { settleText } from './settleEncoding.ts'
import { utf8Pieces } from './utf8Pieces.ts'

/**
 * Text files → one dataset, a record for each file. Two passes: the first finds encoding and vocabulary (and every fault, before anything
 * is written), the second writes one byte a character, or the UTF-8 bytes.
 */
export async function importText(job: ImportJob): Promise<Imported> {
  const symbols = new Set<number>()
  const encodings = new Map<Source, TextEncoding>()
  for (const { source, detected } of job.files) {
    job.phase(`checking ${source.name}`)
    const settled = await settleText(job, source, detected, { index: 0, of: 2 })
    encodings.set(source, settled.encoding)
    for (const symbol of settled.symbols) symbols.add(symbol)
  }
  const chars = chooseSymbols(job, symbols)
  const writer = job.write({ domain: 'text', format: 'text', unit: chars ? 'characters' : 'bytes', cell: 'u8', channels: 1 })
  for (const { source } of job.files) await writeFile(job, writer, source, encodings.get(source)!, chars)
  if (writer.records.length === 0) throw new StrandError('import/empty', 'These files hold no text. Choose files with text in them.')
  return {
    format: describeEncodings(encodings.values()),
    unit: chars ? 'characters' : 'bytes',
    layout: {},
    ...textCodec(job, writer, chars),
    facts: { symbols: symbols.size },
  }
}

/** What the cells of a text are read as; `symbols`: code points, where a cell is a character. */
export const textCodec = (job: ImportJob, writer: DatasetWriter, symbols: number[] | null): Pick<Imported, 'codec' | 'cut'> => ({
  codec: symbols ? { kind: 'char', symbols: symbols.map((code) => String.fromCodePoint(code)) } : byteCodec.toJSON(),
  ...(job.options.tokens === 'bpe' ? { cut: (plan) => learnBpe(job, writer, 'text', plan) } : {}),
})

export const describeEncodings = (encodings: Iterable<TextEncoding>): string =>
  `text, ${[...new Set([...encodings].map((encoding) => ENCODING_NAMES[encoding]))].join(' and ')}`

async function writeFile(
  job: ImportJob,
  writer: DatasetWriter,
  source: Source,
  encoding: TextEncoding,
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
