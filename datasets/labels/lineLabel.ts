import { StrandError } from '../errors.ts'

/** What comes before a tab, else the first word. fastText writes it with "__label__" before it. */
const DEFAULTS = [/^(?:__label__)?(?<label>[^\t]{1,200}?)\s*\t\s*(?<text>.*)$/su, /^(?:__label__)?(?<label>\S{1,200})\s+(?<text>.*)$/su]

/** The pattern of a line as typed → the expressions to try in order. */
export function compileLine(pattern: string | undefined): readonly RegExp[] {
  if (pattern === undefined) return DEFAULTS
  if (!pattern.includes('(?<label>') || !pattern.includes('(?<text>'))
    throw new StrandError(
      'bad-input',
      `The pattern of a line needs the named groups label and text, and ${pattern} has not both. Write for example ^(?<label>\\w+): (?<text>.*)$`,
    )
  try {
    return [new RegExp(pattern, 'su')]
  } catch (error) {
    throw new StrandError('bad-input', `The label pattern is no regular expression: ${(error as Error).message}. Correct it.`)
  }
}

/** One line → its label and the text after it; a line that fits no pattern is text without a label. */
export function cutLine(line: string, patterns: readonly RegExp[]): { text: string; label?: string; group?: string } {
  for (const pattern of patterns) {
    const groups = pattern.exec(line)?.groups
    if (groups) return { text: (groups.text ?? '').trim(), label: groups.label, group: groups.group }
  }
  return { text: line.trim() }
}
