import { z } from 'zod'
import type { Domain, Split } from '../../main/contract/dataset.ts'
import type { RandomStream } from '../../kernels/random/philox.ts'

/** Marks a position that asks for nothing. */
export const NOT_SCORED = -1

/** One sequence of ids and, at each position, the id to answer there or NOT_SCORED. */
export interface TokenRecord {
  tokens: Int16Array
  targets: Int16Array
}

interface TaskBase<Options> {
  readonly id: string
  readonly title: string
  /** What is shown and what must be answered, in one sentence. */
  readonly description: string
  /** Who defined it and where. */
  readonly citation: string
  readonly domain: Domain
  /** Options with ranges, defaults and help; form, command line and docs are made from it. Always holds train, validation and test: records of each. */
  readonly schema: z.ZodType<Options>
  /** Throws a sentence if the options do not go together. */
  check?(options: Options): void
}

/** Ids with an answer at some positions. `record` depends on its arguments alone; `random` is a stream of this record's own. */
export interface TokenTask<Options> extends TaskBase<Options> {
  readonly kind: 'tokens'
  /** The word for each id, without blanks. */
  symbols(options: Options): string[]
  record(options: Options, split: Split, index: number, random: RandomStream): TokenRecord
}

/** Rows of numbers to forecast; one record in time, split by time in the parts that train, validation and test say. */
export interface SeriesTask<Options> extends TaskBase<Options> {
  readonly kind: 'series'
  readonly domain: 'timeseries'
  channels(options: Options): string[]
  /** Rows (float32, channels in order) in pieces. */
  rows(options: Options, count: number, random: RandomStream): Generator<Float32Array>
}

/** DNA with a class. */
export interface SequenceTask<Options> extends TaskBase<Options> {
  readonly kind: 'sequences'
  readonly domain: 'genomics'
  readonly classes: readonly string[]
  record(options: Options, split: Split, index: number, random: RandomStream): { letters: Uint8Array; label: string }
}

export type TaskOptions = Record<string, number | string | boolean>
export type Counts = { train: number; validation: number; test: number }
export type SyntheticTask = TokenTask<TaskOptions & Counts> | SeriesTask<TaskOptions & Counts> | SequenceTask<TaskOptions & Counts>

const most = 2_000_000

/** Records of each split, for the schemas. */
export const counts = (train: number, validation: number, test: number, unit = 'Records') => ({
  train: z.int().min(1).max(most).default(train).describe(`${unit} to train on`),
  validation: z.int().min(1).max(most).default(validation).describe(`${unit} to validate on`),
  test: z.int().min(1).max(most).default(test).describe(`${unit} to test on`),
})

/** A whole number in [low, high]. */
export const between = (random: RandomStream, low: number, high: number): number => low + Math.floor(random.uniform() * (high - low + 1))

/** `count` different whole numbers in [0, limit), in random order (Floyd's algorithm, then shuffled). */
export function distinct(random: RandomStream, limit: number, count: number): number[] {
  const chosen = new Set<number>()
  for (let j = limit - count; j < limit; j++) {
    const candidate = between(random, 0, j)
    chosen.add(chosen.has(candidate) ? j : candidate)
  }
  const all = [...chosen]
  for (let i = all.length - 1; i > 0; i--) {
    const j = between(random, 0, i)
    ;[all[i], all[j]] = [all[j], all[i]]
  }
  return all
}

/** "40, 80, 160" → the numbers; a test set walks through them, so that each length is scored equally often. */
export function lengthList(text: string): number[] {
  return text.split(',').map((part) => Number(part.trim()))
}

export const lengths = (example: string) =>
  z
    .string()
    .default(example)
    .refine(
      (text) => lengthList(text).every((n) => Number.isInteger(n) && n >= 1 && n <= 65_536),
      'must be whole numbers with commas between',
    )

/** A record in which nothing is scored yet. */
export function blank(length: number, fill = 0): TokenRecord {
  return { tokens: new Int16Array(length).fill(fill), targets: new Int16Array(length).fill(NOT_SCORED) }
}
