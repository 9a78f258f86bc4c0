import { stat } from 'node:fs/promises'
import type { Domain } from '../../main/contract/dataset.ts'
import type { ImportOptions, TextEncoding } from '../../main/contract/importing.ts'
import { StrandError } from '../errors.ts'
import { arffCells, letterColumns, rowsAreSeries } from '../tables/arffCells.ts'
import { arrowCells } from '../tables/arrowCells.ts'
import { roledTable, type CellTable, type RoledTable } from '../tables/cellTable.ts'
import { jsonCells, sniffJson } from '../tables/jsonCells.ts'
import { parquetCells } from '../tables/parquetCells.ts'
import { xlsxCells } from '../tables/xlsxCells.ts'
import type { Detected } from './detect.ts'
import type { Source } from './source.ts'

export type TableFormat =
  'Parquet' | 'Arrow' | 'NPY' | 'NPZ' | 'UEA .ts' | 'Monash .tsf' | 'ARFF' | 'EDF' | 'BDF' | 'Excel' | 'JSON' | 'JSON lines'

type Found = Omit<Detected, 'encoding' | 'bom'>

const asTable = (wanted: Domain | 'auto'): RoledTable['domain'] | undefined =>
  wanted === 'auto' || wanted === 'audio' ? undefined : wanted

/** Formats told by their first bytes. */
export async function binaryTable(
  source: Source,
  bytes: Buffer,
  wanted: Domain | 'auto',
  options: ImportOptions,
): Promise<Detected | null> {
  const coded = { encoding: 'utf-8', bom: 0 } as const
  const start = bytes.toString('latin1', 0, 8)
  if (source.origin.kind === 'npz') return { domain: 'timeseries', format: 'NPZ', reason: 'It is a ZIP of NumPy arrays.', ...coded }
  if (source.origin.kind === 'xlsx') return { ...columns(source.name, 'Excel', await looked(source, xlsxCells), wanted, options), ...coded }
  if (start.startsWith('\x93NUMPY')) return { domain: 'timeseries', format: 'NPY', reason: 'It starts as a NumPy array does.', ...coded }
  if (isEdf(bytes)) {
    const format = bytes[0] === 0xff ? 'BDF' : 'EDF'
    return { domain: 'timeseries', format, reason: `It has the header of an ${format} recording.`, ...coded }
  }
  if (start.startsWith('PAR1')) return { ...columns(source.name, 'Parquet', await looked(source, parquetCells), wanted, options), ...coded }
  if (start.startsWith('ARROW1') || isArrowStream(bytes))
    return { ...columns(source.name, 'Arrow', await looked(source, arrowCells), wanted, options), ...coded }
  return null
}

/** Tables looked at last, so that a change of a choice needs no second look. Keyed by path, size and time of change. */
const RECENT = new Map<string, CellTable>()
const KEPT_LOOKS = 8

async function looked(source: Source, open: (source: Source) => Promise<CellTable>): Promise<CellTable> {
  const changed = source.origin.plain ? (await stat(source.path)).mtimeMs : null
  const key = `${source.path}:${source.bytes}:${changed}`
  const known = changed === null ? undefined : RECENT.get(key)
  if (known) return known
  const table = await open(source)
  if (changed !== null) RECENT.set(key, table)
  for (const old of RECENT.keys()) if (RECENT.size > KEPT_LOOKS) RECENT.delete(old)
  return table
}

function columns(
  file: string,
  format: 'Parquet' | 'Arrow' | 'Excel',
  table: CellTable,
  wanted: Domain | 'auto',
  options: ImportOptions,
): Found {
  const roled = roledTable(table, options.table, asTable(wanted), options.labels?.text)
  if (!roled)
    throw new StrandError(
      'import/unknown-format',
      `${file} is ${format === 'Parquet' ? 'a' : 'an'} ${format} table without a column of ${wanted === 'text' ? 'texts' : wanted === 'genomics' ? 'sequences' : 'numbers'} that Strand could read (its columns: ${table.columns
        .map(({ name }) => name)
        .slice(0, 8)
        .join(', ')}). Choose another kind of data, or another file.`,
      { file },
    )
  return {
    domain: roled.domain,
    format,
    reason: format === 'Excel' ? 'It is a workbook of Excel.' : `It starts as ${format === 'Arrow' ? 'an Arrow' : 'a Parquet'} table does.`,
    table: roled,
  }
}

/** A version of eight letters, then the header's own length and the number of signals, all fields of ASCII. */
function isEdf(bytes: Buffer): boolean {
  if (bytes.length < 256) return false
  const bdf = bytes[0] === 0xff && bytes.toString('latin1', 1, 8) === 'BIOSEMI'
  if (!bdf && bytes.toString('latin1', 0, 8) !== '0       ') return false
  return /^\d+ *$/.test(bytes.toString('latin1', 184, 192)) && /^[-\d]+ *$/.test(bytes.toString('latin1', 236, 244))
}

