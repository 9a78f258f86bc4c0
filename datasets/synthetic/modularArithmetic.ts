import { z } from 'zod'
import { between, blank, counts, lengthList, lengths, type TokenTask } from './task.ts'

const schema = z
  .strictObject({
    modulus: z.int().min(2).max(100).default(5).describe('Numbers are 0 to modulus - 1'),
    min_operands: z.int().min(1).max(2048).default(2).describe('Fewest numbers in a training record'),
    max_operands: z.int().min(1).max(2048).default(20).describe('Most numbers in a training record; validation records all have as many'),
    test_operands: lengths('20,40,80,128').describe('Numbers in the test records, each equally often'),
    labels: z
      .enum(['each', 'last'])
      .default('last')
      .describe('Where an answer is asked for: at the equals sign alone, or also after each number, the value so far'),
    multiply: z.boolean().default(true).describe('With × beside + and −; it binds first'),
    ...counts(50_000, 1000, 2000),
  })
  .refine(({ min_operands, max_operands }) => min_operands <= max_operands, {
    message: 'min_operands is above max_operands',
    path: ['min_operands'],
  })

/** a op b op c … =; at the equals sign the answer is the value modulo `modulus`, × before + and −. */
export const modularArithmetic: TokenTask<z.infer<typeof schema>> = {
  kind: 'tokens',
  id: 'modular-arithmetic',
  title: 'Modular arithmetic',
  description:
    'A sum of numbers with +, − and ×; its value modulo 5 is asked for at the equals sign. Tested on longer sums than any trained on.',
  citation: 'Delétang et al. 2023, arXiv:2207.02098, appendix A (without brackets)',
  domain: 'text',
  schema,
  symbols: ({ modulus }) => [...Array.from({ length: modulus }, (_, i) => String(i)), '+', '-', '*', '='],
  record({ modulus, min_operands, max_operands, test_operands, labels, multiply }, split, index, random) {
    const all = lengthList(test_operands)
    const operands =
      split === 'test' ? all[index % all.length] : split === 'validation' ? max_operands : between(random, min_operands, max_operands)
    const record = blank(2 * operands)
    // finished terms, and the product that is still growing, with its sign
    let [sum, product] = [0, 0]
    const value = (): number => (((sum + product) % modulus) + modulus) % modulus
    for (let k = 0; k < operands; k++) {
      const number = between(random, 0, modulus - 1)
      const operator = k === 0 ? 0 : between(random, 0, multiply ? 2 : 1)
      if (k > 0) record.tokens[2 * k - 1] = modulus + operator
      record.tokens[2 * k] = number
      if (operator === 2) product = (product * number) % modulus
      else {
        sum += product
        product = operator === 1 ? -number : number
      }
      if (labels === 'each') record.targets[2 * k] = value()
    }
    record.tokens[2 * operands - 1] = modulus + 3
    record.targets[2 * operands - 1] = value()
    return record
  },
}
