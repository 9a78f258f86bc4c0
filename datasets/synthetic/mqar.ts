import { z } from 'zod'
import type { RandomStream } from '../../kernels/random/philox.ts'
import { between, blank, counts, distinct, type TokenTask } from './task.ts'

const schema = z
  .strictObject({
    length: z.int().min(4).max(65_536).default(64).describe('Length of a record (Zoology: 64 to 512)'),
    pairs: z.int().min(1).max(4096).default(4).describe('Key and value pairs at its start, each asked for once (Zoology: 4 to 64)'),
    vocab: z.int().min(8).max(16_384).default(8192).describe('Symbols: one half are keys, the other values'),
    power_a: z.number().min(0.001).max(1).default(0.01).describe('Distance of the questions follows the power law g^(a - 1); 1 is uniform'),
    random_non_queries: z.boolean().default(true).describe('Positions between questions hold random symbols, otherwise symbol 0'),
    ...counts(20_000, 1000, 1000),
  })
  .refine(({ length, pairs }) => length % 2 === 0 && 4 * pairs <= length, {
    message: 'length must be even and at least 4 × pairs',
    path: ['pairs'],
  })
  .refine(({ length, vocab }) => vocab > length, { message: 'vocab must be above length', path: ['vocab'] })
  .refine(({ pairs, vocab }) => pairs <= Math.floor(vocab / 2) - 1, { message: 'more pairs than keys', path: ['pairs'] })

type Options = z.infer<typeof schema>

/** Key-value pairs, then each key again at a power-law distance; at a key the answer is its value. */
export const mqar: TokenTask<Options> = {
  kind: 'tokens',
  id: 'mqar',
  title: 'Multi-query associative recall',
  description: 'Pairs of a key and a value; later each key comes again, and the answer there is its value.',
  citation: 'Arora et al. 2024 (Zoology), arXiv:2312.04927, section 4 and appendix; figure 2 for the sizes',
  domain: 'text',
  schema,
  symbols: ({ vocab }) => {
    const half = Math.floor(vocab / 2)
    return Array.from({ length: vocab }, (_, id) => (id === 0 ? '.' : id < half ? `k${id}` : `v${id - half}`))
  },
  record({ length, pairs, vocab, power_a, random_non_queries }, _split, _index, random) {
    const half = Math.floor(vocab / 2)
    const keys = distinct(random, half - 1, pairs).map((k) => k + 1)
    const values = distinct(random, vocab - half, pairs).map((v) => v + half)
    const record = blank(length)
    keys.forEach((key, i) => record.tokens.set([key, values[i]], 2 * i))
    const asked = new Set<number>()
    powerLaw(random, (length - 2 * pairs) / 2, pairs, power_a).forEach((gap, i) => {
      const place = 2 * pairs + 2 * gap
      asked.add(place)
      record.tokens[place] = keys[i]
      record.targets[place] = values[i]
    })
    if (random_non_queries) for (let t = 2 * pairs; t < length; t++) if (!asked.has(t)) record.tokens[t] = between(random, 0, vocab - 1)
    return record
  },
}

/**
 * `count` different gaps in [0, space), drawn one after the other with weights (gap + 1)^(a - 1): the smallest of Exponential / weight
 * have that law (Efraimidis & Spirakis 2006).
 */
function powerLaw(random: RandomStream, space: number, count: number, a: number): number[] {
  const arrivals = Array.from({ length: space }, (_, gap) => ({ gap, at: -Math.log(1 - random.uniform()) * (gap + 1) ** (1 - a) }))
  return arrivals
    .sort((x, y) => x.at - y.at)
    .slice(0, count)
    .map(({ gap }) => gap)
}
