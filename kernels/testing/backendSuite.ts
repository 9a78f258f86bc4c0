import { describe, expect, test } from 'vitest'
import type { Backend } from '../backends/backend.ts'
import { opNames } from '../ops/names.ts'
import { ops } from '../ops/registry.ts'
import { allowedError, caseErrors, runCase } from './opCase.ts'

/** The one test every backend passes: every op, every case, outputs and every gradient, contiguous and strided, ops that save something also without their gradient, twice with the same bits. */
export function testBackend(name: string, open: () => Promise<Backend>): void {
  describe(`ops on ${name}`, () => {
    for (const op of opNames)
      ops[op].cases.forEach((opCase, i) => {
        const shapes = opCase.inputs.map((t) => `${t.rows}x${t.cols}`).join(' ')
        test(`${op} #${i} ${shapes}`, async () => {
          const backend = await open()
          const alone = ops[op].opaque ? [{ gap: 3, alone: true }] : []
          for (const layout of [{ gap: 0 }, { gap: 3 }, ...alone]) {
            const errors = await caseErrors(backend, op, opCase, layout)
            expect(errors.length).toBeGreaterThan(0)
            for (const [result, error] of errors)
              expect(error, `${op} ${result}, gap ${layout.gap}`).toBeLessThanOrEqual(allowedError(op, result))
          }
          const [first, second] = [await runCase(backend, op, opCase), await runCase(backend, op, opCase)]
          for (const [result, values] of first.results) expect(second.results.get(result), `${op} ${result} repeats`).toEqual(values)
        })
      })
  })
}
