import type { LeakageFinding } from '../../main/contract/dataset.ts'
import { count, plural } from '../importing/source.ts'

/** How many of what were compared. */
export interface Compared {
  of: number
  unit: 'records' | 'windows'
  folds: boolean
  /** Whether parts of them were compared too. */
  parts: boolean
}

/** "3 … are", "1 … is". */
const WORDS: Readonly<Record<LeakageFinding['kind'], (one: boolean, other: string) => string>> = {
  duplicate: (one, other) => `${one ? 'is' : 'are'} in ${other} letter for letter`,
  'reverse-complement': (one, other) => `${one ? 'is the reverse complement of one' : 'are reverse complements of records'} in ${other}`,
  near: (one, other) =>
    `${one ? 'is' : 'are'} nearly the same as records in ${other}: more than half of ${one ? 'its' : 'their'} pieces occur there`,
  overlap: (one, other) => `${one ? 'overlaps' : 'overlap'} records in ${other}: a part of ${one ? 'it' : 'them'} occurs there`,
}

export function findingOf(
  kind: LeakageFinding['kind'],
  units: number,
  examples: LeakageFinding['examples'],
  { of, unit, folds }: Compared,
): LeakageFinding {
  const what = unit.slice(0, -1)
  const [{ record, other }] = examples
  const example = record === other ? `"${record}"` : `"${record}" and "${other}"`
  const says = WORDS[kind](units === 1, folds ? 'other folds' : 'training')
  const sentence = `${count(units)} of ${plural(of, folds ? what : `held-out ${what}`)} (${percent(units / of)}) ${says}, for example ${example}.`
  return { kind, units, of, unit, sentence, examples }
}

export function summaryOf(findings: readonly LeakageFinding[], { of, unit, folds, parts }: Compared): string {
  if (of === 0) return 'Nothing is held out, so nothing can leak.'
  const held = folds ? unit : `held-out ${unit}`
  const where = folds ? 'other folds' : 'training'
  const limits = parts ? '' : ` They are many and short: whole ${unit} were compared, not parts of them.`
  if (findings.length === 0) return `None of the ${count(of)} ${held} was found in ${where}.${limits}`
  const share = findings.reduce((sum, { units }) => sum + units, 0) / of
  return `${percent(share)} of the ${held} occur in ${where} too${parts ? ', whole or in part' : ''}: scores look better than they are.${limits}`
}

const percent = (share: number): string => (share < 0.001 ? 'under 0.1 %' : `${(100 * share).toFixed(1)} %`)
