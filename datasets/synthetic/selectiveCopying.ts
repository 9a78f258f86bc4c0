import { z } from 'zod'
import { between, blank, counts, distinct, type TokenTask } from './task.ts'

const schema = z
  .strictObject({
    length: z.int().min(1).max(65_536).default(256).describe('Positions among which the items are scattered (Mamba: 4096)'),
    items: z.int().min(1).max(4096).default(16).describe('Items to remember and write at the end, in order'),
    vocab: z.int().min(3).max(8192).default(16).describe('Symbols: the noise, the request to write, and the items'),
    ...counts(50_000, 1000, 2000),
  })
  .refine(({ length, items }) => items <= length, { message: 'more items than positions', path: ['items'] })

const NOISE = 0

/** Items at random places among noise; then a request for each, answered in order. Positions vary, so no fixed filter solves it. */
export const selectiveCopying: TokenTask<z.infer<typeof schema>> = {
  kind: 'tokens',
  id: 'selective-copying',
  title: 'Selective copying',
  description:
    'Items scattered among noise, to be written in order at the end. Their places change, so the model must choose what to keep.',
  citation: 'Gu & Dao 2023 (Mamba), arXiv:2312.00752, section 4.1.1',
  domain: 'text',
  schema,
  symbols: ({ vocab }) => ['.', ...Array.from({ length: vocab - 2 }, (_, i) => `i${i + 1}`), '>'],
  record({ length, items, vocab }, _split, _index, random) {
    const record = blank(length + items, NOISE)
    const places = distinct(random, length, items).sort((a, b) => a - b)
    places.forEach((place, k) => {
      const item = between(random, 1, vocab - 2)
      record.tokens[place] = item
      record.tokens[length + k] = vocab - 1
      record.targets[length + k] = item
    })
    return record
  },
}
