import { expect, it } from 'vitest'
import { detectSequences } from './detectSequences.ts'

it('looks at any number of blank lines in linear time', () => {
  const began = performance.now()
  expect(detectSequences(`#${'\n'.repeat(5000)}x`, false)).toBeNull()
  expect(detectSequences(`#${'\n \t'.repeat(5000)}\nchr1 5 9\n`, false)?.format).toBe('BED')
  expect(performance.now() - began).toBeLessThan(1000)
})
