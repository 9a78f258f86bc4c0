import type { Domain, ImportOptions, Split } from '../../main/contract/dataset.ts'
import { randomBelow } from '../batching/counterRandom.ts'
import { StrandError } from '../errors.ts'
import type { PlannedRecord, SplitPlan } from '../store/store.ts'
import { count } from './source.ts'

const SPLITS = ['train', 'validation', 'test'] as const
const DEFAULT = { train: 0.8, validation: 0.1, test: 0.1 }
/** From this many records on, a split is made of whole records. */
const MANY = 10
/** Shuffling records by a fixed seed: the same file always splits the same way. */
const SHUFFLE_SEED = 20_260_101

/**
 * Which records, or which stretch of each, train, validate and test. Always decided on records, before any window is cut,
 * so no window can lie in two splits.
 *  - exact rows (`splitRows`): one record, cut there; cells after the last end are unused.
 *  - a series, or few or very uneven records: every record is cut by position, train first, then validation, then test.
 *  - many records: whole records; text in file order (documents are often dated), others shuffled by a fixed seed.
 */
export function planSplits(records: readonly PlannedRecord[], domain: Domain, options: ImportOptions): SplitPlan {
  const unit = { genomics: 'base', audio: 'sample', timeseries: 'row', text: 'symbol' }[domain]
  if (options.splitRows) return byRows(records, options.splitRows, unit)
  const fractions = checkFractions(options.split ?? DEFAULT)
  const total = records.reduce((sum, record) => sum + record.length, 0)
  const longest = records.reduce((most, record) => Math.max(most, record.length), 0)
  const smallest = Math.min(...SPLITS.map((split) => fractions[split]).filter((fraction) => fraction > 0))
  const percent = SPLITS.filter((split) => fractions[split] > 0)
    .map((split) => `${split} ${+(fractions[split] * 100).toFixed(1)} %`)
    .join(', ')
  if (domain === 'timeseries' || records.length < MANY || longest > smallest * total) {
    const each = records.length === 1 ? `The ${domain === 'timeseries' ? 'series' : 'record'}` : 'Every record'
    const order = domain === 'timeseries' ? 'in time' : 'by position'
    return {
      rule: `${each} is cut ${order}: ${percent}, in this order.`,
      records: records.map((record) => cutByPosition(record, fractions)),
    }
  }
  const inOrder = domain === 'text'
  const order = inOrder ? records.map((_, i) => i) : shuffled(records.length)
  const parts: Split[] = new Array<Split>(records.length)
  let done = 0
  for (const i of order) {
    // by the middle of the record, so a border record goes where most of it belongs
    const middle = (done + records[i].length / 2) / total
    parts[i] = middle < fractions.train ? 'train' : middle < fractions.train + fractions.validation ? 'validation' : 'test'
    done += records[i].length
  }
  if (fractions.test === 0) parts.forEach((part, i) => part === 'test' && (parts[i] = fractions.validation > 0 ? 'validation' : 'train'))
  const how = inOrder ? 'in file order' : 'shuffled once with a fixed seed'
  return { rule: `Whole records, ${how}: ${percent} of all ${unit}s.`, records: parts }
}

function checkFractions(split: { train: number; validation: number; test: number }): { train: number; validation: number; test: number } {
  const values = SPLITS.map((name) => split[name])
  if (values.some((value) => !Number.isFinite(value) || value < 0 || value > 1) || split.train <= 0)
    throw new StrandError(
      'bad-input',
      'The split fractions must lie between 0 and 1, with something to train on. Give for example 0.8, 0.1 and 0.1.',
    )
  const sum = values[0] + values[1] + values[2]
  if (Math.abs(sum - 1) > 1e-6)
    throw new StrandError('bad-input', `The split fractions add up to ${+sum.toFixed(4)}, not 1. Give for example 0.8, 0.1 and 0.1.`)
  return split
}

function cutByPosition(
  record: PlannedRecord,
  fractions: { train: number; validation: number; test: number },
): { split: Split; start: number; stop: number }[] {
  // the small term keeps 0.9 × 10 from becoming 8.999…
  const trainEnd = Math.floor(record.length * fractions.train + 1e-9)
  const validationEnd = fractions.test === 0 ? record.length : Math.floor(record.length * (fractions.train + fractions.validation) + 1e-9)
  const ends = [fractions.validation + fractions.test === 0 ? record.length : trainEnd, validationEnd, record.length]
  return cuts(ends)
}

function cuts(ends: readonly number[]): { split: Split; start: number; stop: number }[] {
  return SPLITS.map((split, i) => ({ split, start: i === 0 ? 0 : ends[i - 1], stop: ends[i] })).filter(({ start, stop }) => stop > start)
}

function byRows(records: readonly PlannedRecord[], ends: readonly number[], unit: string): SplitPlan {
  if (records.length !== 1)
    throw new StrandError(
      'bad-input',
      `Exact split rows need one record; these files hold ${count(records.length)}. Use fractions instead.`,
    )
  const ordered = ends.length === 3 && ends.every((end, i) => Number.isInteger(end) && end >= (i === 0 ? 1 : ends[i - 1]))
  if (!ordered)
    throw new StrandError(
      'bad-input',
      'Split rows are three growing whole numbers, the ends of train, validation and test: for example 8640, 11520, 14400.',
    )
  if (ends[2] > records[0].length)
    throw new StrandError(
      'bad-input',
      `The split ends at ${unit} ${count(ends[2])}, but the file has ${count(records[0].length)}. Lower the last number.`,
    )
  const unused = records[0].length - ends[2]
  const tail = unused > 0 ? ` The last ${count(unused)} ${unit}s are unused.` : ''
  return { rule: `Cut at ${unit}s ${ends.map(count).join(', ')}: train, validation, test, in this order.${tail}`, records: [cuts(ends)] }
}

/** Fisher-Yates with the counter generator. */
function shuffled(n: number): number[] {
  const order = Array.from({ length: n }, (_, i) => i)
  for (let i = n - 1; i > 0; i--) {
    const j = randomBelow(SHUFFLE_SEED, i, 0, 0, i + 1)
    ;[order[i], order[j]] = [order[j], order[i]]
  }
  return order
}
