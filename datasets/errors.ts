import type { ErrorCode, StrandErrorShape } from '../main/contract/errors.ts'

/**
 * The one error users meet. `message` is a sentence: what, where (file, line or byte), what to do.
 * `facts` carry the same place in fields, for a front that wants to point at it.
 */
export class StrandError extends Error implements StrandErrorShape {
  override readonly name = 'StrandError'
  readonly code: ErrorCode
  readonly facts?: Record<string, string | number>

  constructor(code: ErrorCode, message: string, facts?: Record<string, string | number>, options?: { cause?: unknown }) {
    super(shortened(message), options)
    this.code = code
    if (facts) this.facts = facts
  }
}

/** A name in quotes may be a whole line of a file that is not what it seems; a sentence shows its start. */
export const shortened = (message: string): string => message.replace(/"([^"]{100})[^"]{21,}"/g, '"$1…"')

/** True for our own errors, also after they crossed a process and lost their class. */
export function isStrandError(error: unknown): error is StrandErrorShape & Error {
  return (
    error instanceof Error &&
    typeof (error as { code?: unknown }).code === 'string' &&
    (error.name === 'StrandError' || error instanceof StrandError)
  )
}

/** Throws 'cancelled' once the signal is aborted. */
export function throwIfCancelled(signal: AbortSignal | undefined, what: string): void {
  if (signal?.aborted) throw new StrandError('cancelled', `${what} was cancelled. Nothing was kept.`)
}
