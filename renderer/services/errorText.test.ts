import { expect, test } from 'vitest'
import { CallError, asCallError } from './callError.ts'
import { errorText, errorTexts } from './errorText.ts'

test('every code has a heading and a next step, in plain words', () => {
  for (const [code, { title, next }] of Object.entries(errorTexts)) {
    expect(title, code).toMatch(/^[A-Z].*[^.!]$/)
    expect(next, code).toMatch(/^[A-Z].*\.$/)
    expect(`${title} ${next}`, code).not.toMatch(/!|oops/i)
  }
  expect(errorText('a code of a newer core')).toBe(errorTexts.internal)
})

test('whatever is thrown becomes a CallError that keeps code and facts', () => {
  expect(asCallError({ code: 'disk-full', message: 'The disk is full.', facts: { bytes: 1 } })).toMatchObject({
    code: 'disk-full',
    message: 'The disk is full.',
    facts: { bytes: 1 },
  })
  expect(asCallError(new Error('boom'))).toMatchObject({ code: 'internal', message: 'boom' })
  const already = new CallError({ code: 'busy', message: 'Busy.' })
  expect(asCallError(already)).toBe(already)
})
