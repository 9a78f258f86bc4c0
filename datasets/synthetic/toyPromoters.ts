import { z } from 'zod'
import type { RandomStream } from '../../kernels/random/philox.ts'
import { between, counts, type SequenceTask } from './task.ts'

const schema = z.strictObject({
  length: z.int().min(60).max(65_536).default(81).describe('Bases of a record'),
  mutation: z.number().min(0).max(1).default(0.1).describe('Chance that a base of a box differs from the consensus'),
  gc: z.number().min(0.05).max(0.95).default(0.5).describe('Share of G and C in the background, the same in both classes'),
  ...counts(4000, 500, 1000),
})

const MINUS_35 = 'TTGACA'
const MINUS_10 = 'TATAAT'
/** Bases between the boxes, and how often: 17 is the consensus. */
const SPACERS = [16, 17, 17, 17, 18]

/**
 * Random DNA; a promoter holds the −35 and −10 boxes of σ70 in this order at a spacing of 16 to 18 bases, at a random place; the background
 * holds the same boxes in the other order, so that neither composition nor the boxes alone tell the classes apart.
 */
export const toyPromoters: SequenceTask<z.infer<typeof schema>> = {
  kind: 'sequences',
  id: 'toy-promoters',
  title: 'Toy promoters',
  description: 'DNA with the two boxes of a bacterial promoter in their order, or the other way round; which of the two is the label.',
  citation: 'Consensus and spacing of Harley & Reynolds 1987, Nucleic Acids Research 15:2343; own definition, 2026',
  domain: 'genomics',
  classes: ['background', 'promoter'],
  schema,
  record({ length, mutation, gc }, _split, index, random) {
    const letters = Uint8Array.from({ length }, () => base(random, gc))
    const promoter = index % 2 === 1
    const spacer = SPACERS[between(random, 0, SPACERS.length - 1)]
    const whole = MINUS_35.length + spacer + MINUS_10.length
    const place = between(random, 0, length - whole)
    const [first, second] = promoter ? [MINUS_35, MINUS_10] : [MINUS_10, MINUS_35]
    plant(letters, first, place, mutation, random)
    plant(letters, second, place + MINUS_35.length + spacer, mutation, random)
    return { letters, label: promoter ? 'promoter' : 'background' }
  },
}

const base = (random: RandomStream, gc: number): number => (random.uniform() < gc ? 'GC' : 'AT').charCodeAt(random.uniform() < 0.5 ? 0 : 1)

function plant(letters: Uint8Array, box: string, at: number, mutation: number, random: RandomStream): void {
  for (let i = 0; i < box.length; i++) if (random.uniform() >= mutation) letters[at + i] = box.charCodeAt(i)
}