/** A stream begins with the marker of a message, its length, and a flatbuffer. */
function isArrowStream(bytes: Buffer): boolean {
  if (bytes.length < 16 || bytes.readUInt32LE(0) !== 0xffff_ffff) return false
  const length = bytes.readUInt32LE(4)
  return length > 0 && length < 16 * 1_048_576 && length % 8 === 0 && bytes.readUInt32LE(8) < length
}

/** .ts of the UEA archive and .tsf of Monash, by their tags. A .ts file of a programmer has none, nor has a video. */
export function seriesText(text: string): { format: 'UEA .ts' | 'Monash .tsf'; reason: string } | null {
  const head = text.slice(0, 262_144)
  if (!/^\s*[@#]/.test(head)) return null
  if (
    /^\s*@problemname\b/im.test(head) ||
    (/^\s*@(univariate|timestamps|serieslength)\b/im.test(head) && /^\s*@(classlabel|targetlabel|data)\b/im.test(head))
  )
    return { format: 'UEA .ts', reason: 'It has the tags of a .ts file (@problemName, @data).' }
  if (/^\s*@attribute\s+\S+\s+(string|date|numeric)\b/im.test(head) && /^\s*@(frequency|horizon|equallength)\b/im.test(head))
    return { format: 'Monash .tsf', reason: 'It has the tags of a .tsf file (@frequency, @data).' }
  return null
}

export async function arff(
  source: Source,
  text: string,
  wanted: Domain | 'auto',
  options: ImportOptions,
  encoding: TextEncoding,
): Promise<Found | null> {
  const head = text.slice(0, 262_144)
  if (!/^\s*[%@]/.test(head) || !/^\s*@relation\b/im.test(head) || !/^\s*@attribute\b/im.test(head)) return null
  const table = await arffCells(source, encoding)
  const reason = 'It has the tags of an ARFF file (@relation, @attribute).'
  const last = table.attributes.at(-1)!
  const label = last.kind === 'numeric' || last.kind === 'string' ? {} : { [last.name]: 'label' as const }
  const rows = options.table?.rows ?? (rowsAreSeries(table.attributes) ? 'series' : 'moments')
  const letters = letterColumns(table.attributes)
  if (letters.length > 0 && wanted !== 'timeseries') {
    const roles = {
      ...Object.fromEntries(letters.map((c) => [table.columns[c].name, 'ignore' as const])),
      ...label,
      ...options.table?.roles,
    }
    const names = table.attributes.findIndex(
      (attribute, c) => !letters.includes(c) && c < table.columns.length - 1 && attribute.values.length > 20,
    )
    const chosen = names < 0 ? roles : { [table.columns[names].name]: 'id' as const, ...roles }
    const found = roledTable(table, { ...options.table, roles: { ...chosen, [table.columns[letters[0]].name]: 'sequence' } }, 'genomics')!
    return {
      domain: 'genomics',
      format: 'ARFF',
      reason: `${reason} Each row is a sequence, a column a base.`,
      table: { ...found, letters },
    }
  }
  const bag = table.attributes.find(({ kind }) => kind === 'relational')
  const roles = { ...label, ...(bag ? { [bag.name]: 'value' as const } : {}), ...options.table?.roles }
  const roled = roledTable(
    table,
    { ...options.table, rows, roles },
    asTable(wanted) ?? (Object.values(roles).includes('text') ? 'text' : undefined),
  )
  if (!roled && table.attributes.every(({ kind }) => kind === 'date') && wanted !== 'text')
    throw new StrandError(
      'import/unknown-format',
      `${source.name} holds nothing but times (${table.columns.map(({ name }) => name).join(', ')}), and no values that a model could learn from them. Add a column of numbers, or import it as text.`,
      { file: source.name },
    )
  return roled ? { domain: roled.domain, format: 'ARFF', reason, table: roled } : null
}

/** Lines or a list of JSON objects with something to import in them; null where they are better read as text. */
export function json(source: Source, text: string, wanted: Domain | 'auto', options: ImportOptions, encoding: TextEncoding): Found | null {
  const format = sniffJson(text)
  if (!format) return null
  const table = jsonCells(source, format, encoding, text)
  const roled = table.sample.length > 0 ? roledTable(table, options.table, asTable(wanted), options.labels?.text) : null
  if (!roled) return null
  const what = format === 'JSON' ? 'It is a list of JSON objects' : 'Each line is a JSON object'
  const of = (role: string): string => table.columns[roled.roles.indexOf(role as never)]?.name ?? ''
  const turns = table.chats?.includes(of('text')) ? ', its turns one after another, each below a line with its role' : ''
  const named = {
    text: `the text in "${of('text')}"${turns}`,
    genomics: `the sequence in "${of('sequence')}"`,
    timeseries: 'numbers in its fields',
  }
  return { domain: roled.domain, format, reason: `${what}, with ${named[roled.domain]}.`, table: roled }
}
