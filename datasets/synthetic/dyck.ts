import { z } from 'zod'
import { between, blank, counts, lengthList, lengths, type TokenTask } from './task.ts'

const schema = z.strictObject({
  kinds: z.int().min(1).max(1000).default(2).describe('Kinds of brackets, k'),
  depth: z.int().min(1).max(1000).default(5).describe('Deepest nesting, m'),
  max_length: z
    .int()
    .min(2)
    .max(4096)
    .multipleOf(2)
    .default(84)
    .describe('Longest training record, even; validation records are all this long'),
  test_lengths: lengths('84,180,360').describe('Lengths of the test records, each equally often'),
  ...counts(50_000, 1000, 2000),
})

/**
 * Balanced brackets. At each position the answer is the bracket that closes the innermost open one, or "." where none is open: the
 * part of the next symbol that is not chance.
 */
export const dyck: TokenTask<z.infer<typeof schema>> = {
  kind: 'tokens',
  id: 'dyck',
  title: 'Dyck brackets',
  description: 'Nested brackets of several kinds; at each position, which one would close the innermost open bracket.',
  citation: 'Hewitt et al. 2020 (Dyck-(k, m)), arXiv:2010.07515; lengths of section 5, answers as in Suzgun et al. 2019, arXiv:1911.03329',
  domain: 'text',
  schema,
  symbols: ({ kinds }) => [
    '.',
    ...Array.from({ length: kinds }, (_, i) => `(${i + 1}`),
    ...Array.from({ length: kinds }, (_, i) => `${i + 1})`),
  ],
  record({ kinds, depth, max_length, test_lengths }, split, index, random) {
    const all = lengthList(test_lengths)
    const wanted = split === 'test' ? all[index % all.length] : split === 'validation' ? max_length : 2 * between(random, 1, max_length / 2)
    const length = wanted + (wanted % 2)
    const record = blank(length)
    const open: number[] = []
    for (let t = 0; t < length; t++) {
      const left = length - t
      const opens = open.length === 0 || (open.length < depth && open.length < left && random.uniform() < 0.5)
      if (opens) open.push(between(random, 1, kinds))
      record.tokens[t] = opens ? open[open.length - 1] : kinds + open.pop()!
      record.targets[t] = open.length === 0 ? 0 : kinds + open[open.length - 1]
    }
    return record
  },
}
