import { z } from 'zod'
import { between, blank, counts, lengthList, lengths, type TokenTask } from './task.ts'

const schema = z
  .strictObject({
    positions: z.int().min(2).max(1000).default(5).describe('Places of the cycle'),
    min_length: z.int().min(1).max(4096).default(3).describe('Shortest training record, in moves'),
    max_length: z.int().min(1).max(4096).default(40).describe('Longest training record; validation records are all this long'),
    test_lengths: lengths('40,80,160,256').describe('Lengths of the test records, each equally often'),
    labels: z.enum(['each', 'last']).default('each').describe('Where an answer is asked for: after each move, or only after the last'),
    ...counts(50_000, 1000, 2000),
  })
  .refine(({ min_length, max_length }) => min_length <= max_length, { message: 'min_length is above max_length', path: ['min_length'] })

const MOVES = [0, 1, -1]

/** Moves on a cycle: stay, forward, back. The answer is the place, starting from place 0. */
export const cycleNavigation: TokenTask<z.infer<typeof schema>> = {
  kind: 'tokens',
  id: 'cycle-navigation',
  title: 'Cycle navigation',
  description: 'Moves on a ring of places; the answer is where they have led. Tested on records longer than any trained on.',
  citation: 'Delétang et al. 2023, arXiv:2207.02098, appendix A',
  domain: 'text',
  schema,
  symbols: ({ positions }) => ['=', '+', '-', ...Array.from({ length: positions }, (_, i) => `p${i}`)],
  record({ positions, min_length, max_length, test_lengths, labels }, split, index, random) {
    const all = lengthList(test_lengths)
    const length =
      split === 'test' ? all[index % all.length] : split === 'validation' ? max_length : between(random, min_length, max_length)
    const record = blank(length)
    let place = 0
    for (let t = 0; t < length; t++) {
      record.tokens[t] = between(random, 0, 2)
      place = (place + MOVES[record.tokens[t]] + positions) % positions
      if (labels === 'each' || t === length - 1) record.targets[t] = MOVES.length + place
    }
    return record
  },
}
