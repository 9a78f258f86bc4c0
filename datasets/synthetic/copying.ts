import { z } from 'zod'
import { between, blank, counts, type TokenTask } from './task.ts'

const schema = z.strictObject({
  items: z.int().min(1).max(4096).default(10).describe('Items at the start, to be written again at the end'),
  lag: z.int().min(0).max(65_536).default(100).describe('Blanks between (Arjovsky et al.: 100 to 1000)'),
  vocab: z.int().min(3).max(8192).default(10).describe('Symbols: the blank, the request to write, and the items'),
  ...counts(50_000, 1000, 2000),
})

/** Items, a lag of blanks, then a request for each item, answered in order. */
export const copying: TokenTask<z.infer<typeof schema>> = {
  kind: 'tokens',
  id: 'copying',
  title: 'Copying',
  description: 'Some items, a long blank, and the items again in their order.',
  citation: 'Hochreiter & Schmidhuber 1997; sizes of Arjovsky et al. 2016, arXiv:1511.06464, section 5.1',
  domain: 'text',
  schema,
  symbols: ({ vocab }) => ['.', ...Array.from({ length: vocab - 2 }, (_, i) => `i${i + 1}`), '>'],
  record({ items, lag, vocab }, _split, _index, random) {
    const record = blank(items + lag + items)
    for (let k = 0; k < items; k++) {
      const item = between(random, 1, vocab - 2)
      record.tokens[k] = item
      record.tokens[items + lag + k] = vocab - 1
      record.targets[items + lag + k] = item
    }
    return record
  },
}
