import { z } from 'zod'
import type { RandomStream } from '../../kernels/random/philox.ts'
import { between, counts, NOT_SCORED, type TokenTask } from './task.ts'

const schema = z
  .strictObject({
    min_length: z.int().min(1).max(60_000).default(500).describe('Records are longer than this, in symbols (LRA: 500)'),
    max_length: z.int().min(10).max(65_536).default(2000).describe('Records are shorter than this (LRA: 2000)'),
    max_depth: z.int().min(2).max(30).default(10).describe('Deepest nesting (LRA: 10)'),
    max_args: z.int().min(2).max(30).default(10).describe('Most arguments of an operator (LRA: 10)'),
    // LRA trains on 96,000; some 400 MB here
    ...counts(10_000, 2000, 2000),
  })
  .refine(({ min_length, max_length }) => min_length + 1 < max_length, { message: 'no length lies between', path: ['min_length'] })
  .refine(({ min_length, max_depth, max_args }) => max_args ** (max_depth - 1) > min_length, {
    message: 'no expression of this depth is so long',
    path: ['min_length'],
  })

const OPERATORS = ['[MIN', '[MAX', '[MED', '[SM'] as const
const END = OPERATORS.length
const DIGIT = END + 1
/** How often an argument is itself a list. */
const LIST_SHARE = 0.25

/** Nested lists of digits under MIN, MAX, MED and SM (sum modulo 10); at the last bracket the answer is the value. */
export const listOps: TokenTask<z.infer<typeof schema>> = {
  kind: 'tokens',
  id: 'listops',
  title: 'ListOps',
  description: 'Nested lists of digits under minimum, maximum, median and sum modulo 10; the value of the whole is asked for at its end.',
  citation:
    'Nangia & Bowman 2018, arXiv:1804.06028; as in Long Range Arena, Tay et al. 2021, arXiv:2011.04006, section 2.2.1 (96,000 / 2,000 / 2,000 records)',
  domain: 'text',
  schema,
  symbols: () => [...OPERATORS, ']', ...Array.from({ length: 10 }, (_, digit) => String(digit))],
  record({ min_length, max_length, max_depth, max_args }, _split, _index, random) {
    for (;;) {
      const tokens: number[] = []
      const value = expression(random, 1, { max_depth, max_args, max_length }, tokens)
      if (value === null || tokens.length <= min_length) continue
      const targets = new Int16Array(tokens.length).fill(NOT_SCORED)
      targets[tokens.length - 1] = DIGIT + value
      return { tokens: Int16Array.from(tokens), targets }
    }
  },
}

/** Writes one random expression; answers its value, or null once it is too long. */
function expression(
  random: RandomStream,
  depth: number,
  limits: { max_depth: number; max_args: number; max_length: number },
  tokens: number[],
): number | null {
  if (tokens.length >= limits.max_length) return null
  if (depth >= limits.max_depth || random.uniform() > LIST_SHARE) {
    const digit = between(random, 0, 9)
    tokens.push(DIGIT + digit)
    return tokens.length < limits.max_length ? digit : null
  }
  const operator = between(random, 0, OPERATORS.length - 1)
  tokens.push(operator)
  const values: number[] = []
  for (let n = between(random, 2, limits.max_args); n > 0; n--) {
    const value = expression(random, depth + 1, limits, tokens)
    if (value === null) return null
    values.push(value)
  }
  tokens.push(END)
  return tokens.length < limits.max_length ? apply(operator, values) : null
}

function apply(operator: number, values: number[]): number {
  if (operator === 0) return Math.min(...values)
  if (operator === 1) return Math.max(...values)
  if (operator === 3) return values.reduce((a, b) => a + b) % 10
  // of an even number the mean of the middle two, rounded down
  const sorted = values.sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle] : Math.floor((sorted[middle - 1] + sorted[middle]) / 2)
}
