import { expect, test } from 'vitest'
import { ReferenceBackend } from '../backends/reference/reference.ts'
import { f32 } from '../tensor/tensor.ts'
import { gradient } from './gradient.ts'
import { GraphBuilder } from './graph.ts'
import { plan } from './plan.ts'

const sizes = { opaque: () => 0, scratch: () => 0 }
const ROWS = 5

/** Σ over both products of [a, b, a·a] with two weights, in a concat inside a concat that the second product reads; gradients of a and b. */
function graph() {
  const builder = new GraphBuilder()
  const [a, b] = [builder.external('a', f32(ROWS, 3)), builder.external('b', f32(ROWS, 2))]
  const inner = builder.concat([a, builder.one('mul', [b, b])])
  const outer = builder.concat([inner, a])
  const products = [
    builder.one('matmul', [inner, builder.external('v', f32(5, 4))], {}),
    builder.one('matmul', [inner, builder.external('w', f32(5, 4))], {}),
    builder.one('matmul', [outer, builder.external('x', f32(8, 4))], {}),
  ]
  const cotangent = builder.external('cotangent', f32(ROWS, 4))
  const seeds = products.map((value) => ({ value, grad: cotangent }))
  gradient(builder, seeds, [a, b]).forEach((grad, i) => builder.store(grad!, `d${'ab'[i]}`))
  return plan(builder.graph, sizes)
}

test('what several ops read of a concat is added as a whole, in the epilogues of their products, and counts once', async () => {
  const made = graph()
  expect(made.commands.filter((c) => c.op === 'matmul' && c.attrs.residual).length).toBeGreaterThan(0)

  const backend = new ReferenceBackend()
  const shapes: Record<string, [number, number]> = { a: [ROWS, 3], b: [ROWS, 2], v: [5, 4], w: [5, 4], x: [8, 4], cotangent: [ROWS, 4] }
  const buffers = Object.fromEntries(
    [...Object.entries(shapes), ['da', shapes.a] as const, ['db', shapes.b] as const].map(([name, [rows, cols]]) => [
      name,
      backend.createBuffer(rows * cols, 'f32'),
    ]),
  )
  const filled = Object.fromEntries(
    Object.entries(shapes).map(([name, [rows, cols]], k) => [name, Array.from({ length: rows * cols }, (_, i) => Math.sin(1.7 * i + k))]),
  )
  for (const [name, values] of Object.entries(filled)) buffers[name].data.set(values)
  const program = await backend.compile(made, buffers)
  program.run()

  const { a, b, v, w, x, cotangent } = filled
  const loss = (): number => {
    let sum = 0
    for (let r = 0; r < ROWS; r++) {
      const inner = [...a.slice(3 * r, 3 * r + 3), ...b.slice(2 * r, 2 * r + 2).map((value) => value * value)]
      const outer = [...inner, ...a.slice(3 * r, 3 * r + 3)]
      for (let n = 0; n < 4; n++) {
        const product = (row: number[], weight: number[]): number => row.reduce((s, value, k) => s + value * weight[4 * k + n], 0)
        sum += cotangent[4 * r + n] * (product(inner, v) + product(inner, w) + product(outer, x))
      }
    }
    return sum
  }
  for (const [name, values] of [
    ['da', a],
    ['db', b],
  ] as const)
    values.forEach((value, i) => {
      const h = 1e-5
      values[i] = value + h
      const up = loss()
      values[i] = value - h
      const down = loss()
      values[i] = value
      expect(Number(buffers[name].data[i])).toBeCloseTo((up - down) / (2 * h), 7)
    })
})
