import type { ImportOptions, ImportPreview, TableFound, TableOptions, TextEncoding } from '../../../main/contract/importing.ts'

/** One choice of the sheet: a few values beside each other, or many in a list; `part` is what choosing one changes. */
export interface Choice {
  key: string
  label: string
  value: string
  values: { value: string; label: string; says: string }[]
  /** Too many to lie beside each other. */
  list: boolean
  part: (value: string) => Partial<ImportOptions>
}

type Values = readonly [value: string, label: string, says?: string][]

export function choice(key: string, label: string, value: string, values: Values, part: Choice['part'], list = false): Choice {
  return { key, label, value, list, part, values: values.map(([one, name, says = '']) => ({ value: one, label: name, says })) }
}

/** A choice whose values are those of an option. */
const plain = (key: 'onProblem' | 'missing' | 'records' | 'axes', label: string, value: string, values: Values, list = false): Choice =>
  choice(key, label, value, values, (one) => ({ [key]: one }) as Partial<ImportOptions>, list)

const ENCODINGS: readonly (readonly [TextEncoding, string])[] = [
  ['utf-8', 'UTF-8'],
  ['windows-1252', 'Latin-1 (Windows-1252), Western'],
  ['utf-16le', 'UTF-16'],
  ['utf-16be', 'UTF-16, big end first'],
  ['utf-32le', 'UTF-32'],
  ['utf-32be', 'UTF-32, big end first'],
  ['windows-1250', 'Windows-1250, Central European'],
  ['iso-8859-2', 'ISO 8859-2, Central European'],
  ['windows-1251', 'Windows-1251, Cyrillic'],
  ['koi8-r', 'KOI8-R, Cyrillic'],
  ['windows-1253', 'Windows-1253, Greek'],
  ['windows-1254', 'Windows-1254, Turkish'],
  ['windows-1255', 'Windows-1255, Hebrew'],
  ['windows-1256', 'Windows-1256, Arabic'],
  ['windows-1257', 'Windows-1257, Baltic'],
  ['shift_jis', 'Shift JIS, Japanese'],
  ['euc-jp', 'EUC-JP, Japanese'],
  ['gb18030', 'GB 18030, Chinese'],
  ['big5', 'Big5, Chinese'],
  ['euc-kr', 'EUC-KR, Korean'],
]

const SPLITS = [
  [80, 10, 10],
  [70, 10, 20],
  [90, 5, 5],
] as const

/** How much trains, validates and tests; rows given by a protocol stand for none of these. */
export function splitChoice({ split, splitRows }: ImportOptions): Choice {
  const { train, validation, test } = split ?? { train: 0.8, validation: 0.1, test: 0.1 }
  const says = 'train, validation, test; published, by group or by class where the records allow it'
  const text = (shares: readonly number[]): string => shares.map(Math.round).join(' / ')
  const value = splitRows ? '' : text([100 * train, 100 * validation, 100 * test])
  return choice(
    'split',
    'Split',
    value,
    SPLITS.map((shares) => [text(shares), text(shares), says]),
    (chosen) => {
      const [a, b, c] = chosen.split(' / ').map(Number)
      return { split: { train: a / 100, validation: b / 100, test: c / 100 }, splitRows: undefined }
    },
  )
}

