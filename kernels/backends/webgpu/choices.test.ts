import { expect, test } from 'vitest'
import { type Choice, Choices } from './choices.ts'
import { pick } from './tune.ts'

const measured = (name: string): Choice => ({
  op: 'matmul',
  key: '8×8',
  name,
  ms: 1,
  ruleMs: 2,
  at: '2026-01-01T00:00:00.000Z',
  inputs: [],
  attrs: {},
})
const variants = { key: '8×8', names: ['rule', 'other'], trusted: 'rule' }

test('a kernel takes its rule until one of its variants was measured, and again when it no longer has that one', () => {
  const choices = new Choices()
  expect([choices.name('matmul', variants), choices.has('matmul', variants)]).toEqual(['rule', false])
  choices.set(measured('other'))
  expect([choices.name('matmul', variants), choices.has('matmul', variants)]).toEqual(['other', true])
  expect(choices.name('attention', variants)).toBe('rule')
  choices.set(measured('gone'))
  expect([choices.name('matmul', variants), choices.has('matmul', variants)]).toEqual(['rule', false])
})

test('a variant can be tried without being chosen', () => {
  const choices = new Choices()
  choices.set(measured('other'))
  expect(choices.with('matmul', '8×8', 'rule').name('matmul', variants)).toBe('rule')
  expect(choices.name('matmul', variants)).toBe('other')
})

test('the fastest right variant is picked, the rule kept where nothing gains two per cent', () => {
  const times = (rule: number, other: number) => [
    { name: 'rule', ms: rule },
    { name: 'other', ms: other },
  ]
  expect(pick(times(1, 0.9), 'rule', 'rule')).toEqual({ name: 'other', ms: 0.9, ruleMs: 1 })
  expect(pick(times(1, 0.99), 'rule', 'rule')).toEqual({ name: 'rule', ms: 1, ruleMs: 1 })
  // the rule's own variant gave wrong numbers and is not among the right ones
  expect(pick([{ name: 'trusted', ms: 3 }], 'rule', 'trusted')).toEqual({ name: 'trusted', ms: 3, ruleMs: 3 })
})
