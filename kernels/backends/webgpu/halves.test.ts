import { afterAll, describe, expect, test } from 'vitest'
import { isOpName } from '../../ops/names.ts'
import { ops } from '../../ops/registry.ts'
import { halvesAsFloats } from '../../testing/halvesAsFloats.ts'
import { caseErrors, runCase } from '../../testing/opCase.ts'
import { withWebGpu } from '../../testing/withWebGpu.ts'
import { HALF_OPERANDS } from './halves.ts'

/** Relative L2 error where results are stored in float16. */
const HALF = 3e-3

await withWebGpu(async (_, { openWebGpu }) => {
  const { backend } = await openWebGpu({
    software: true,
    target: { halves: true },
    rewrite: halvesAsFloats,
    halfStorage: { from: 1, bytes: 4 },
  })
  afterAll(() => backend!.destroy())

  describe('operands stored in float16', () => {
    for (const op of Object.keys(HALF_OPERANDS).filter(isOpName))
      ops[op].cases.forEach((opCase, i) => {
        test(`${op} #${i} ${opCase.inputs.map((t) => `${t.rows}x${t.cols}`).join(' ')}`, async () => {
          const layout = { gap: 3, halves: HALF_OPERANDS[op]!.split(' ') }
          const { plan, results } = await runCase(backend!, op, opCase, layout)
          const command = plan.commands.find((c) => c.op === op)!
          expect([...command.inputs, ...command.outputs].some(({ dtype }) => dtype === 'f16')).toBe(true)
          for (const [result, error] of await caseErrors(backend!, op, opCase, layout))
            expect(error, `${op} ${result}`).toBeLessThanOrEqual(HALF)
          const again = await runCase(backend!, op, opCase, layout)
          for (const [result, values] of results) expect(again.results.get(result), `${op} ${result} repeats`).toEqual(values)
        })
      })
  })
})
