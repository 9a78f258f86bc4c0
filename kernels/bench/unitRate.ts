import { bindOperands, type Dispatch, kernel, range, writes } from '../backends/webgpu/wgsl.ts'

const SUBGROUPS = 4
/** Matrices of a subgroup along each side: 64 × 64 of results, as in the product's kernel. */
const SIDE = 4

/** Nothing but products of matrices that are already there, `loops` times over in each of `groups` workgroups. */
export function unitDispatch(groups: number, loops: number): Dispatch {
  const count = groups * SUBGROUPS * 256
  const bound = bindOperands({ y: writes({ buffer: 0, offset: 0, rows: 1, cols: count, ld: count, dtype: 'f32' }) })
  const each = range(SIDE)
  const sums = each.flatMap((i) => each.map((j) => `c${i}_${j}`))
  return kernel({
    label: 'units',
    bound,
    workgroup: 32 * SUBGROUPS,
    groups,
    subgroups: true,
    directives: 'enable f16; enable chromium_experimental_subgroup_matrix; diagnostic(off, chromium.subgroup_matrix_uniformity);\n',
    globals: `var<workgroup> t: array<vec4u, ${SIDE * 32}>; var<workgroup> out: array<f32, ${SUBGROUPS * 256}>;`,
    body: `t[li] = vec4u(pack2x16float(vec2f(f32(li) / 4096.0, 0.001))); workgroupBarrier();
let warp = li / 32u;
${each.map((i) => `let left${i} = subgroupMatrixLoad<subgroup_matrix_left<f16, 16, 16>, row_major>(&t, ${i * 32}u, 2u); let right${i} = subgroupMatrixLoad<subgroup_matrix_right<f16, 16, 16>, col_major>(&t, ${i * 32}u, 2u);`).join('\n')}
${sums.map((c) => `var ${c} = subgroup_matrix_result<f32, 16, 16>();`).join(' ')}
for (var k = 0u; k < ${loops}u; k++) {
${each.flatMap((i) => each.map((j) => `c${i}_${j} = subgroupMatrixMultiplyAccumulate(left${i}, right${j}, c${i}_${j});`)).join('\n')}
}
var sum = vec4f(); let first = warp * 256u + li % 32u * 8u;
${sums.map((c) => `subgroupMatrixStore<row_major>(&out, warp * 256u, ${c}, 16u); workgroupBarrier(); sum += vec4f(out[first], out[first + 1u], out[first + 2u], out[first + 7u]); workgroupBarrier();`).join('\n')}
${bound.views.y.put('0u', `w * ${SUBGROUPS * 256}u + li`, 'dot(sum, vec4f(1.0))')}`,
  })
}

/** Products enough to fill a large card, and what they count. */
export const UNIT_GROUPS = 132 * 8
export const UNIT_LOOPS = 2048
export const UNIT_FLOPS = UNIT_GROUPS * SUBGROUPS * UNIT_LOOPS * SIDE * SIDE * 2 * 16 ** 3
/** Elements that unitDispatch(UNIT_GROUPS, …) writes. */
export const UNIT_ELEMENTS = UNIT_GROUPS * SUBGROUPS * 256
