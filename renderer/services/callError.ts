import type { ErrorCode, StrandErrorShape } from '../../main/contract/errors.ts'

/** What a failed call rejects with, whichever front carried it. */
export class CallError extends Error {
  readonly code: ErrorCode
  readonly facts: Record<string, string | number>

  constructor(shape: StrandErrorShape) {
    super(shape.message)
    this.name = 'CallError'
    this.code = shape.code
    this.facts = shape.facts ?? {}
  }
}

/** Anything thrown, as a CallError: a bridge may hand over a plain object, since custom fields do not survive every process boundary. */
export function asCallError(thrown: unknown): CallError {
  if (thrown instanceof CallError) return thrown
  const shape = thrown as Partial<StrandErrorShape> | null
  const message = typeof shape?.message === 'string' ? shape.message : String(thrown)
  return new CallError({ code: shape?.code ?? 'internal', message, facts: shape?.facts })
}
