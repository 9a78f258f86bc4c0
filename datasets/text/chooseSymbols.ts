import type { ImportJob } from '../importing/job.ts'
import { count } from '../importing/source.ts'
import { wantedTokens } from '../importing/tokens.ts'

/** A cell is one byte. */
const MOST_SYMBOLS = 256

/** The characters of a text in code point order, where it is to be stored as such; null where as bytes, which is told where characters were wanted. */
export function chooseSymbols(job: ImportJob, symbols: ReadonlySet<number>): number[] | null {
  if (wantedTokens(job.options, 'text') !== 'char') return null
  if (symbols.size <= MOST_SYMBOLS) return [...symbols].sort((a, b) => a - b)
  job.report.add(
    'note',
    'text/many-symbols',
    { file: job.files[0].source.name },
    `The text holds ${count(symbols.size)} different characters, more than ${MOST_SYMBOLS}; it is stored as bytes instead of characters.`,
  )
  return null
}