/** The choices that matter for what was found; `more`: those that are right nearly always. */
export function importChoices(options: ImportOptions, preview: ImportPreview): { main: Choice[]; more: Choice[] } {
  const { domain, table, encoding } = preview
  const main = [
    plain('onProblem', 'A bad record', options.onProblem ?? 'stop', [
      ['stop', 'Ends the import', 'nothing is imported when one record cannot be read'],
      ['skip', 'Is left out', 'it is listed in the report with its line'],
      ['fix', 'Is mended', 'where nothing is invented: a short row gets missing values; else it is left out'],
    ]),
  ]
  const more: Choice[] = []
  if (domain === 'timeseries')
    main.push(
      plain('missing', 'A missing value', options.missing ?? 'mask', [
        ['mask', 'Is masked', 'the model sees zero and no error is counted there'],
        ['previous', 'Repeats', 'flat through the gap; makes “repeat the last value” look better than it is'],
        ['linear', 'Is on a line', 'between its neighbours in time, which looks into the future'],
        ['split', 'Ends the record', 'a new record begins behind each gap'],
        ['stop', 'Ends the import', 'nothing is imported when a value is missing'],
      ]),
    )
  if (table?.delimiter) more.push(...written(options, table))
  if (table && domain === 'timeseries')
    more.push(
      ofTable(options, 'rows', 'A row is', table.rows, [
        ['moments', 'A moment', 'its columns are channels'],
        ['series', 'A whole series', 'a record of one channel, as in the UCR archive'],
      ]),
    )
  if (table && domain === 'timeseries' && table.rows === 'moments' && table.columns.some(({ role }) => role === 'time'))
    (table.newestFirst || table.order === 'time' ? main : more).push(
      ofTable(options, 'order', 'Rows are', table.order, [
        ['file', 'As in the file', table.newestFirst ? 'the newest come first: a split by time would train on the future' : ''],
        ['time', 'In order of time', 'oldest first within each record'],
      ]),
    )
  if (domain === 'text' && (preview.format.startsWith('text') || table))
    more.push(
      plain('records', 'A record is', options.records ?? (table ? 'rows' : 'files'), [
        ...(table ? ([['rows', 'A row', 'the text of one row']] as Values) : []),
        ['files', 'A file', 'the whole text of it'],
        ['lines', 'A line', 'each line that holds text'],
      ]),
    )
  if (preview.format.startsWith('NumPy'))
    more.push(
      plain(
        'axes',
        'The axes are',
        options.axes ?? 'auto',
        [
          ['auto', 'As found'],
          ['time', 'Time'],
          ['time-channel', 'Time, channel'],
          ['record-time', 'Record, time'],
          ['record-time-channel', 'Record, time, channel'],
          ['record-channel-time', 'Record, channel, time'],
        ],
        true,
      ),
    )
  if (encoding && (table?.delimiter || preview.format.startsWith('text')))
    more.push(
      choice(
        'encoding',
        'Letters are',
        encoding,
        ENCODINGS.map(([value, label]) => [value, label]),
        (value) => ({ encoding: value as TextEncoding }),
        true,
      ),
    )
  return { main, more: more.map(withAuto) }
}

/** "As found" is no value of an option, but the lack of one. */
function withAuto(one: Choice): Choice {
  const part = (value: string): Partial<ImportOptions> =>
    value === 'auto' || value === 'rows' ? { [one.key]: undefined } : one.part(value)
  return { ...one, part }
}

function ofTable(options: ImportOptions, key: keyof TableOptions, label: string, value: string, values: Values): Choice {
  const read = (text: string): string | boolean => (text === 'true' || text === 'false' ? text === 'true' : text)
  return choice(`table.${key}`, label, value, values, (one) => ({ table: { ...options.table, [key]: read(one) } }))
}

/** How a CSV is written. */
function written(options: ImportOptions, table: TableFound): Choice[] {
  return [
    ofTable(options, 'delimiter', 'Between cells', table.delimiter!, [
      [',', 'Comma'],
      [';', 'Semicolon'],
      ['\t', 'Tab'],
      ['|', 'Bar'],
      [' ', 'Blanks'],
    ]),
    ofTable(options, 'decimal', 'Decimal sign', table.decimal, [
      ['.', 'Point', '1234.5'],
      [',', 'Comma', '1234,5'],
    ]),
    ofTable(options, 'thousands', 'Thousands', table.thousands, [
      ['none', 'Not grouped'],
      [',', 'Comma'],
      ['.', 'Point'],
      [' ', 'Blank'],
      ["'", 'Apostrophe'],
    ]),
    ofTable(options, 'header', 'The first row', String(table.header), [
      ['true', 'Holds names'],
      ['false', 'Holds values'],
    ]),
    ofTable(options, 'units', 'The row below it', String(table.units), [
      ['false', 'Holds values'],
      ['true', 'Holds units', 'it is passed over'],
    ]),
  ]
}

/** What a column can be for, in words. */
export const ROLES = [
  ['time', 'Time'],
  ['value', 'Value'],
  ['label', 'Label'],
  ['group', 'Group'],
  ['id', 'Record'],
  ['text', 'Text'],
  ['sequence', 'Sequence'],
  ['ignore', 'Left out'],
] as const
