import { describe, expect, test } from 'vitest'
import { Decoder } from '../../decode/decoder.ts'
import { GraphBuilder } from '../../graph/graph.ts'
import { plan } from '../../graph/plan.ts'
import { Model } from '../../models/model.ts'
import { f32 } from '../../tensor/tensor.ts'
import { withWebGpu } from '../../testing/withWebGpu.ts'
import { CpuBackend } from '../cpu/cpu.ts'

await withWebGpu((backend, { listAdapters, openWebGpu }) => {
  describe('the device', () => {
    test('is listed with its limits, and is not chosen by itself when it runs on the CPU', async () => {
      const adapters = await listAdapters()
      expect(adapters.length).toBeGreaterThan(0)
      expect(adapters[0].name).toBe(backend.adapter.name)
      expect(adapters[0].limits.maxStorageBuffersPerShaderStage).toBeGreaterThanOrEqual(8)
      const alone = await openWebGpu()
      if (backend.adapter.software) expect(alone.reason).toMatch(/runs on the CPU/)
      else alone.backend!.destroy()
    })
    test('a buffer is zero at first, and reads back what was written', async () => {
      const buffer = backend.createBuffer(1001, 'i32', 'numbers')
      expect(await buffer.read()).toEqual(new Int32Array(1001))
      buffer.write(Int32Array.of(5, -6), 998)
      expect([...(await buffer.read(997, 4))]).toEqual([0, 5, -6, 0])
      buffer.destroy()
    })
    test('more replays than the queue holds come out in order', async () => {
      const graph = new GraphBuilder()
      const x = graph.external('x', f32(1, 1))
      graph.store(graph.one('add', [x, graph.external('one', f32(1, 1))]), 'x')
      const made = plan(graph.graph, backend.sizes)
      const [count, one] = [backend.createBuffer(1, 'f32', 'x'), backend.createBuffer(1, 'f32', 'one')]
      one.write(Float32Array.of(1))
      const program = await backend.compile(made, { x: count, one })
      for (let k = 0; k < 20; k++) {
        program.run()
        await program.ready()
      }
      await program.done()
      expect((await count.read())[0]).toBe(20)
      program.destroy()
    })
    test('a model writes the same tokens as on the CPU, many of them in one submission', async () => {
      const model = new Model({
        d_model: 8,
        seqlen: 32,
        norm: 'rms',
        layers: [{ mixer: 'mamba', options: { d_state: 4 } }],
        input: { kind: 'tokens', vocab: 11 },
        head: { at: 'every', width: 11, tied: false },
      })
      const cpu = await CpuBackend.open({ threads: 1 })
      const written = await Promise.all(
        [backend, cpu].map(async (on) => {
          const params = on.createBuffer(model.arenaElements, 'f32', 'params')
          params.write(model.initialise(3))
          const decoder = await Decoder.create(on, model, params, { vocab: 9, capacity: 32 })
          decoder.start(Int32Array.of(1, 2), { temperature: 0.8, topK: 7, topP: 0.9, seed: 11 })
          for (const steps of [1, 6, 24]) decoder.advance(steps)
          const { ids } = await decoder.read(0, 32)
          decoder.destroy()
          params.destroy()
          return [...ids]
        }),
      )
      cpu.destroy()
      expect(written[0]).toEqual(written[1])
      expect(new Set(written[0]).size).toBeGreaterThan(3)
    })
    test('a buffer larger than the adapter allows is refused in a sentence', () => {
      expect(() => backend.createBuffer(2 ** 40, 'f32', 'too much')).toThrow(/holds at most .* MiB in one buffer; "too much" needs/)
    })
    test('a norm that is not finite leaves the parameters as they are', async () => {
      const graph = new GraphBuilder()
      const [p, g, m, v] = ['p', 'g', 'm', 'v'].map((name) => graph.external(name, f32(1, 4)))
      const norm = graph.one('global_norm', [g])
      graph.store(norm, 'norm')
      graph.apply('adamw', [p, g, m, v, norm, graph.external('hyper', f32(1, 8))], {
        decay_elements: 4,
        slow_from: 8,
        beta1: 0.9,
        beta2: 0.99,
        eps: 1e-8,
      })
      const made = plan(graph.graph, backend.sizes)
      const buffers = Object.fromEntries(['p', 'g', 'm', 'v', 'norm', 'hyper'].map((name) => [name, backend.createBuffer(8, 'f32', name)]))
      buffers.p.write(Float32Array.of(1, 2, 3, 4))
      buffers.hyper.write(Float32Array.of(0.1, 0.1, 1, 1, 1, 0, 0, 0))
      const program = await backend.compile(made, buffers)
      for (const bad of [NaN, Infinity]) {
        buffers.g.write(Float32Array.of(0, bad, 0, 0))
        program.run()
        expect(Number.isFinite((await buffers.norm.read())[0])).toBe(false)
        expect([...(await buffers.p.read(0, 4))]).toEqual([1, 2, 3, 4])
      }
    })
  })
})
