import { expect, test } from 'vitest'
import { bytesText, compact, counted, percent, scientific, score, share, thousands } from './numbers.ts'

test('thousands are grouped and minus is a minus sign', () => {
  expect([0, 999, 1000, 48_502, 1_115_394, -1234.4].map(thousands)).toEqual(['0', '999', '1,000', '48,502', '1,115,394', '\u22121,234'])
})

test('compact numbers keep three figures and never round up to 1000 of a unit', () => {
  expect([7, 999, 1000, 12_940, 99_949, 211_104, 999_499, 999_500, 6_200_000].map((n) => compact(n).join(' ').trim())).toEqual([
    '7',
    '999',
    '1.0 k',
    '12.9 k',
    '99.9 k',
    '211 k',
    '999 k',
    '1.0 M',
    '6.2 M',
  ])
})

test('bytes, scores, rates and shares are written as the interface writes them', () => {
  expect([999, 15_240, 847_000, 999_500, 4_800_000_000].map(bytesText)).toEqual(['999 bytes', '15 KB', '847 KB', '1.0 MB', '4.8 GB'])
  expect([1.6524, 0.386, 123.456, NaN, null, undefined].map((n) => score(n))).toEqual(['1.652', '0.386', '123.5', 'NaN', '–', '–'])
  expect([0.003, 0.00087, 0.1, 1, 0, 3e-8].map((n) => scientific(n))).toEqual(['3e-3', '8.7e-4', '0.1', '1', '0', '3e-8'])
  expect([percent(0.4986, 1), percent(-0.33)]).toEqual(['49.9 %', '\u221233 %'])
  expect([share(0.5), share(2), share(-1)]).toEqual(['50.00%', '100.00%', '0.00%'])
  expect([counted(1, 'record'), counted(3000, 'clip')]).toEqual(['1 record', '3,000 clips'])
})
