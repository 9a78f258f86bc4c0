import type { WebGpuBackend } from '../backends/webgpu/webgpu.ts'
import { HARDWARE_TILES, suits, tileName } from '../ops/matmul/tiles.ts'
import { type OpName, opNames } from '../ops/names.ts'
import type { OpCase } from '../ops/op.ts'
import { ops } from '../ops/registry.ts'
import { f32 } from '../tensor/tensor.ts'
import { matmulTileError } from '../testing/matmulTile.ts'
import { allowedError, caseErrors, runCase } from '../testing/opCase.ts'

export interface Check {
  readonly what: string
  readonly worst: number
  readonly of: string
  readonly allowed: number
  readonly repeats: boolean
}

const scan = (batch: number, seqlen: number, d: number, N: number): OpCase => {
  const [x, m] = [f32(batch * seqlen, d), f32(batch * seqlen, N)]
  const range = (ops.selective_scan.cases[1].range ?? []).map((r, i) => (i === 2 ? ([-N, -0.1] as const) : r))
  return { inputs: [x, x, f32(d, N), m, m, f32(1, d), x, f32(1, d)], attrs: { batch, seqlen }, range }
}
const conv = (batch: number, seqlen: number, d: number): OpCase => ({
  inputs: [f32(batch * seqlen, d), f32(d, 4), f32(1, d)],
  attrs: { batch, seqlen },
})

const heads = (batch: number, seqlen: number, n: number, kv: number, head_dim: number, window: number, causal: boolean): OpCase => ({
  inputs: [f32(batch * seqlen, n * head_dim), ...[0, 1].map(() => f32(batch * seqlen, kv * head_dim))],
  attrs: { batch, seqlen, heads: n, kv_heads: kv, window, causal },
})
const cell = (op: 'slstm' | 'lstm' | 'gru', batch: number, seqlen: number, n: number, dh: number): OpCase => {
  const gates = op === 'gru' ? 3 : 4
  const reach = 1 / Math.sqrt(dh)
  return {
    inputs: [f32(batch * seqlen, gates * n * dh), f32(n, gates * dh * dh), f32(1, gates * n * dh)],
    attrs: { batch, seqlen },
    range: [
      [-2, 2],
      [-reach, reach],
      [-1, 1],
    ],
  }
}

/** Shapes beyond the ops' own cases: long sequences, several tiles, rows wider than a workgroup. */
const LARGER: readonly [OpName, OpCase][] = [
  ['selective_scan', scan(2, 1100, 130, 16)],
  ['selective_scan', scan(1, 16384, 9, 16)],
  ['selective_scan', scan(2, 300, 70, 64)],
  ['selective_scan', scan(2, 257, 65, 20)],
  ['conv1d_silu', conv(3, 515, 260)],
  ['attention', heads(2, 200, 4, 2, 64, 0, true)],
  ['attention', heads(1, 150, 2, 2, 33, 40, false)],
  ['attention', heads(1, 130, 1, 1, 128, 70, true)],
  [
    'ssd',
    {
      ...ops.ssd.cases[1],
      inputs: [3 * 64, 3, 0, 128, 128, 0, 0].map((cols) => (cols ? f32(200, cols) : f32(1, 3))),
      attrs: { batch: 1, seqlen: 200, groups: 1 },
    },
  ],
  [
    'mlstm',
    { ...ops.mlstm.cases[1], inputs: [2 * 72, 2 * 72, 2 * 136, 2, 2].map((cols) => f32(150, cols)), attrs: { batch: 1, seqlen: 150 } },
  ],
  ['slstm', cell('slstm', 3, 60, 2, 64)],
  ['slstm', cell('slstm', 2, 30, 2, 32)],
  ['lstm', cell('lstm', 3, 20, 1, 132)],
  ['gru', cell('gru', 2, 20, 2, 64)],
  ['gru', cell('gru', 2, 10, 1, 256)],
  ['headwise_linear', { inputs: [f32(70, 80), f32(2, 40 * 72), f32(70, 144)], attrs: { transpose: true, addend: true } }],
  ['fft_conv', { inputs: [f32(2 * 2500, 20), f32(2500, 20), f32(1, 20)], attrs: { batch: 2, seqlen: 2500 } }],
  [
    'dplr_kernel',
    {
      ...ops.dplr_kernel.cases[3],
      inputs: [1, 4, 4, 4, 4, 4].map((rows, i) => (i ? f32(rows, i < 3 ? 32 : 64) : f32(1, 4))),
      attrs: { lags: 4096 },
    },
  ],
  ['rms_norm', { inputs: [f32(4099, 512), f32(1, 512)], attrs: { eps: 1e-5 } }],
  ['rms_norm', { inputs: [f32(65, 9000), f32(1, 9000)], attrs: { eps: 1e-5 } }],
  ['matmul', { inputs: [f32(515, 1030), f32(387, 1030)], attrs: { transB: true } }],
  ['matmul', { inputs: [f32(2048, 96), f32(2048, 50)], attrs: { transA: true } }],
]

