import { splitLine, type Delimiter } from './dialect.ts'
import { isMissing } from './numberWords.ts'

/** A logger's own words above its table are this many lines at most. */
const LONGEST_PREAMBLE = 100
/** Characters looked at for one: each delimiter splits them all. */
const LOOKED_AT = 500_000

/** Excel's own first line, "sep=;", says what stands between cells. */
export function separatorLine(line: string): Delimiter | null {
  const found = /^"?sep=([,;\t|])"?\s*$/i.exec(line)
  return found ? (found[1] as Delimiter) : null
}

/**
 * Lines above a table that belong to no row of it (what a logger writes of itself: station, serial number, time of export): each has fewer cells
 * than nearly all lines behind them. 0 where there are none.
 */
export function preambleLines(lines: readonly string[], delimiter: Delimiter): number {
  if (delimiter === ' ') return 0
  const widths: number[] = []
  let letters = 0
  for (const line of lines) {
    if ((letters += line.length) > LOOKED_AT) break
    widths.push(line.trim() === '' ? 0 : splitLine(line, delimiter).length)
  }
  const filled = widths.filter((width) => width > 0)
  const width = filled[filled.length >> 1]
  const above = widths.indexOf(width)
  if (width < 2 || above < 1 || above > LONGEST_PREAMBLE || widths.slice(0, above).some((cells) => cells > width)) return 0
  const below = widths.slice(above).filter((cells) => cells > 0)
  if (below.length < 3 || below.filter((cells) => cells === width).length < 0.9 * below.length) return 0
  // names for all columns but the first, as R writes them, are the table's own
  return above === 1 && widths[0] === width - 1 ? 0 : above
}

/** R's write.table names no column of row names: the names stand one to the left of their cells. */
export const namesShifted = (first: readonly string[], width: number, words: (cell: string) => boolean): boolean =>
  first.length === width - 1 && first.length > 0 && first.every(words)

/**
 * Titles that are numbers: 0, 1, 2… as pandas numbers columns, or years across. They count by one, and most rows below do not.
 */
export function countingTitles(first: readonly string[], body: readonly (readonly string[])[], numeric: readonly boolean[]): boolean {
  const columns = [...numeric.keys()].filter((c) => numeric[c] && !(c === 0 && isMissing(first[0])))
  const counts = (row: readonly string[]): boolean =>
    columns.every((c, i) => /^\d+$/.test(row[c].trim()) && (i === 0 || Number(row[c]) === Number(row[columns[i - 1]]) + 1))
  if (columns.length < (Number(first[columns[0]]) === 0 ? 2 : 4) || body.length < 2 || !counts(first)) return false
  return body.filter(counts).length < body.length / 2
}

/** Years across and a row for each series, as the World Bank writes its tables. */
export const yearsAcross = (titles: readonly string[]): boolean =>
  titles.length >= 4 && titles.every((title) => /^(1[5-9]|20|21)\d\d$/.test(title))
