import { expect, test } from 'vitest'
import { confusionOf, scoresOf, wilson } from './confusion.ts'

test("Wilson's interval is the published one, and stays within 0 and 1", () => {
  // Newcombe 1998, Statistics in Medicine 17, table I, method 3
  const rounded = (right: number, n: number): number[] => {
    const { low, high } = wilson(right, n)
    return [low, high].map((x) => +x.toFixed(4))
  }
  expect(rounded(81, 263)).toEqual([0.2553, 0.3662])
  expect(rounded(15, 148)).toEqual([0.0624, 0.1605])
  expect(rounded(0, 20)).toEqual([0, 0.1611])
  expect(rounded(1, 29)).toEqual([0.0061, 0.1718])
  expect(wilson(29, 29).high).toBeCloseTo(1, 12)
})

test('precision, recall, F1 and correlation of a confusion matrix, by hand', () => {
  const truth = [0, 0, 0, 0, 1, 1, 1, 2, 2, 2]
  const said = [0, 0, 0, 1, 1, 1, 0, 2, 2, 1]
  const confusion = confusionOf(3, truth, said)
  expect(confusion).toEqual([
    [3, 1, 0],
    [1, 2, 0],
    [0, 1, 2],
  ])
  const { perClass, macroF1, mcc } = scoresOf(confusion)
  expect(perClass.map(({ precision, recall, records }) => [precision, recall, records])).toEqual([
    [3 / 4, 3 / 4, 4],
    [2 / 4, 2 / 3, 3],
    [1, 2 / 3, 3],
  ])
  expect(macroF1).toBeCloseTo((0.75 + 4 / 7 + 0.8) / 3, 12)
  // R_K = (7·10 − (4·4 + 4·3 + 2·3)) / √((100 − 36)(100 − 34))
  expect(mcc).toBeCloseTo(36 / Math.sqrt(64 * 66), 12)
})

test('two classes: the correlation is Matthews’; a class the split does not hold leaves the mean F1 alone; nothing is NaN', () => {
  const { mcc } = scoresOf([
    [90, 10],
    [5, 45],
  ])
  expect(mcc).toBeCloseTo((90 * 45 - 10 * 5) / Math.sqrt(95 * 100 * 55 * 50), 12)
  const absent = scoresOf([
    [4, 0, 0],
    [0, 3, 1],
    [0, 0, 0],
  ])
  expect(absent.macroF1).toBeCloseTo((1 + 6 / 7) / 2, 12)
  expect(
    scoresOf([
      [5, 0],
      [0, 0],
    ]),
  ).toMatchObject({ macroF1: 1, mcc: 0 })
})
