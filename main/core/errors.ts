import { StrandError } from '../../datasets/errors.ts'
import type { ErrorCode, StrandErrorShape } from '../contract/errors.ts'

export { StrandError }

/** Exhaustive by construction: a code added to the contract and not here does not compile. */
const CODES: Record<ErrorCode, true> = {
  'bad-input': true,
  'not-found': true,
  busy: true,
  cancelled: true,
  'import/unknown-format': true,
  'import/empty': true,
  'import/bad-record': true,
  'import/truncated': true,
  'import/lying-header': true,
  'import/incomplete': true,
  'import/too-large': true,
  'database/newer': true,
  'database/damaged': true,
  'disk-full': true,
  'no-gpu': true,
  'gpu-lost': true,
  'worker-crashed': true,
  diverged: true,
  'config/invalid': true,
  'export/self-test': true,
  internal: true,
}

const SYSTEM: Record<string, [ErrorCode, string]> = {
  ENOSPC: ['disk-full', 'The disk is full. Nothing was lost; free some space and try again.'],
  SQLITE_FULL: ['disk-full', 'The disk is full. Nothing was lost; free some space and try again.'],
  SQLITE_CORRUPT: ['database/damaged', 'The project file is damaged. Copy the project folder before anything else, then open the copy.'],
  SQLITE_NOTADB: ['database/damaged', 'The project file is not a Strand project: project.sqlite is not a database.'],
}

/**
 * What crosses a process or a socket instead of an Error, whose fields both strip.
 * Every folder throws its own error class with a `code` of the contract, so the code is read by shape, not by class.
 */
export function errorShape(error: unknown): StrandErrorShape {
  if (typeof error !== 'object' || error === null) return { code: 'internal', message: String(error) }
  const { code, message, facts, name } = error as { code?: unknown; message?: unknown; facts?: unknown; name?: unknown }
  const text = typeof message === 'string' && message !== '' ? message : String(error)
  if (typeof code === 'string' && Object.hasOwn(CODES, code)) {
    return { code: code as ErrorCode, message: text, ...(facts ? { facts: facts as Record<string, string | number> } : {}) }
  }
  if (name === 'AbortError') return { code: 'cancelled', message: 'Cancelled.' }
  if (typeof code === 'string' && code in SYSTEM) return { code: SYSTEM[code][0], message: SYSTEM[code][1], facts: { cause: text } }
  if (code === 'ENOENT' || code === 'EACCES' || code === 'EISDIR' || code === 'ENOTDIR')
    return fileError(code, error as { path?: string }, text)
  return { code: 'internal', message: text }
}

function fileError(code: string, { path }: { path?: string }, text: string): StrandErrorShape {
  if (!path) return { code: 'internal', message: text }
  const sentence = {
    ENOENT: `There is no file or folder at ${path}.`,
    EACCES: `Strand may not read or write ${path}: its permissions do not allow it.`,
    EISDIR: `${path} is a folder, where a file was expected.`,
    ENOTDIR: `A part of the path ${path} is a file, where a folder was expected.`,
  }[code]
  return { code: code === 'ENOENT' ? 'not-found' : 'bad-input', message: sentence ?? text, facts: { path } }
}

/** The Error of a shape that came over a process or a socket. */
export function fromShape({ code, message, facts }: StrandErrorShape): StrandError {
  return new StrandError(code, message, facts)
}

export type Envelope = { ok: unknown } | { error: StrandErrorShape }

/** Awaits the work and puts its outcome into the one form every transport carries. */
export async function envelope(work: () => unknown): Promise<Envelope> {
  try {
    return { ok: await work() }
  } catch (error) {
    return { error: errorShape(error) }
  }
}
