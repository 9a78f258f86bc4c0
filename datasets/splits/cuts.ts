import type { Split } from '../../main/contract/dataset.ts'
import { StrandError } from '../errors.ts'
import { count } from '../importing/source.ts'
import type { PlannedRecord, RecordList, SplitPlan } from '../store/store.ts'

export const SPLITS = ['train', 'validation', 'test'] as const

export type Fractions = Readonly<Record<Split, number>>
export type Cut = { split: Split; start: number; stop: number }

/** Throws 'bad-input' unless the three lie between 0 and 1 and add up to 1. */
export function checkFractions(split: Fractions): Fractions {
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

/** "train 80 %, validation 10 %, test 10 %" */
export const percentText = (fractions: Fractions): string =>
  SPLITS.filter((split) => fractions[split] > 0)
    .map((split) => `${split} ${+(fractions[split] * 100).toFixed(1)} %`)
    .join(', ')

/** Train first, then validation, then test, by position within the record. */
export function cutByPosition(record: PlannedRecord, fractions: Fractions): Cut[] {
  // the small term keeps 0.9 × 10 from becoming 8.999…
  const trainEnd = Math.floor(record.length * fractions.train + 1e-9)
  const validationEnd = fractions.test === 0 ? record.length : Math.floor(record.length * (fractions.train + fractions.validation) + 1e-9)
  return cuts([fractions.validation + fractions.test === 0 ? record.length : trainEnd, validationEnd, record.length])
}

function cuts(ends: readonly number[]): Cut[] {
  return SPLITS.map((split, i) => ({ split, start: i === 0 ? 0 : ends[i - 1], stop: ends[i] })).filter(({ start, stop }) => stop > start)
}

/** Exact ends of train, validation and test in the one record, as published protocols on a series give them. */
export function cutAtRows(records: RecordList, ends: readonly number[], unit: string): SplitPlan {
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
  if (ends[2] > records.at(0)!.length)
    throw new StrandError(
      'bad-input',
      `The split ends at ${unit} ${count(ends[2])}, but the file has ${count(records.at(0)!.length)}. Lower the last number.`,
    )
  const unused = records.at(0)!.length - ends[2]
  const tail = unused > 0 ? ` The last ${count(unused)} ${unit}s are unused.` : ''
  return { rule: `Cut at ${unit}s ${ends.map(count).join(', ')}: train, validation, test, in this order.${tail}`, records: [cuts(ends)] }
}
