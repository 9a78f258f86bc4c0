import { StrandError } from '../errors.ts'
import { count, type Source } from '../importing/source.ts'
import { decodeWhole } from '../text/encodings.ts'
import type { TextEncoding } from '../../main/contract/importing.ts'

const FIRST_BYTES = 262_144
/** Thousands of attributes, or the list of names of every instance, fit in. */
const LONGEST_HEADER = 32 * 1_048_576

export interface HeaderLines {
  /** Lines above "@data", with their numbers. */
  lines: { text: string; line: number }[]
  /** The lines below that came with them, for a look; the last may be cut. */
  after: string[]
  dataLine: number
}

/** The lines above "@data" of a .ts, .tsf or ARFF file. Throws 'import/lying-header' where there is none. */
export async function readTextHeader(source: Source, encoding: TextEncoding): Promise<HeaderLines> {
  for (let wanted = FIRST_BYTES; ; wanted *= 8) {
    const { bytes, whole } = await source.head(wanted)
    const found = splitHeader(decodeWhole(bytes, encoding))
    if (found) return found
    if (whole || wanted >= LONGEST_HEADER)
      throw new StrandError(
        'import/lying-header',
        `${source.name} has no "@data" line within its first ${count(Math.min(wanted, bytes.length))} bytes, so its values cannot be told from its header. Nothing was imported; export the file again.`,
        { file: source.name },
      )
  }
}

export function splitHeader(text: string): HeaderLines | null {
  const data = /^[ \t]*@data[ \t]*\r?$/im.exec(text)
  if (!data) return null
  const above = text.slice(0, data.index).split(/\r?\n/)
  above.pop()
  return {
    lines: above.map((line, i) => ({ text: line.trim(), line: i + 1 })),
    dataLine: above.length + 1,
    after: text
      .slice(data.index + data[0].length)
      .split(/\r?\n/)
      .slice(1),
  }
}
