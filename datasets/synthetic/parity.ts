import { z } from 'zod'
import { between, blank, counts, lengthList, lengths, type TokenTask } from './task.ts'

const schema = z
  .strictObject({
    min_length: z.int().min(1).max(4096).default(3).describe('Shortest training record, in bits'),
    max_length: z.int().min(1).max(4096).default(40).describe('Longest training record; validation records are all this long'),
    test_lengths: lengths('40,80,160,256').describe('Lengths of the test records, each equally often'),
    labels: z.enum(['each', 'last']).default('each').describe('Where an answer is asked for: after each bit, or only after the last'),
    ...counts(50_000, 1000, 2000),
  })
  .refine(({ min_length, max_length }) => min_length <= max_length, { message: 'min_length is above max_length', path: ['min_length'] })

/** Is the number of ones so far odd? The answer after bit t is bit 1 xor … xor bit t. */
export const parity: TokenTask<z.infer<typeof schema>> = {
  kind: 'tokens',
  id: 'parity',
  title: 'Parity',
  description: 'Bits; after each one, whether the ones so far are odd in number. Tested on records longer than any trained on.',
  citation: 'Delétang et al. 2023, arXiv:2207.02098; lengths of Beck et al. 2024 (xLSTM), arXiv:2405.04517, appendix D',
  domain: 'text',
  schema,
  symbols: () => ['0', '1'],
  record({ min_length, max_length, test_lengths, labels }, split, index, random) {
    const all = lengthList(test_lengths)
    const length =
      split === 'test' ? all[index % all.length] : split === 'validation' ? max_length : between(random, min_length, max_length)
    const record = blank(length)
    let odd = 0
    for (let t = 0; t < length; t++) {
      record.tokens[t] = random.uint32() & 1
      odd ^= record.tokens[t]
      if (labels === 'each' || t === length - 1) record.targets[t] = odd
    }
    return record
  },
}
