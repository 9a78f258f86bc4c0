import { describe, expect, it } from 'vitest'
import { sniffDialect } from './dialect.ts'
import { isMissing } from './numberWords.ts'
import { lastNumber, parseNumber } from './numberParser.ts'
import { parseTime, sniffTimeOrder, type TimeOrder } from './timeParser.ts'

const number = (text: string, decimal = '.'): number => parseNumber(Buffer.from(text, 'latin1'), 0, text.length, decimal.charCodeAt(0))
const time = (text: string, order: TimeOrder): string | number => {
  const ms = parseTime(Buffer.from(text, 'latin1'), 0, text.length, order)
  return Number.isFinite(ms) ? new Date(ms).toISOString() : ms
}

describe('numbers', () => {
  it('equal what JavaScript reads, to the last bit', () => {
    let x = 99
    const digit = (n: number): number => ((x = (Math.imul(x, 1_664_525) + 1_013_904_223) >>> 0) >>> 8) % n
    for (let i = 0; i < 20_000; i++) {
      let text = ['', '-', '+'][digit(3)]
      for (let k = digit(18) + 1; k > 0; k--) text += digit(10)
      if (digit(2)) text += `.${Array.from({ length: digit(18) }, () => digit(10)).join('')}`
      if (digit(3) === 0) text += `e${['', '-', '+'][digit(3)]}${digit(30)}`
      expect(number(text), text).toBe(Number(text))
    }
  })

  it.each([
    ['', 'missing'],
    ['  ', 'missing'],
    ['NA', 'missing'],
    ['NaN', 'missing'],
    ['?', 'missing'],
    ['-', 'missing'],
    ['inf', 'infinite'],
    ['-Infinity', 'infinite'],
    ['12a', 'not a number'],
    ['1.2.3', 'not a number'],
    ['1e', 'not a number'],
    ['0x10', 'not a number'],
  ])('%j is %s', (text, fault) => {
    expect(number(text)).toBeNaN()
    expect(lastNumber.fault).toBe(fault)
    expect(isMissing(text)).toBe(fault === 'missing')
  })

  it('take a decimal comma', () =>
    expect([number('-1,5', ','), number('123456789,123456789', ',')]).toEqual([-1.5, 123_456_789.123_456_789]))
})

describe('times', () => {
  it.each<[string, TimeOrder, string]>([
    ['2016-07-01 13:05:09', 'ymd', '2016-07-01T13:05:09.000Z'],
    ['2016-07-01T13:05', 'ymd', '2016-07-01T13:05:00.000Z'],
    ['2016/7/1', 'ymd', '2016-07-01T00:00:00.000Z'],
    ['1949-01', 'ymd', '1949-01-01T00:00:00.000Z'],
    ['2016-07-01T13:05:09.250Z', 'ymd', '2016-07-01T13:05:09.250Z'],
    ['2016-07-01 13:05:09+02:00', 'ymd', '2016-07-01T11:05:09.000Z'],
    ['01.07.2016 13:05', 'dmy', '2016-07-01T13:05:00.000Z'],
    ['7/1/2016 1:05 PM', 'mdy', '2016-07-01T13:05:00.000Z'],
    ['12/31/99', 'mdy', '1999-12-31T00:00:00.000Z'],
    ['1 Jul 2016', 'dmy', '2016-07-01T00:00:00.000Z'],
    ['Jul 1, 2016', 'mdy', '2016-07-01T00:00:00.000Z'],
    ['1999', 'year', '1999-01-01T00:00:00.000Z'],
    ['1467378309', 'seconds', '2016-07-01T13:05:09.000Z'],
  ])('%s as %s', (text, order, expected) => expect(time(text, order)).toBe(expected))

  it.each(['soon', '2016-13-01', '2016-00-10', '5', ''])('%j is no time', (text) => expect(time(text, 'ymd')).toBeNaN())

  it('tell day first from month first where a day above 12 shows it', () => {
    expect(sniffTimeOrder(['01/02/2020', '13/02/2020'], 'd')).toBe('dmy')
    expect(sniffTimeOrder(['01/02/2020', '02/13/2020'], 'd')).toBe('mdy')
    expect(sniffTimeOrder(['1.5', '2.5', '3.5'], 'value')).toBeNull()
  })
})

describe('what is a table', () => {
  it.each([
    ['prose', 'It was the best of times, it was the worst of times,\nit was the age of wisdom, it was the age of foolishness,\n'],
    ['code', 'const a = 1;\nconst b = [1, 2, 3];\nfunction f(x) { return x + 1 }\n'],
    ['a numbered list of words', '1 the cat sat\n0 on the mat today\n1 and slept\n'],
  ])('%s is none', (_, text) => expect(sniffDialect(text, { whole: true, forced: false })).toBeNull())
  it('texts with a label are a table of texts', () =>
    expect(
      sniffDialect('text,label\nthis is a long review of a film,1\nand this is another one of them,0\n', { whole: true, forced: false }),
    ).toMatchObject({ domain: 'text', roles: ['text', 'label'], header: true }))
})
