import { z } from 'zod'
import { between, blank, counts, lengthList, lengths, type TokenTask } from './task.ts'

const schema = z.strictObject({
  length: z.int().min(4).max(65_536).default(256).describe('Length of training and validation records'),
  test_lengths: lengths('256,512,1024,4096').describe('Lengths of the test records, each equally often'),
  vocab: z.int().min(3).max(8192).default(16).describe('Symbols, the trigger included'),
  ...counts(50_000, 1000, 1000),
})

/** A trigger stands once among random symbols; when it comes again at the end, the answer is what followed it the first time. */
export const inductionHeads: TokenTask<z.infer<typeof schema>> = {
  kind: 'tokens',
  id: 'induction-heads',
  title: 'Induction heads',
  description:
    'A trigger among random symbols, and again at the end: the answer is the symbol that followed it. Tested far beyond the trained length.',
  citation: 'Olsson et al. 2022, arXiv:2209.11895; as in Gu & Dao 2023 (Mamba), arXiv:2312.00752, section 4.1.2',
  domain: 'text',
  schema,
  symbols: ({ vocab }) => [...Array.from({ length: vocab - 1 }, (_, i) => `s${i}`), '!'],
  record({ length: trained, test_lengths, vocab }, split, index, random) {
    const all = lengthList(test_lengths)
    const length = split === 'test' ? Math.max(4, all[index % all.length]) : trained
    const trigger = vocab - 1
    const record = blank(length)
    for (let t = 0; t < length - 1; t++) record.tokens[t] = between(random, 0, trigger - 1)
    const place = between(random, 0, length - 3)
    record.tokens[place] = trigger
    record.tokens[length - 1] = trigger
    record.targets[length - 1] = record.tokens[place + 1]
    return record
  },
}
