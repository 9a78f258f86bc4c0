import { expect, test } from 'vitest'
import { ReferenceBackend } from '../backends/reference/reference.ts'
import type { HostMatrix } from '../tensor/tensor.ts'
import { elements } from '../tensor/tensor.ts'
import { caseInputs, runCase } from '../testing/opCase.ts'
import { RandomStream } from '../random/philox.ts'
import { opNames } from './names.ts'
import { ops } from './registry.ts'

/** Σ ⟨cotangent, output⟩ of one op case in float64, with the inputs given. */
function objective(op: (typeof opNames)[number], index: number, inputs: Float64Array[]): number {
  const opCase = ops[op].cases[index]
  const definition = ops[op]
  const matrix = (data: Float64Array | Int32Array, type: { rows: number; cols: number }): HostMatrix => ({
    data,
    offset: 0,
    rows: type.rows,
    cols: type.cols,
    ld: type.cols,
  })
  const types = definition.infer(opCase.inputs, opCase.attrs)
  const outputs = types.map((t) => matrix(new Float64Array(elements(t)).fill(NaN), t))
  definition.reference(
    inputs.map((d, i) => matrix(opCase.inputs[i].dtype === 'i32' ? Int32Array.from(d) : d, opCase.inputs[i])),
    outputs,
    opCase.attrs,
  )
  const cotangents = new RandomStream(2)
  let sum = 0
  types.forEach((type, i) => {
    if (definition.opaque?.includes(i)) return
    const wanted = definition.differentiable?.includes(i) ?? i === 0
    for (let k = 0; k < elements(type); k++) {
      const cotangent = Math.fround(cotangents.uniform() * 2 - 1)
      if (wanted) sum += cotangent * outputs[i].data[k]
    }
  })
  return sum
}

for (const op of opNames.filter((name) => ops[name].gradient))
  test.each(ops[op].cases.map((_, i) => i))(`${op}: gradient of case %i agrees with central differences in float64`, async (index) => {
    const opCase = ops[op].cases[index]
    const { results } = await runCase(new ReferenceBackend(), op, opCase)
    const inputs = caseInputs(op, opCase)
    const pick = new RandomStream(3)
    let checked = 0
    ops[op].inputs.forEach((name, k) => {
      const grad = results.get(`d${name}`)
      if (!grad) return
      for (let trial = 0; trial < Math.min(6, grad.length); trial++) {
        const i = Math.floor(pick.uniform() * grad.length)
        const before = inputs[k][i]
        const h = 1e-5 * Math.max(1, Math.abs(before))
        const moved = (steps: number): number => {
          inputs[k][i] = before + steps * h
          const value = objective(op, index, inputs)
          inputs[k][i] = before
          return value
        }
        // Fourth order: a phase summed over thousands of steps has third derivatives that the two-point formula would feel.
        const numeric = (8 * (moved(1) - moved(-1)) - (moved(2) - moved(-2))) / (12 * h)
        expect(Math.abs(grad[i] - numeric), `d${name}[${i}]: ${grad[i]} and ${numeric}`).toBeLessThanOrEqual(
          2e-6 * Math.max(1, Math.abs(numeric)),
        )
        checked++
      }
    })
    expect(checked).toBeGreaterThan(0)
  })
