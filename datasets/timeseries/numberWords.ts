import type { TableOptions } from '../../main/contract/importing.ts'

export type Decimal = NonNullable<TableOptions['decimal']>
export type Thousands = NonNullable<TableOptions['thousands']>

const MISSING = /^(|na|n\/a|nan|null|none|nil|-|\?|\.|#n\/a|missing)$/i
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/
const NUMBER_COMMA = /^[+-]?(\d+,?\d*|,\d+)([eE][+-]?\d+)?$/
/** Digits in groups of three, by each separator; a blank may be one that does not break. */
const GROUPED: { readonly [K in Exclude<Thousands, 'none'>]: RegExp } = {
  ',': /^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$/,
  '.': /^[+-]?\d{1,3}(\.\d{3})+(,\d+)?$/,
  ' ': /^[+-]?\d{1,3}([ \u00a0\u202f]\d{3})+([.,]\d+)?$/,
  "'": /^[+-]?\d{1,3}(['\u2019]\d{3})+([.,]\d+)?$/,
}

/** "$1,234.50", "-€ 3", "12 %": the number as it is written, without the sign of money or percent. */
const SIGNED = /^([+-]?)(?:[$€£¥] ?([+-]?[\d.,].*)|([\d.,].*?) ?[%€£$¥])$/

export function withoutSign(cell: string): string {
  const found = SIGNED.exec(cell)
  return found ? found[1] + (found[2] ?? found[3]) : cell
}

export const isMissing = (cell: string): boolean => MISSING.test(cell.trim())

export function isNumber(cell: string, decimal: Decimal, thousands: Thousands = 'none'): boolean {
  const value = withoutSign(cell.trim())
  return (decimal === '.' ? NUMBER : NUMBER_COMMA).test(value) || (thousands !== 'none' && GROUPED[thousands].test(value))
}

/** The decimal sign and the separator of thousands that the cells show. A separator needs a number that can be read in no other way. */
export function sniffNumberWriting(rows: readonly string[][], delimiter: string): { decimal: Decimal; thousands: Thousands } {
  const cells = rows.slice(0, 50).flatMap((row) => row.map((cell) => withoutSign(cell.trim())))
  const any = (pattern: RegExp): boolean => cells.some((cell) => pattern.test(cell))
  if (any(/^[+-]?\d{1,3}(\.\d{3})+,\d+$/)) return { decimal: ',', thousands: '.' }
  if (any(/^[+-]?\d{1,3}(,\d{3})+\.\d+$/) || any(/^[+-]?\d{1,3}(,\d{3}){2,}$/)) return { decimal: '.', thousands: ',' }
  if (any(/^[+-]?\d{1,3}(\.\d{3}){2,}$/)) return { decimal: ',', thousands: '.' }
  // with commas between cells a decimal comma can only stand in quotes
  const comma = any(/^[+-]?\d+,\d+$/) && !any(/^[+-]?\d+\.\d+$/) && (delimiter !== ',' || !cells.some((cell) => GROUPED[','].test(cell)))
  const decimal = comma ? ',' : '.'
  if (delimiter === ',' && any(GROUPED[','])) return { decimal: '.', thousands: ',' }
  if (delimiter !== ' ' && any(GROUPED[' '])) return { decimal, thousands: ' ' }
  return { decimal, thousands: any(GROUPED["'"]) ? "'" : 'none' }
}
