import { describe, expect, test } from 'vitest'
import { GraphBuilder } from '../../graph/graph.ts'
import { plan } from '../../graph/plan.ts'
import { LARGE_TILE } from '../../ops/chunked_memory/memoryPlan.ts'
import { WORKGROUP_PASS } from '../../ops/fft_conv/transform.ts'
import { FLASH_VARIANTS } from '../../ops/attention/flash.ts'
import { fits, HARDWARE_TILES, suits } from '../../ops/matmul/tiles.ts'
import { type OpName, opNames } from '../../ops/names.ts'
import type { OpCase } from '../../ops/op.ts'
import { PREFERRED_STRAIGHT } from '../../ops/selective_scan/scanPlan.ts'
import { STEPWISE } from '../../ops/recurrent/stepwise.ts'
import { ops } from '../../ops/registry.ts'
import { f32 } from '../../tensor/tensor.ts'
import { matmulTileError } from '../../testing/matmulTile.ts'
import { caseErrors } from '../../testing/opCase.ts'
import { subgroupsOf32 } from '../../testing/subgroupsOf32.ts'
import { withWebGpu } from '../../testing/withWebGpu.ts'
import type { WebGpuBackend } from './webgpu.ts'
import type { Target } from './wgsl.ts'

/** For kernels that the software driver compiles for seconds, or for minutes beside other work. */
const SLOW = 240_000

