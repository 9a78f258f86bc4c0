import { reduceLanes, reduceMemory, type RowPlan } from '../../backends/webgpu/rows.ts'
import { bindOperands, ceilDiv, type Dispatch, kernel, range, reads, type Target, writes } from '../../backends/webgpu/wgsl.ts'
import type { MatmulOperands } from './tiled.ts'

export const FEW_ROWS = 8

/** y = a bᵀ + bias + residual for a handful of rows (generation): lanes share one row of b, which is read once and is all the traffic. */
export function fewRowsMatmul({ a, b, bias, residual, y }: MatmulOperands, target: Target): Dispatch {
  const [M, N, K] = [y.rows, y.cols, a.cols]
  const vec = K % 4 === 0
  const units = vec ? K / 4 : K
  const lanes = Math.min(2 ** Math.floor(Math.log2(units)), target.software ? 8 : 32)
  const workgroup = target.software ? 32 : 128
  const rowsAtOnce = workgroup / lanes
  const plan: RowPlan = { vec, units, lanes, perLane: ceilDiv(units, lanes), workgroup, rowsAtOnce }
  const bound = bindOperands({
    a: reads(a, vec),
    b: reads(b, vec),
    y: writes(y),
    ...(bias ? { bias: reads(bias) } : {}),
    ...(residual ? { residual: reads(residual) } : {}),
  } as Record<string, ReturnType<typeof reads>>)
  const { views } = bound
  const product = (m: number): string => (vec ? `dot(v, ${views.a.get4(`${m}u`, 'k')})` : `v * ${views.a.get(`${m}u`, 'k')}`)
  return kernel({
    label: 'matmul.few_rows',
    bound,
    workgroup,
    groups: ceilDiv(N, rowsAtOnce),
    subgroups: target.subgroup > 1,
    globals: reduceMemory('sums', plan),
    body: `let lane = li % ${lanes}u; let n = w * ${rowsAtOnce}u + li / ${lanes}u; let row = min(n, ${N - 1}u);
${range(M)
  .map((m) => `var s${m} = 0.0;`)
  .join(' ')}
for (var k = lane; k < ${units}u; k += ${lanes}u) { let v = ${vec ? views.b.get4('row', 'k') : views.b.get('row', 'k')}; ${range(M)
      .map((m) => `s${m} += ${product(m)};`)
      .join(' ')} }
${range(M)
  .map((m) => reduceLanes(`s${m}`, 'sums', plan, target, 'sum'))
  .join('')}
if (lane == 0u && n < ${N}u) { ${range(M)
      .map((m) =>
        views.y.put(
          `${m}u`,
          'n',
          [`s${m}`, bias && views.bias.get('0u', 'n'), residual && views.residual.get(`${m}u`, 'n')].filter((v) => v).join(' + '),
        ),
      )
      .join(' ')} }`,
  })
}
