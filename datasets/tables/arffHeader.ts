import { StrandError } from '../errors.ts'
import type { HeaderLines } from '../timeseries/textHeader.ts'

export interface ArffAttribute {
  name: string
  kind: 'numeric' | 'nominal' | 'string' | 'date' | 'relational'
  /** nominal */
  values: string[]
  /** relational: what a bag's rows hold */
  inner: ArffAttribute[]
}

const ATTRIBUTE = /^@attribute\s+('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|\S+)\s+(.+)$/is

/** The attributes above "@data"; Weka's manual for ARFF defines them. Throws 'import/lying-header' with the line. */
export function readArffHeader(file: string, { lines }: HeaderLines): ArffAttribute[] {
  const attributes: ArffAttribute[] = []
  let bag: ArffAttribute | null = null
  for (const { text, line } of lines) {
    if (/^@end\b/i.test(text)) {
      bag = null
      continue
    }
    if (!/^@attribute\b/i.test(text)) continue
    const found = ATTRIBUTE.exec(text)
    if (!found) throw unknownAttribute(file, line, text)
    const attribute = describe(unquote(found[1]), found[2].trim())
    if (!attribute) throw unknownAttribute(file, line, text)
    ;(bag ? bag.inner : attributes).push(attribute)
    if (attribute.kind === 'relational') bag = attribute
  }
  if (attributes.length === 0)
    throw new StrandError(
      'import/lying-header',
      `${file} has no "@attribute" lines, so its columns cannot be told. Nothing was imported.`,
      { file },
    )
  return attributes
}

function describe(name: string, type: string): ArffAttribute | null {
  const plain = { name, values: [], inner: [] }
  if (type.startsWith('{'))
    return { ...plain, kind: 'nominal', values: splitArff(type.slice(1, type.lastIndexOf('}') < 0 ? undefined : type.lastIndexOf('}'))) }
  if (/^(numeric|real|integer)\b/i.test(type)) return { ...plain, kind: 'numeric' }
  if (/^string\b/i.test(type)) return { ...plain, kind: 'string' }
  if (/^date\b/i.test(type)) return { ...plain, kind: 'date' }
  return /^relational\b/i.test(type) ? { ...plain, kind: 'relational' } : null
}

const unknownAttribute = (file: string, line: number, text: string): StrandError =>
  new StrandError(
    'import/lying-header',
    `Line ${line} of ${file} describes no attribute that Strand knows ("${text.slice(0, 60)}"). Nothing was imported; a type is numeric, {a, b}, string, date or relational.`,
    { file, line },
  )

/** Values between commas, in single or double quotes where they hold commas or blanks; a backslash takes the next letter as it is. */
export function splitArff(row: string): string[] {
  if (!/['"\\]/.test(row)) return row.split(',').map((cell) => cell.trim())
  const cells: string[] = []
  let cell = ''
  let quote = ''
  let quoted = false
  for (let i = 0; i < row.length; i++) {
    const letter = row[i]
    if (letter === '\\' && i + 1 < row.length) {
      const next = row[++i]
      cell += next === 'n' ? '\n' : next === 't' ? '\t' : next
    } else if (quote) {
      if (letter === quote) quote = ''
      else cell += letter
    } else if ((letter === "'" || letter === '"') && cell.trim() === '') {
      quote = letter
      quoted = true
      cell = ''
    } else if (letter === ',') {
      cells.push(quoted ? cell : cell.trim())
      cell = ''
      quoted = false
    } else if (!quoted || letter.trim() !== '') cell += letter
  }
  cells.push(quoted ? cell : cell.trim())
  return cells
}

const unquote = (name: string): string => (/^(['"]).*\1$/s.test(name) ? name.slice(1, -1).replace(/\\(.)/g, '$1') : name)