await withWebGpu((backend, { openWebGpu }) => {
  const scan = (batch: number, seqlen: number, d_inner: number, d_state: number): OpCase => {
    const [x, m] = [f32(batch * seqlen, d_inner), f32(batch * seqlen, d_state)]
    return {
      ...ops.selective_scan.cases[1],
      inputs: [x, x, f32(d_inner, d_state), m, m, f32(1, d_inner), x, f32(1, d_inner)],
      attrs: { batch, seqlen },
    }
  }
  /** Two query heads of 36 columns on one key head: a row shared by two threads on a large card. */
  const sharedRows: OpCase = {
    inputs: [f32(70, 72), f32(70, 36), f32(70, 36)],
    attrs: { batch: 1, seqlen: 70, heads: 2, kv_heads: 1, window: 0, causal: true },
  }
  /** Runs with the kernels that another adapter would get; subgroups of 32 are written out. */
  const withTarget = async (target: Partial<Target>, run: (backend: WebGpuBackend) => Promise<void>): Promise<void> => {
    const other = await openWebGpu({ software: true, target, ...(target.subgroup === 32 ? { rewrite: subgroupsOf32 } : {}) })
    try {
      await run(other.backend!)
    } finally {
      other.backend!.destroy()
    }
  }
  /** The large cards' kernels on smaller blocks: the software driver compiles every line anew. */
  const smaller = async <T extends object>(choice: T, change: Partial<T>, run: () => Promise<void>): Promise<void> => {
    const usual = { ...choice }
    Object.assign(choice, change)
    try {
      await run()
    } finally {
      Object.assign(choice, usual)
    }
  }
  const expectSmallErrors = async (other: typeof backend, op: OpName, opCase: OpCase): Promise<void> => {
    const gradient = opNames.find((name) => name === `${op}_grad`)
    for (const [result, error] of await caseErrors(other, op, opCase))
      expect(error, `${op} ${result}`).toBeLessThanOrEqual(result.startsWith('d') && gradient ? ops[gradient].tolerance : ops[op].tolerance)
  }

  describe('kernels for other adapters', () => {
    test.each([
      ['selective_scan', 1],
      ['selective_scan', 2],
      ['rms_norm', 1],
      ['layer_norm', 3],
      ['cross_entropy', 1],
      ['matmul', 5],
    ] as const)('without subgroups: %s #%i', (op, index) =>
      withTarget({ subgroup: 1 }, (other) => expectSmallErrors(other, op, ops[op].cases[index])),
    )
    test.each([
      ['wide rows', 'rms_norm', { inputs: [f32(5, 2100), f32(1, 2100)], attrs: { eps: 1e-5 } }],
      ['wide slices', 'layer_norm', { inputs: [f32(5, 1000), f32(1, 1000), f32(1, 1000)], attrs: { eps: 1e-5, groups: 2, bias: true } }],
      [
        'a large vocabulary',
        'cross_entropy',
        { ...ops.cross_entropy.cases[1], inputs: [f32(9, 2601), ops.cross_entropy.cases[1].inputs[1]].map((t) => ({ ...t, rows: 9 })) },
      ],
      ['40 states', 'selective_scan', scan(1, 40, 6, 40)],
    ] as [string, OpName, OpCase][])('%s: %s', (_, op, opCase) => expectSmallErrors(backend, op, opCase))
    test.each([
      ['chunks of 32', scan(2, 70, 130, 16)],
      ['chunks of 64', scan(1, 1100, 9, 8)],
      ['chunks of 128', scan(1, 8200, 5, 4)],
    ])('selective scan as on a large card, %s', (_, opCase) =>
      smaller(PREFERRED_STRAIGHT, { pick: () => null }, () =>
        withTarget({ software: false }, (other) => expectSmallErrors(other, 'selective_scan', opCase)),
      ),
    )
    test('small dispatches run as one and give what they give apart', () =>
      withTarget({ software: false }, async (other) => {
        const builder = new GraphBuilder()
        const external = (name: string, rows: number, cols: number) => builder.external(name, f32(rows, cols))
        const [a, b, c] = [external('a', 600, 8), external('b', 600, 8), external('c', 8, 8)]
        builder.store(builder.one('column_sum', [a]), 'sums', 0)
        builder.store(builder.one('mul', [c, c]), 'square')
        builder.store(builder.one('column_sum', [b]), 'sums', 64)
        const made = plan(builder.graph, other.sizes)
        const data = (count: number, k: number) => Float32Array.from({ length: count }, (_, i) => ((i * k) % 17) / 4)
        const buffers = Object.fromEntries(
          Object.entries({ a: 4800, b: 4800, c: 64, sums: 72, square: 64 }).map(([name, n]) => [name, other.createBuffer(n, 'f32', name)]),
        )
        for (const [name, n, k] of [
          ['a', 4800, 3],
          ['b', 4800, 5],
          ['c', 64, 7],
        ] as const)
          buffers[name].write(data(n, k))
        const program = await other.compile(made, buffers)
        program.run()
        await program.done()
        const sum = (x: Float32Array, col: number) => x.reduce((all, v, i) => (i % 8 === col ? all + v : all), 0)
        const sums = await buffers.sums.read()
        expect(program.steps.map((s) => s.label)).toEqual(['column_sum', 'column_sum', 'column_sum.slices + mul'])
        // Quarters: exact in float32.
        expect([...sums.slice(0, 8)]).toEqual(Array.from({ length: 8 }, (_, col) => sum(data(4800, 3), col)))
        expect([...sums.slice(64)]).toEqual(Array.from({ length: 8 }, (_, col) => sum(data(4800, 5), col)))
        expect([...(await buffers.square.read())]).toEqual([...data(64, 7)].map((x) => x * x))
      }))
    test.each([
      ['four states a lane', 4, scan(1, 41, 9, 8)],
      ['two states a lane', 2, scan(2, 21, 9, 8)],
      ['a channel a lane', 4, scan(1, 41, 9, 4)],
    ])('selective scan in one walk as on a large card, %s', (_, held, opCase) => {
      const backward = { workgroup: 16, held, chunk: 8, reduced: 2, segments: 2, keep: held === 2, turned: held === 4 }
      const pick = () => ({ workgroup: 16, held, turns: 2, ahead: held / 2, late: held === 4, parts: held / 2, backward })
      return smaller(PREFERRED_STRAIGHT, { pick }, () =>
        withTarget({ software: false }, (other) => expectSmallErrors(other, 'selective_scan', opCase)),
      )
    })
    test('selective scan in one walk back by large workgroups', () => {
      const backward = { workgroup: 64, held: 4, chunk: 8, reduced: 2, segments: 1, keep: false, turned: true }
      const pick = () => ({ workgroup: 8, held: 4, turns: 2, ahead: 1, late: false, parts: 1, backward })
      return smaller(PREFERRED_STRAIGHT, { pick }, () =>
        withTarget({ software: false }, (other) => expectSmallErrors(other, 'selective_scan', scan(1, 11, 33, 8))),
      )
    })
    test('selective scan in parts, the last of which ends past the sequence, before passes back over chunks; few buffers', () => {
      const pick = () => ({ workgroup: 8, held: 4, turns: 16, ahead: 1, late: false, parts: 2, backward: null })
      return smaller(PREFERRED_STRAIGHT, { pick }, () =>
        withTarget({ software: false, storageBuffers: 8 }, (other) => expectSmallErrors(other, 'selective_scan', scan(1, 70, 3, 4))),
      )
    })
    test.each([
      ['as on a large card', { software: false, subgroup: 32 }],
      ['as on a large card without subgroups', { software: false, subgroup: 1 }],
    ])(
      'attention %s',
      (_, target) =>
        smaller(FLASH_VARIANTS.attention, { 'one row': { each: target.subgroup === 32 ? 2 : 1, most: 4 } }, () =>
          smaller(FLASH_VARIANTS.attention_grad, { 'one row': { each: target.subgroup === 32 ? 2 : 1, most: 4 } }, () =>
            withTarget(target, (other) => expectSmallErrors(other, 'attention', sharedRows)),
          ),
        ),
      SLOW,
    )
    test.each(['slstm', 'lstm', 'gru'] as const)('%s with a dispatch a time step, as wide heads on a large card', (op) => {
      const gates = op === 'gru' ? 3 : 4
      const cell = (batch: number, seqlen: number, heads: number, dh: number): OpCase => ({
        ...ops[op].cases[0],
        inputs: [f32(batch * seqlen, gates * heads * dh), f32(heads, gates * dh * dh), f32(1, gates * heads * dh)],
        attrs: { batch, seqlen },
      })
      return smaller(STEPWISE, { least: 0 }, () =>
        withTarget({ software: false, subgroup: 32 }, async (other) => {
          await expectSmallErrors(other, op, cell(3, 5, 2, 68))
          await expectSmallErrors(other, op, cell(1, 2, 1, 136))
        }),
      )
    })
    test(
      'row kernels and convolution as on a large card',
      () =>
        withTarget({ software: false }, async (other) => {
          await expectSmallErrors(other, 'rms_norm', ops.rms_norm.cases[2])
          await expectSmallErrors(other, 'rms_norm', ops.rms_norm.cases[5])
          await expectSmallErrors(other, 'layer_norm', ops.layer_norm.cases[4])
          await expectSmallErrors(other, 'cross_entropy', ops.cross_entropy.cases[1])
          await expectSmallErrors(other, 'conv1d_silu', ops.conv1d_silu.cases[3])
          await expectSmallErrors(other, 'embedding', ops.embedding.cases[1])
          await expectSmallErrors(other, 'adamw', ops.adamw.cases[2])
        }),
      SLOW,
    )
    /** 128 points in two passes of 8 and 16. */
    test(
      'long convolution as on a large card',
      () =>
        smaller(WORKGROUP_PASS, { bits: 4 }, () =>
          withTarget({ software: false }, (other) => expectSmallErrors(other, 'fft_conv', ops.fft_conv.cases[1])),
        ),
      SLOW,
    )
    test.each([
      ['S5', 'complex_scan', ops.complex_scan.cases[3]],
      ['S4, chunks side by side', 'dplr_kernel', ops.dplr_kernel.cases[2]],
      ['real modes', 'diagonal_scan', ops.diagonal_scan.cases[3]],
      ['S4D over a long sequence', 'diagonal_scan', ops.diagonal_scan.cases[5]],
    ] as [string, OpName, OpCase][])(
      'state spaces as on a large card: %s',
      (_, op, opCase) => withTarget({ software: false }, (other) => expectSmallErrors(other, op, opCase)),
      SLOW,
    )
    /** One head of 64 units: a whole row of R in each of 256 threads. */
    const widestHeld: OpCase = {
      ...ops.slstm.cases[1],
      inputs: [f32(2 * 3, 256), f32(1, 4 * 64 * 64), f32(1, 256)],
      attrs: { batch: 2, seqlen: 3 },
    }
    test.each([
      ['sLSTM, odd heads', 'slstm', ops.slstm.cases[1]],
      ['sLSTM, the widest head held in registers', 'slstm', widestHeld],
      ['LSTM, a head read at each step', 'lstm', ops.lstm.cases[5]],
      [
        'LSTM, a wide head in fours',
        'lstm',
        { ...ops.lstm.cases[1], inputs: [f32(2 * 3, 272), f32(1, 4 * 68 * 68), f32(1, 272)], attrs: { batch: 2, seqlen: 3 } },
      ],
      ['GRU', 'gru', ops.gru.cases[2]],
      ['block-diagonal map', 'headwise_linear', ops.headwise_linear.cases[4]],
      [
        'block-diagonal map in blocks',
        'headwise_linear',
        { inputs: [f32(70, 80), f32(2, 40 * 72), f32(70, 144)], attrs: { transpose: true, addend: true } },
      ],
      ['its gradient', 'headwise_outer', ops.headwise_outer.cases[2]],
    ] as [string, OpName, OpCase][])(
      'as on a large card: %s',
      (_, op, opCase) => withTarget({ software: false }, (other) => expectSmallErrors(other, op, opCase)),
      SLOW,
    )
    test.each([
      ['sLSTM', 'slstm', ops.slstm.cases[2]],
      [
        'sLSTM, the widest head',
        'slstm',
        { ...widestHeld, inputs: [f32(2 * 2, 256), ...widestHeld.inputs.slice(1)], attrs: { batch: 2, seqlen: 2 } },
      ],
      ['LSTM', 'lstm', ops.lstm.cases[2]],
      ['GRU', 'gru', ops.gru.cases[2]],
      [
        'GRU, several units a warp',
        'gru',
        { ...ops.gru.cases[1], inputs: [f32(2 * 3, 48), f32(1, 3 * 16 * 16), f32(1, 48)], attrs: { batch: 2, seqlen: 3 } },
      ],
      ['a kernel of S4 in chunks', 'dplr_kernel', ops.dplr_kernel.cases[2]],
    ] as [string, OpName, OpCase][])(
      'exchanging registers: %s',
      (_, op, opCase) => withTarget({ software: false, subgroup: 32 }, (other) => expectSmallErrors(other, op, opCase)),
      SLOW,
    )
    /** Two chunks of 64 steps, keys and values that fill no vec4. */
    const memoryCases: [OpName, OpCase][] = [
      ['ssd', { ...ops.ssd.cases[1], inputs: [12, 2, 0, 9, 9, 0, 0].map((cols) => (cols ? f32(70, cols) : f32(1, 2))) }],
      ['mlstm', { ...ops.mlstm.cases[1], inputs: [18, 18, 12, 2, 2].map((cols) => f32(70, cols)) }],
    ]
    test.each(memoryCases)(
      'as on a large card: %s',
      (op, opCase) =>
        smaller(LARGE_TILE, { tm: 4, tn: 8, slab: 8, unroll: 1, perGroup: 2 }, () =>
          withTarget({ software: false }, (other) =>
            expectSmallErrors(other, op, { ...opCase, attrs: { ...opCase.attrs, batch: 1, seqlen: 70 } }),
          ),
        ),
      SLOW,
    )
  })

  describe('matmul tiles of large cards', () => {
    const odd = { M: 70, N: 66, K: 50 }
    // a software driver has less workgroup memory than the deepest tile wants
    const held = HARDWARE_TILES.filter(({ tile }) => fits(tile, backend.target))
    test.each(held.map(({ tile }, i) => [`${tile.BM} × ${tile.BN} × ${tile.BK}`, tile, i] as const))(
      '%s, little unrolled',
      async (_, tile, i) => {
        // Each tile copies one input and transposes the other; the first does both ways and splits the inner dimension too.
        const rolled = { ...tile, unroll: 1 }
        const linear = { transA: false, transB: true }
        const choice = { tile: rolled, splitK: 1, ...(suits(tile, linear) ? {} : { turned: 'AB' as const }) }
        expect(await matmulTileError(backend, choice, { ...odd, ...linear })).toBeLessThanOrEqual(1e-6)
        if (i < 1)
          expect(await matmulTileError(backend, { tile: rolled, splitK: 2 }, { ...odd, transA: true, transB: false })).toBeLessThanOrEqual(
            1e-6,
          )
      },
      SLOW,
    )
    test.each([
      ['A', false, false],
      ['B', true, true],
      ['AB', false, true],
      ['AB', true, false],
    ] as const)('inputs turned first: %s', async (turned, transA, transB) => {
      const tile = { ...HARDWARE_TILES.at(-1)!.tile, unroll: 1 }
      expect(await matmulTileError(backend, { tile, splitK: 2, turned }, { ...odd, transA, transB })).toBeLessThanOrEqual(1e-6)
    })
    test.each([
      ['a stretch of two tiles or less', 5, 128, 96, 80],
      ['a part of a tile', 13, 70, 66, 50],
      ['whole tiles before', 2, 130, 94, 70],
    ] as const)('tiles shared evenly, to each workgroup %s', async (_, sharers, M, N, K) => {
      const tile = { BM: 32, BN: 32, BK: 16, TM: 4, TN: 4, LN: 8, unroll: 1, band: 2 }
      const linear = { transA: false, transB: true }
      expect(await matmulTileError(backend, { tile, splitK: 1, sharers, turned: 'AB' }, { M, N, K, ...linear })).toBeLessThanOrEqual(1e-6)
    })
    test.each([2, 4])('%i groups of threads, each with a part of a slab', async (slices) => {
      const tile = { BM: 32, BN: 32, BK: 32, TM: 4, TN: 4, LN: 8, unroll: 1, band: 8, slices }
      const both = { transA: true, transB: false }
      expect(await matmulTileError(backend, { tile, splitK: 2 }, { ...odd, ...both })).toBeLessThanOrEqual(1e-6)
    })
    test('as it runs on a large card', async () => {
      const { tile } = HARDWARE_TILES.find(({ tile }) => tile.BM === 64 && tile.BN === 64)!
      expect(await matmulTileError(backend, { tile, splitK: 1 }, { ...odd, transA: false, transB: true })).toBeLessThanOrEqual(1e-6)
    })
  })
})
