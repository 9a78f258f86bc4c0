import type { OpCase } from '../../ops/op.ts'
import { f32 } from '../../tensor/tensor.ts'
import { caseErrors, runCase } from '../../testing/opCase.ts'
import type { WebGpuBackend } from './webgpu.ts'

const ALLOWED = 3e-3

/** Rows that are read four elements at a time and rows that cannot be, large enough to be stored in float16; with gradients. */
const CASES: readonly OpCase[] = [
  { inputs: [f32(300, 260), f32(300, 260)], attrs: {} },
  { inputs: [f32(301, 257), f32(301, 257)], attrs: {} },
]

/** Why activations cannot be stored in float16 on this adapter, in a sentence, or null. */
export async function halvesProblem(backend: WebGpuBackend): Promise<string | null> {
  const { description, storesHalves, target } = backend
  if (!storesHalves) return `${description} cannot store float16.`
  backend.useMixedPrecision(target.mixed, true)
  try {
    for (const opCase of CASES) {
      const layout = { gap: 0, halves: ['a', 'b'] }
      const { plan } = await runCase(backend, 'mul', opCase, layout)
      const stored = plan.commands.flatMap((c) => [...c.inputs, ...c.outputs]).filter(({ dtype }) => dtype === 'f16')
      const error = Math.max(...(await caseErrors(backend, 'mul', opCase, layout)).map(([, e]) => (Number.isNaN(e) ? Infinity : e)))
      if (!stored.length || !(error <= ALLOWED))
        return `${description} stored float16 wrongly in its check (relative error ${error.toExponential(1)}).`
    }
    return null
  } catch (error) {
    return `Float16 in memory does not work with the driver of ${description}: ${(error as Error).message.split('\n')[0]}`
  } finally {
    backend.useMixedPrecision(target.mixed, target.halves)
  }
}
