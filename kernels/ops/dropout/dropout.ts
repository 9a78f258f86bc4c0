import { philox } from '../../random/philox.ts'
import { at, elements, expectType, f32, set } from '../../tensor/tensor.ts'
import { HYPER, HYPER_COLUMNS } from '../adamw/adamw.ts'
import { type Attributes, defineOp, num, requireShape } from '../op.ts'

/** Third word of the counter, so that no other use of Philox with this seed meets the same numbers. */
export const DROPOUT_DOMAIN = 0x64726f70

/** The seed as the two words of the key, and the random word below which an element is dropped. */
export const dropoutWords = (attrs: Attributes): { seed: [low: number, high: number]; threshold: number; scale: number } => ({
  seed: [num(attrs, 'seed') >>> 0, Math.floor(num(attrs, 'seed') / 2 ** 32) >>> 0],
  threshold: Math.min(2 ** 32 - 1, Math.round(num(attrs, 'rate') * 2 ** 32)),
  scale: 1 / (1 - num(attrs, 'rate')),
})

const testCase = (rows: number, cols: number, rate: number, stream: number, seed: number, step: number) => ({
  inputs: [f32(rows, cols), f32(1, HYPER_COLUMNS)],
  attrs: { rate, stream, seed },
  range: [
    [0.5, 1],
    [step, step],
  ] as const,
})

/**
 * Dropout (Srivastava et al. 2014): each element is zero with probability `rate`, else divided by 1 − rate. Element (r, c) is judged by
 * word c mod 4 of Philox4x32-10 under the key `seed` and the counter (r · ⌈C / 4⌉ + ⌊c / 4⌋, step, DROPOUT_DOMAIN, stream), so the mask is
 * a function of seed, step, stream and place alone: it is never stored, the gradient draws it again, and every backend has the same.
 * x, y (R, C) · hyper (1, 8), of which the step is read. attrs rate 0 … < 1, seed below 2^53, stream, one number for each place in a model.
 */
export const dropout = defineOp({
  name: 'dropout',
  inputs: ['x', 'hyper'],
  outputs: ['y'],
  mayOverwrite: { 0: 0 },
  infer([x, hyper], attrs) {
    expectType('dropout: hyper', hyper, f32(1, HYPER_COLUMNS))
    requireShape(num(attrs, 'rate') >= 0 && num(attrs, 'rate') < 1, `dropout: rate ${num(attrs, 'rate')} is not in 0 … 1`)
    return [x]
  },
  reference([x, hyper], [y], attrs) {
    const { seed, threshold, scale } = dropoutWords(attrs)
    const words = new Uint32Array(4)
    const blocks = Math.ceil(x.cols / 4)
    for (let r = 0; r < x.rows; r++)
      for (let c = 0; c < x.cols; c++) {
        if (c % 4 === 0) philox(seed[0], seed[1], r * blocks + c / 4, at(hyper, 0, HYPER.step), DROPOUT_DOMAIN, num(attrs, 'stream'), words)
        set(y, r, c, words[c % 4] < threshold ? 0 : at(x, r, c) * scale)
      }
  },
  gradient: (builder, { inputs: [, hyper], attrs }, [dy]) => (dy ? [builder.one('dropout', [dy, hyper], attrs)] : []),
  cost: ([x]) => ({ flops: 25 * elements(x) }),
  tolerance: 1e-6,
  cases: [
    testCase(1, 1, 0.25, 0, 1, 0),
    testCase(63, 65, 0.1, 3, 7, 12),
    testCase(65, 64, 0.5, 70000, 2 ** 40 + 5, 100_001),
    testCase(5, 38, 0, 1, 2, 3),
  ],
})
