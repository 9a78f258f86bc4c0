import { planRows, reduceLanes, reduceMemory } from '../../backends/webgpu/rows.ts'
import { bindOperands, ceilDiv, kernel, literal, range, reads, type WgslKernel, writes } from '../../backends/webgpu/wgsl.ts'
import { num } from '../op.ts'

/** Lanes of a row keep it in registers between the sum of squares and the scaling, so x is read once. */
export const rms_norm: WgslKernel = {
  dispatches({ inputs: [x, weight], outputs: [y, rstd], attrs }, target) {
    const plan = planRows(x.cols, target)
    const { vec, units, lanes, perLane, workgroup, rowsAtOnce } = plan
    const bound = bindOperands({ x: reads(x, vec), weight: reads(weight, vec), y: writes(y, vec), rstd: writes(rstd) })
    const { views } = bound
    const get = (k: 'x' | 'weight', row: string, c: string): string => (vec ? views[k].get4(row, c) : views[k].get(row, c))
    const store = (c: string, value: string): string => (vec ? views.y.put4('r', c, value) : views.y.put('r', c, value))
    const held = perLane <= 8
    const col = (k: number): string => `(lane + ${k * lanes}u)`
    const guard = (k: number): string => ((k + 1) * lanes <= units ? '' : `if (${col(k)} < ${units}u)`)
    const square = (v: string): string => (vec ? `dot(${v}, ${v})` : `${v} * ${v}`)
    const T = vec ? 'vec4f' : 'f32'
    return [
      kernel({
        label: 'rms_norm',
        bound,
        workgroup,
        groups: ceilDiv(x.rows, rowsAtOnce),
        subgroups: target.subgroup > 1,
        globals: reduceMemory('sums', plan),
        body: `let lane = li % ${lanes}u; let row = w * ${rowsAtOnce}u + li / ${lanes}u; let r = min(row, ${x.rows - 1}u);
var sum = 0.0;
${
  held
    ? range(perLane)
        .map((k) => `var x${k} = ${T}(); ${guard(k)} { x${k} = ${get('x', 'r', col(k))}; sum += ${square(`x${k}`)}; }`)
        .join('\n')
    : `for (var c = lane; c < ${units}u; c += ${lanes}u) { let v = ${get('x', 'r', 'c')}; sum += ${square('v')}; }`
}
${reduceLanes('sum', 'sums', plan, target, 'sum')}
let scale = inverseSqrt(sum / ${literal(x.cols)} + ${literal(num(attrs, 'eps'))});
if (row < ${x.rows}u) {
if (lane == 0u) { ${views.rstd.put('r', '0u', 'scale')} }
${
  held
    ? range(perLane)
        .map((k) => `${guard(k)} { ${store(col(k), `x${k} * scale * ${get('weight', '0u', col(k))}`)} }`)
        .join('\n')
    : `for (var c = lane; c < ${units}u; c += ${lanes}u) { ${store('c', `${get('x', 'r', 'c')} * scale * ${get('weight', '0u', 'c')}`)} }`
}
}`,
      }),
    ]
  },
}