/** An op on a case against float64, contiguous and strided, and twice for the same bits. */
async function checkCase(backend: WebGpuBackend, op: OpName, opCase: OpCase): Promise<Check> {
  let [worst, of] = [0, '']
  for (const gap of LARGER.some(([, l]) => l === opCase) ? [0] : [0, 3])
    for (const [name, error] of await caseErrors(backend, op, opCase, { gap })) if (!(error <= worst)) [worst, of] = [error, name]
  const [one, two] = [await runCase(backend, op, opCase), await runCase(backend, op, opCase)]
  const repeats = [...one.results].every(([name, values]) => values.every((x, i) => Object.is(x, two.results.get(name)![i])))
  const grad = opNames.find((name) => name === `${op}_grad`)
  return {
    what: `${op} ${opCase.inputs.map((t) => `${t.rows}x${t.cols}`).join(' ')}`,
    worst,
    of,
    allowed: Math.max(of === '' ? 0 : allowedError(op, of), ops[op].tolerance, grad ? ops[grad].tolerance : 0),
    repeats,
  }
}

/** Cases under way at once: a driver compiles kernels on several cores, and compiling is most of the time. */
const AT_ONCE = 8

/** Every op on every case and the larger shapes; then each matmul tile. Says each as it comes. */
export async function checkAll(backend: WebGpuBackend, larger: boolean, say: (check: Check) => void): Promise<Check[]> {
  const cases: [OpName, OpCase][] = [
    ...opNames.flatMap((op) => ops[op].cases.map((c) => [op, c] as [OpName, OpCase])),
    ...(larger ? LARGER : []),
  ]
  const checks: Check[] = []
  const keep = (check: Check): void => {
    checks.push(check)
    say(check)
  }
  const queue = cases.values()
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const [op, opCase] of queue) keep(await checkCase(backend, op, opCase))
    }),
  )
  if (larger)
    for (const { tile } of HARDWARE_TILES)
      for (const transA of [false, true])
        for (const transB of [false, true])
          for (const [shape, split] of [
            [{ M: 300, N: 277, K: 129 }, { splitK: 1 }],
            [{ M: 256, N: 256, K: 512 }, { splitK: 4 }],
            [
              { M: 600, N: 277, K: 129 },
              { splitK: 1, sharers: 5 },
            ],
          ] as const) {
            for (const turned of [undefined, 'AB'] as const) {
              if (!suits(tile, { transA, transB }, turned)) continue
              const choice = { tile, ...split, ...(turned ? { turned } : {}) }
              const worst = await matmulTileError(backend, choice, { ...shape, transA, transB })
              const what = `matmul tile ${tileName(choice)} ${transA ? 'T' : 'N'}${transB ? 'T' : 'N'} ${shape.M}x${shape.N}x${shape.K}`
              keep({ what, worst, of: 'y', allowed: ops.matmul.tolerance, repeats: true })
            }
          }
  return checks
}
