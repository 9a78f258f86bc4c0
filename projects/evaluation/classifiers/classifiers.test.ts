import { expect, test } from 'vitest'
import { countsOf, NaiveBayes } from './naiveBayes.ts'
import { Nearest, resampled } from './nearest.ts'
import { OneHotRidge } from './ridge.ts'

test('naive Bayes: the worked example of Manning, Raghavan & Schütze (2008), example 13.1', () => {
  const documents = ['Chinese Beijing Chinese', 'Chinese Chinese Shanghai', 'Chinese Macao', 'Tokyo Japan Chinese']
  const model = new NaiveBayes(
    2,
    documents.map((text, i) => ({ label: i < 3 ? 0 : 1, counts: countsOf(text.split(' ')) })),
  )
  // log p of "Chinese" ×3, Tokyo, Japan: 0.0003 for China, 0.0001 for not
  expect(model.predict(countsOf('Chinese Chinese Chinese Tokyo Japan'.split(' ')))).toBe(0)
  expect(model.predict(countsOf('Tokyo Japan Japan unseen'.split(' ')))).toBe(1)
})

test('ridge: one feature decides, the others are noise; with one feature the weight is the closed form', () => {
  const train = Array.from({ length: 200 }, (_, i) => ({ label: i % 3, ones: [i % 3, 3 + ((i * 7) % 5)] }))
  const model = new OneHotRidge(3, 8, train)
  for (const { label, ones } of train) expect(model.predict(ones)).toBe(label)
  // x is 1 in half of 8 records, y follows it in 3 of 4: slope cov / (var + λ/n) = (0.125 · 8) / (2 + 1)
  const single = new OneHotRidge(
    2,
    1,
    [1, 1, 1, 0, 1, 0, 0, 0].map((label, i) => ({ label, ones: i < 4 ? [0] : [] })),
  )
  const { weights, bias } = single as unknown as { weights: Float64Array; bias: Float64Array }
  expect(weights[1]).toBeCloseTo(1 / 3, 12)
  expect(bias[1]).toBeCloseTo(0.5 - 0.5 / 3, 12)
})

test('nearest neighbour, and records of another length read at the same places', () => {
  const model = new Nearest(Float32Array.of(0, 0, 4, 4, 0, 5), 2, [0, 1, 2])
  expect([model.predict(Float32Array.of(1, 1)), model.predict(Float32Array.of(3, 4)), model.predict(Float32Array.of(0, 4))]).toEqual([
    0, 1, 2,
  ])
  expect([...resampled(Float32Array.of(0, 10, 2, 20, 4, 30), 2, 5)]).toEqual([0, 10, 1, 15, 2, 20, 3, 25, 4, 30])
  expect([...resampled(Float32Array.of(7), 1, 3)]).toEqual([7, 7, 7])
})
