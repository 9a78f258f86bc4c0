import { describe, expect, test } from 'vitest'
import { gradient } from '../../graph/gradient.ts'
import { GraphBuilder } from '../../graph/graph.ts'
import { plan } from '../../graph/plan.ts'
import { ops } from '../../ops/registry.ts'
import { f32 } from '../../tensor/tensor.ts'
import { caseErrors } from '../../testing/opCase.ts'
import { withWebGpu } from '../../testing/withWebGpu.ts'
import { measureVariants, tune, unmeasured } from './tune.ts'
import type { WebGpuBackend } from './webgpu.ts'

const product = { inputs: [f32(40, 37), f32(33, 37)], attrs: { transB: true } }
const planOn = (backend: WebGpuBackend) => {
  const builder = new GraphBuilder()
  const [a, b] = product.inputs.map((type, i) => builder.external(`in.${i}`, type))
  builder.store(builder.one('matmul', [a, b], product.attrs), 'out')
  return plan(builder.graph, backend.sizes)
}

await withWebGpu((software, { openWebGpu }) => {
  describe('measuring kernels', () => {
    test('a driver that runs on the CPU is never measured', () => expect(unmeasured(software, [planOn(software)])).toEqual([]))

    test('a product is measured once, its variants checked, and the choice used', async () => {
      const { backend } = await openWebGpu({ software: true, target: { software: false } })
      const work = unmeasured(backend!, [planOn(backend!), planOn(backend!)])
      expect(work).toHaveLength(1)
      const [{ command, variants }] = work
      // two variants of few threads, so that the software driver's compiler gets through
      const names = variants.names.filter((name) => /^(64×32|32×64)/.test(name)).slice(0, 2)
      expect(names).toHaveLength(2)
      const told: number[] = []
      const [chosen] = await tune(backend!, [{ command, variants: { ...variants, names, trusted: names[1] } }], {
        limitMs: 200_000,
        tell: (done) => told.push(done),
      })
      expect(names).toContain(chosen.name)
      expect(chosen.ms).toBeGreaterThan(0)
      expect(chosen.ms).toBeLessThanOrEqual(chosen.ruleMs!)
      expect(told).toEqual([0])
      expect(unmeasured(backend!, [planOn(backend!)])).toEqual([])
      for (const [result, error] of await caseErrors(backend!, 'matmul', product))
        if (!result.startsWith('d')) expect(error).toBeLessThanOrEqual(ops.matmul.tolerance)
      backend!.destroy()
    }, 240_000)

    test('a gradient is measured on what its forward pass saved', async () => {
      const { backend } = await openWebGpu({ software: true, target: { software: false } })
      const [rows, channels, states] = [24, 8, 4]
      const types = [f32(rows, channels), f32(rows, channels), f32(channels, states), f32(rows, states), f32(rows, states)]
      types.push(f32(1, channels), f32(rows, channels), f32(1, channels))
      const builder = new GraphBuilder()
      const inputs = types.map((type, i) => builder.external(`in.${i}`, type))
      const [y] = builder.apply('selective_scan', inputs, { batch: 1, seqlen: rows })
      const [du] = gradient(builder, [{ value: y, grad: builder.external('dy', y.type) }], inputs)
      builder.store(du!, 'du')
      const work = unmeasured(backend!, [plan(builder.graph, backend!.sizes)]).find(({ command }) => command.op === 'selective_scan_grad')!
      const names = work.variants.names.slice(0, 2)
      const found = await measureVariants(backend!, { ...work, variants: { ...work.variants, names } }, performance.now() + 200_000)
      expect(names).toContain(found!.name)
      expect(found).toMatchObject({ wrong: [], ms: expect.any(Number) })
      backend!.destroy()
    }, 240_000)

    test('without time the rule is entered, so that later runs do the same', async () => {
      const { backend } = await openWebGpu({ software: true, target: { software: false } })
      const work = unmeasured(backend!, [planOn(backend!)])
      const [chosen] = await tune(backend!, work, { limitMs: 0, tell: () => {} })
      expect(chosen).toMatchObject({ name: work[0].variants.names[0], ms: null, ruleMs: null })
      expect(unmeasured(backend!, [planOn(backend!)])).toEqual([])
      backend!.destroy()
    })
  })
})
