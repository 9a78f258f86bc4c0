import { HALF_OPERANDS } from '../backends/webgpu/halves.ts'
import { halvesProblem } from '../backends/webgpu/halvesCheck.ts'
import { matrixUnitsProblem } from '../backends/webgpu/matrixUnits.ts'
import { openWebGpu, type WebGpuBackend } from '../backends/webgpu/webgpu.ts'
import { isOpName, type OpName } from '../ops/names.ts'
import type { OpCase } from '../ops/op.ts'
import { ops } from '../ops/registry.ts'
import { UNIT_TILES, unitName } from '../ops/matmul/unitTiles.ts'
import { f32 } from '../tensor/tensor.ts'
import { matmulTileError } from '../testing/matmulTile.ts'
import { caseErrors, type Layout, runCase } from '../testing/opCase.ts'
import type { Check } from './gpuCheck.ts'

/** Products large enough that the rule takes the matrix units, at odd sizes, in all transposes, with gradients. */
const CASES: readonly OpCase[] = [
  { inputs: [f32(515, 203), f32(387, 203)], attrs: { transB: true } },
  { inputs: [f32(301, 401), f32(401, 333), f32(1, 333), f32(301, 333)], attrs: { bias: true, residual: true } },
  { inputs: [f32(391, 254), f32(391, 370)], attrs: { transA: true } },
  { inputs: [f32(400, 310), f32(299, 400)], attrs: { transA: true, transB: true } },
]

/** M, N, K, parts of K, and whether the inputs lie in memory as float16, for each tile alone. */
const SHAPES = [
  [300, 277, 129, 1, false],
  [256, 256, 512, 4, false],
  [65, 63, 31, 1, false],
  [512, 256, 384, 1, true],
] as const

/** Relative L2 error allowed where inputs or results are rounded to float16; the tiles alone are checked on inputs that float16 holds exactly. */
const MIXED = 3e-3
const EXACT = 2e-5

/** Mixed precision on the adapter's matrix units: each tile alone, then whole products with their gradients. Nothing where it has none. */
export async function checkMixed(backend: WebGpuBackend, say: (check: Check) => void): Promise<Check[]> {
  if (!backend.target.matrixUnits) return []
  const problem = await matrixUnitsProblem(backend)
  const checks: Check[] = []
  const keep = (check: Check): void => {
    checks.push(check)
    say(check)
  }
  keep({ what: `matrix units at the start: ${problem ?? 'usable'}`, worst: problem ? Infinity : 0, of: 'y', allowed: EXACT, repeats: true })
  // the checks of a tile at once: compiling is most of the time
  for (const units of UNIT_TILES)
    await Promise.all(
      [false, true].flatMap((transA) =>
        [false, true].flatMap((transB) =>
          SHAPES.map(async ([M, N, K, splitK, halves]) => {
            const worst = await matmulTileError(
              backend,
              { units, splitK, asTheyLie: halves },
              { M, N, K, transA, transB },
              [256, 1],
              halves,
            )
            const what = `${unitName({ units, splitK })} ${transA ? 'T' : 'N'}${transB ? 'T' : 'N'} ${M}x${N}x${K}${halves ? ' in float16' : ''}`
            keep({ what, worst, of: 'y', allowed: EXACT, repeats: true })
          }),
        ),
      ),
    )
  backend.useMixedPrecision(true)
  for (const opCase of CASES) {
    keep(await checkCase(backend, 'mixed', 'matmul', opCase))
  }
  backend.useMixedPrecision(false)
  return checks
}

async function checkCase(backend: WebGpuBackend, how: string, op: OpName, opCase: OpCase, layout?: Layout): Promise<Check> {
  const what = `${how} ${op} ${opCase.inputs.map((t) => `${t.rows}x${t.cols}`).join(' ')}`
  const [of, worst] = (await caseErrors(backend, op, opCase, layout)).reduce((a, b) => (b[1] > a[1] || Number.isNaN(b[1]) ? b : a))
  const [one, two] = [await runCase(backend, op, opCase, layout), await runCase(backend, op, opCase, layout)]
  const repeats = [...one.results].every(([name, values]) => values.every((x, i) => Object.is(x, two.results.get(name)![i])))
  return { what, worst, of, allowed: MIXED, repeats }
}

/** Every op that can read or write float16 in memory, on all its cases, with what it can stored so however small. Nothing where the adapter has none. */
export async function checkHalves(backend: WebGpuBackend, say: (check: Check) => void): Promise<Check[]> {
  if (!backend.storesHalves) return []
  const problem = await halvesProblem(backend)
  const checks: Check[] = [
    {
      what: `float16 in memory at the start: ${problem ?? 'usable'}`,
      worst: problem ? Infinity : 0,
      of: 'y',
      allowed: MIXED,
      repeats: true,
    },
  ]
  say(checks[0])
  const { backend: all } = await openWebGpu({ target: { halves: true }, halfStorage: { from: 1, bytes: 2 } })
  for (const [op, operands] of Object.entries(HALF_OPERANDS))
    for (const opCase of isOpName(op) ? ops[op].cases : []) {
      const check = await checkCase(all!, 'float16', op as OpName, opCase, { gap: 3, halves: operands.split(' ') })
      checks.push(check)
      say(check)
    }
  all!.destroy()
  return checks
}
