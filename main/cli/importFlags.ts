import { InvalidArgumentError, Option, type Command } from 'commander'
import type { ImportOptions, LabelSource } from '../contract/importing.ts'
import { StrandError } from '../core/errors.ts'
import { integer, triple } from './values.ts'

export interface SplitFlags extends Pick<ImportOptions, 'splitBy' | 'splitRows' | 'splitSeed' | 'folds'> {
  split?: [number, number, number]
  testOn?: string[]
  validateOn?: string[]
}

export interface LabelFlags extends Pick<ImportOptions, 'records'> {
  labels?: LabelSource['from']
  labelPattern?: string
  labelColumn?: string
  textColumn?: string
  groupColumn?: string
  labelFeatures?: string[]
  labelNumbers?: boolean
}

const list = (text: string): string[] => {
  const values = text
    .split(',')
    .map((value) => value.trim())
    .filter(Boolean)
  if (values.length === 0) throw new InvalidArgumentError('write names with commas between.')
  return values
}

function folds(text: string): number | 'groups' {
  if (text === 'groups') return text
  const n = Number(text)
  if (!Number.isInteger(n) || n < 3) throw new InvalidArgumentError('write a whole number from 3 on, or "groups".')
  return n
}

/** How records are divided: the same flags for an import and for a new split. */
export function splitFlags(command: Command): Command {
  return command
    .option('--split <fractions>', 'train, validation, test (default 0.8,0.1,0.1)', triple)
    .addOption(
      new Option('--split-by <what>', 'what is kept together or in balance (default: the honest choice for the data)').choices([
        'auto',
        'position',
        'order',
        'random',
        'stratified',
        'group',
        'published',
      ]),
    )
    .option('--split-rows <rows>', 'where train, validation and test end, in rows', triple)
    .option('--test-on <names>', 'groups or records held out for the test, such as chr8,chr9', list)
    .option('--validate-on <names>', 'groups or records held out for validation', list)
    .option('--folds <count>', 'cross-validation; "groups" leaves one group out at a time', folds)
    .option('--split-seed <number>', 'the same seed gives the same split', integer)
}

/** Where labels come from. */
export function labelFlags(command: Command): Command {
  return command
    .addOption(
      new Option('--labels <source>', 'where the label of a record comes from').choices([
        'folder',
        'file',
        'header',
        'line',
        'column',
        'feature',
        'none',
      ]),
    )
    .option('--label-pattern <regex>', 'folder, file, header, line: named groups, such as "(?<label>\\d)_(?<group>[a-z]+)_"')
    .option('--label-column <name>', 'column: the one that holds the label; each row becomes a record')
    .option('--text-column <name>', 'column: the one that holds the text or sequence')
    .option('--group-column <name>', 'column: the one that says what belongs together')
    .option('--label-features <types>', 'feature: types cut out as records, such as CDS,tRNA', list)
    .option('--label-numbers', 'labels are numbers to predict, not classes')
    .addOption(new Option('--records <what>', 'text: a record for each file, or for each line').choices(['files', 'lines']))
}

/** Without a key for what was not given: options are kept with the dataset as they were chosen. */
export function splitOptions({ split, splitBy, splitRows, splitSeed, testOn, validateOn, folds: n }: SplitFlags): ImportOptions {
  return {
    ...(split ? { split: { train: split[0], validation: split[1], test: split[2] } } : {}),
    ...(splitBy ? { splitBy } : {}),
    ...(splitRows ? { splitRows } : {}),
    ...(splitSeed === undefined ? {} : { splitSeed }),
    ...(testOn || validateOn
      ? { splitHold: { ...(validateOn ? { validation: validateOn } : {}), ...(testOn ? { test: testOn } : {}) } }
      : {}),
    ...(n === undefined ? {} : { folds: n }),
  }
}

export function labelOptions(flags: LabelFlags): ImportOptions {
  const { records, labels, labelPattern, labelColumn, textColumn, groupColumn, labelFeatures, labelNumbers } = flags
  const from = labels ?? (labelColumn ? 'column' : labelFeatures ? 'feature' : labelPattern ? 'file' : undefined)
  if (from === undefined && (labelNumbers || textColumn || groupColumn))
    throw new StrandError('bad-input', 'Say where the labels come from: --labels folder, file, header, line, column or feature.')
  return {
    ...(records ? { records } : {}),
    ...(from === undefined
      ? {}
      : {
          labels: {
            from,
            ...(labelPattern ? { pattern: labelPattern } : {}),
            ...(labelColumn ? { column: labelColumn } : {}),
            ...(textColumn ? { text: textColumn } : {}),
            ...(groupColumn ? { group: groupColumn } : {}),
            ...(labelFeatures ? { features: labelFeatures } : {}),
            ...(labelNumbers ? { numbers: true } : {}),
          },
        }),
  }
}
