import { rowSlices, sumColumns, sumSlices } from '../../backends/webgpu/columns.ts'
import { planRows, reduceLanes, reduceMemory } from '../../backends/webgpu/rows.ts'
import {
  bindOperands,
  ceilDiv,
  kernel,
  literal,
  part,
  range,
  reads,
  type Target,
  type WgslKernel,
  writes,
} from '../../backends/webgpu/wgsl.ts'

/** Workgroups of the fused kernel: each walks its share of the rows and leaves one partial dweight. */
const groupsFor = (rows: number, rowsAtOnce: number): number => Math.max(1, Math.min(ceilDiv(rows, rowsAtOnce * 2), 1024))
/** Whether a lane can hold its columns' dweight in registers. */
const isFused = (cols: number, target: Target): boolean => planRows(cols, target).perLane <= 8

/**
 * dx and dweight in one reading of dy and x: a lane keeps the dweight of its columns over all rows it sees. Workgroups' partial sums
 * are added in order by a second dispatch. Very wide rows sum dweight column by column instead.
 */
export const rms_norm_grad: WgslKernel = {
  scratch([, x], _attrs, target) {
    if (isFused(x.cols, target)) return groupsFor(x.rows, planRows(x.cols, target).rowsAtOnce) * x.cols
    const slices = rowSlices(x.rows, x.cols)
    return slices > 1 ? slices * x.cols : 0
  },
  dispatches({ inputs, outputs: [dx, dweight], attrs, scratch }, target) {
    const [dy, x, weight, rstd] = inputs
    const plan = planRows(x.cols, target)
    const { vec, units, lanes, perLane, workgroup, rowsAtOnce } = plan
    const fused = isFused(x.cols, target)
    const groups = fused ? groupsFor(x.rows, rowsAtOnce) : ceilDiv(x.rows, rowsAtOnce)
    const bound = bindOperands({
      dy: reads(dy, vec),
      x: reads(x, vec),
      weight: reads(weight, vec),
      rstd: reads(rstd),
      dx: writes(dx, vec),
      ...(attrs.addend ? { addend: reads(inputs[4], vec) } : {}),
      ...(fused ? { partials: part(scratch!, 0, groups * x.cols, { vec, write: true }) } : {}),
    } as Record<string, ReturnType<typeof reads>>)
    const { views } = bound
    const get = (k: string, row: string, c: string): string => (vec ? views[k].get4(row, c) : views[k].get(row, c))
    const put = (k: string, row: string, c: string, value: string): string =>
      vec ? views[k].put4(row, c, value) : views[k].put(row, c, value)
    const T = vec ? 'vec4f' : 'f32'
    const product = (a: string, b: string): string => (vec ? `dot(${a}, ${b})` : `${a} * ${b}`)
    const col = (k: number): string => `(lane + ${k * lanes}u)`
    const guard = (k: number): string => ((k + 1) * lanes <= units ? '' : `if (${col(k)} < ${units}u)`)
    const addend = (c: string): string => (attrs.addend ? ` + ${get('addend', 'r', c)}` : '')
    const each = (code: (k: number) => string): string => range(perLane).map(code).join('\n')
    const steps = ceilDiv(x.rows, groups * rowsAtOnce)
    const passes = fused
      ? `${each((k) => `var x${k} = ${T}(); var d${k} = ${T}(); ${guard(k)} { x${k} = ${get('x', 'r', col(k))} * scale; d${k} = ${get('dy', 'r', col(k))}; sum += ${product(`d${k} * w${k}`, `x${k}`)}; }`)}
${reduceLanes('sum', 'sums', plan, target, 'sum')}
let mean = sum / ${literal(x.cols)};
if (row < ${x.rows}u) { ${each((k) => `acc${k} += d${k} * x${k}; ${guard(k)} { ${put('dx', 'r', col(k), `scale * (d${k} * w${k} - x${k} * mean)${addend(col(k))}`)} }`)} }`
      : `for (var c = lane; c < ${units}u; c += ${lanes}u) { sum += ${product(`(${get('dy', 'r', 'c')} * ${get('weight', '0u', 'c')})`, `(${get('x', 'r', 'c')} * scale)`)}; }
${reduceLanes('sum', 'sums', plan, target, 'sum')}
let mean = sum / ${literal(x.cols)};
if (row < ${x.rows}u) { for (var c = lane; c < ${units}u; c += ${lanes}u) {
${put('dx', 'r', 'c', `scale * (${get('dy', 'r', 'c')} * ${get('weight', '0u', 'c')} - ${get('x', 'r', 'c')} * scale * mean)${addend('c')}`)} } }`
    const dot = kernel({
      label: 'rms_norm_grad',
      bound,
      workgroup,
      groups,
      subgroups: target.subgroup > 1,
      globals: `${reduceMemory('sums', plan)} ${fused ? `var<workgroup> tile: array<${T}, ${workgroup}>;` : ''}`,
      body: `let lane = li % ${lanes}u;
${fused ? each((k) => `var acc${k} = ${T}(); var w${k} = ${T}(); ${guard(k)} { w${k} = ${get('weight', '0u', col(k))}; }`) : ''}
for (var s = 0u; s < ${steps}u; s++) {
let row = (w + s * ${groups}u) * ${rowsAtOnce}u + li / ${lanes}u; let r = min(row, ${x.rows - 1}u); let scale = ${views.rstd.get('r', '0u')};
var sum = 0.0;
${passes}
}
${
  fused
    ? each(
        (k) => `tile[li] = acc${k}; workgroupBarrier();
if (li < ${lanes}u) { var total = tile[li]; for (var q = 1u; q < ${rowsAtOnce}u; q++) { total += tile[li + q * ${lanes}u]; } ${guard(k)} { ${put('partials', '0u', `w * ${units}u + ${col(k)}`, 'total')} } }
workgroupBarrier();`,
      )
    : ''
}`,
    })
    const weights = fused
      ? [sumSlices('rms_norm_grad.dweight', part(scratch!, 0, groups * x.cols), groups, x.cols, dweight, target)]
      : sumColumns('rms_norm_grad.dweight', { dy, x }, 'dy * x * rstd', dweight, scratch, target, { rstd })
    return [dot, ...weights]
  },
}
