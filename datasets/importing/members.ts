import { StrandError } from '../errors.ts'
import { count } from './fileBytes.ts'
import type { Origin } from './source.ts'

/** Files in an archive; more is a mistake or an attack. */
export const MOST_MEMBERS = 200_000

/** A file inside an archive. */
export type Member = Origin

/** A member that is not read, and why (the start of a sentence). `harmless`: left out whatever the policy. */
export interface MemberFault {
  name: string
  fault: string
  harmless?: boolean
}

/**
 * The member's name for sentences, and what is wrong with it. Nothing is ever written under such a name, but an archive whose entries
 * climb out of it was made to harm, or by a broken program.
 */
export function memberName(archive: string, raw: string): { name: string; fault?: string } {
  const name = `${archive}/${raw}`
  if (raw.includes('\0')) return { name: name.replaceAll('\0', ''), fault: `An entry of ${archive} has a zero byte in its name` }
  if (/^([A-Za-z]:|\/)/.test(raw) || raw.split('/').includes('..'))
    return { name, fault: `The entry "${raw.slice(0, 200)}" of ${archive} points outside the archive` }
  return { name }
}

/** Left by macOS and Windows beside the data. */
export const isLitter = (raw: string): boolean => /(^|\/)(__MACOSX\/|\.(?!\.?(\/|$))|Thumbs\.db$|desktop\.ini$)/i.test(raw)

export const tooMany = (archive: string): StrandError =>
  new StrandError(
    'import/too-large',
    `${archive} holds more than ${count(MOST_MEMBERS)} files. Unpack it and import folders of it one by one.`,
    { file: archive },
  )
