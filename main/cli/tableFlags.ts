import { InvalidArgumentError, Option, type Command } from 'commander'
import type { ColumnRole, ImportOptions, TableOptions } from '../contract/importing.ts'

export interface TableFlags extends Pick<ImportOptions, 'encoding' | 'axes'> {
  delimiter?: string
  decimal?: TableOptions['decimal']
  thousands?: string
  header?: string
  units?: string
  rows?: TableOptions['rows']
  order?: TableOptions['order']
  role?: Record<string, ColumnRole>
}

const ROLES: readonly ColumnRole[] = ['time', 'value', 'label', 'group', 'id', 'text', 'sequence', 'ignore']
const DELIMITERS: Readonly<Record<string, TableOptions['delimiter']>> = { comma: ',', semicolon: ';', tab: '\t', bar: '|', blank: ' ' }
const THOUSANDS: Readonly<Record<string, TableOptions['thousands']>> = { none: 'none', comma: ',', point: '.', blank: ' ', apostrophe: "'" }

/** "--role date=time pressure=ignore", several after one flag or one each. The role stands behind the last "=". */
function collectRole(text: string, before: Record<string, ColumnRole> = {}): Record<string, ColumnRole> {
  const at = text.lastIndexOf('=')
  const role = text.slice(at + 1) as ColumnRole
  if (at < 1 || !ROLES.includes(role)) throw new InvalidArgumentError(`write column=role; a role is ${ROLES.join(', ')}.`)
  return { ...before, [text.slice(0, at)]: role }
}

/** How tables and texts are read, where what is found is not what is meant. */
export function tableFlags(command: Command): Command {
  const yesNo = (flag: string, says: string): Option => new Option(`${flag} <yes|no>`, says).choices(['yes', 'no'])
  return command
    .option('--encoding <name>', 'how letters are coded, such as windows-1251 (default: found, and reported)')
    .addOption(new Option('--delimiter <what>', 'table: what stands between cells').choices(Object.keys(DELIMITERS)))
    .addOption(new Option('--decimal <sign>', 'table: the decimal sign').choices(['.', ',']))
    .addOption(new Option('--thousands <what>', 'table: what groups thousands').choices(Object.keys(THOUSANDS)))
    .addOption(yesNo('--header', 'table: the first row holds names'))
    .addOption(yesNo('--units', 'table: a row of units follows the names'))
    .addOption(new Option('--rows <what>', 'table: a row is a moment, or a whole series').choices(['moments', 'series']))
    .addOption(
      new Option('--order <what>', 'table: rows as in the file (default), or put in order of time: where the newest come first').choices([
        'file',
        'time',
      ]),
    )
    .option('--role <column=role...>', `table: what a column is for: ${ROLES.join(', ')}`, collectRole)
    .addOption(
      new Option('--axes <order>', 'NumPy arrays: what the axes are').choices([
        'time',
        'time-channel',
        'record-time',
        'record-time-channel',
        'record-channel-time',
      ]),
    )
}

/** Without a key for what was not given. */
export function tableOptions({
  encoding,
  axes,
  delimiter,
  decimal,
  thousands,
  header,
  units,
  rows,
  order,
  role,
}: TableFlags): ImportOptions {
  const table: TableOptions = {
    ...(delimiter ? { delimiter: DELIMITERS[delimiter] } : {}),
    ...(decimal ? { decimal } : {}),
    ...(thousands ? { thousands: THOUSANDS[thousands] } : {}),
    ...(header ? { header: header === 'yes' } : {}),
    ...(units ? { units: units === 'yes' } : {}),
    ...(rows ? { rows } : {}),
    ...(order ? { order } : {}),
    ...(role ? { roles: role } : {}),
  }
  return { ...(encoding ? { encoding } : {}), ...(axes ? { axes } : {}), ...(Object.keys(table).length > 0 ? { table } : {}) }
}
