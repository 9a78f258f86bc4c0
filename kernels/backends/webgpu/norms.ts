import type { Operand } from '../../graph/plan.ts'
import { rowSlices, sumAllSlices, sumColumns } from './columns.ts'
import { planRows, reduceLanes, reduceMemory, type RowPlan } from './rows.ts'
import {
  bindOperands,
  ceilDiv,
  type Dispatch,
  kernel,
  literal,
  part,
  range,
  reads,
  regions,
  type Target,
  type View,
  writes,
} from './wgsl.ts'

/** rms_norm and layer_norm: a row of x is `groups` equal slices, each normalised on its own. With `mean` the mean is taken off first. */
export interface NormForward {
  readonly label: string
  readonly groups: number
  readonly eps: number
  readonly x: Operand
  readonly weight: Operand
  readonly bias?: Operand
  readonly y: Operand
  readonly mean?: Operand
  readonly rstd: Operand
}
export interface NormBackward {
  readonly label: string
  readonly groups: number
  readonly dy: Operand
  readonly x: Operand
  readonly weight: Operand
  readonly mean?: Operand
  readonly rstd: Operand
  readonly addend?: Operand
  readonly dx: Operand
  readonly dweight: Operand
  readonly dbias?: Operand
  readonly scratch: Operand | null
}

type Requests = Record<string, ReturnType<typeof reads>>

/** How one row's units are named and guarded in the generated code, held in registers. */
function lanesOf({ vec, units, lanes, perLane }: RowPlan, views: Record<string, View>, groups: number) {
  const at = (c: string): string => (groups > 1 ? `g0 + ${c}` : c)
  return {
    T: vec ? 'vec4f' : 'f32',
    col: (k: number): string => `(lane + ${k * lanes}u)`,
    guard: (k: number): string => ((k + 1) * lanes <= units ? '' : `if (${`(lane + ${k * lanes}u)`} < ${units}u)`),
    each: (code: (k: number) => string): string => range(perLane).map(code).join('\n'),
    loop: (code: string): string => `for (var c = lane; c < ${units}u; c += ${lanes}u) { ${code} }`,
    get: (k: string, row: string, c: string): string => (vec ? views[k].get4(row, at(c)) : views[k].get(row, at(c))),
    put: (k: string, c: string, value: string): string => (vec ? views[k].put4('r', at(c), value) : views[k].put('r', at(c), value)),
    dot: (a: string, b: string): string => (vec ? `dot(${a}, ${b})` : `${a} * ${b}`),
    total: (a: string): string => (vec ? `dot(${a}, vec4f(1.0))` : a),
  }
}

/** Lanes of a row keep it in registers between the sums and the scaling, so x is read once. */
export function normForward({ label, groups, eps, x, weight, bias, y, mean, rstd }: NormForward, target: Target): Dispatch {
  const width = x.cols / groups
  const plan = planRows(width, target)
  const { vec, units, lanes, perLane, workgroup, rowsAtOnce } = plan
  const bound = bindOperands({
    x: reads(x, vec),
    weight: reads(weight, vec),
    ...(bias ? { bias: reads(bias, vec) } : {}),
    y: writes(y, vec),
    ...(mean ? { mean: writes(mean) } : {}),
    rstd: writes(rstd),
  } as Requests)
  const { views } = bound
  const { T, col, guard, each, loop, get, put, dot, total } = lanesOf(plan, views, groups)
  const held = perLane <= 8
  const rows = x.rows * groups
  const scaled = (v: string, c: string): string =>
    `${mean ? `(${v} - mean)` : v} * scale * ${get('weight', '0u', c)}${bias ? ` + ${get('bias', '0u', c)}` : ''}`
  const sums = (term: (v: string) => string): string =>
    held ? each((k) => `${guard(k)} { sum += ${term(`x${k}`)}; }`) : loop(`let v = ${get('x', 'r', 'c')}; sum += ${term('v')};`)
  return kernel({
    label,
    bound,
    workgroup,
    groups: ceilDiv(rows, rowsAtOnce),
    subgroups: target.subgroup > 1,
    globals: reduceMemory('sums', plan),
    body: `let lane = li % ${lanes}u; let row = w * ${rowsAtOnce}u + li / ${lanes}u; let l = min(row, ${rows - 1}u);
${groups > 1 ? `let r = l / ${groups}u; let g = l % ${groups}u; let g0 = g * ${units}u;` : 'let r = l; let g = 0u;'}
var sum = 0.0;
${held ? each((k) => `var x${k} = ${T}(); ${guard(k)} { x${k} = ${get('x', 'r', col(k))}; }`) : ''}
${
  mean
    ? `${sums(total)}
${reduceLanes('sum', 'sums', plan, target, 'sum')}
let mean = sum / ${literal(width)}; sum = 0.0;`
    : ''
}
${sums((v) => (mean ? dot(`(${v} - mean)`, `(${v} - mean)`) : dot(v, v)))}
${reduceLanes('sum', 'sums', plan, target, 'sum')}
let scale = inverseSqrt(sum / ${literal(width)} + ${literal(eps)});
if (row < ${rows}u) {
if (lane == 0u) { ${views.rstd.put('r', 'g', 'scale')} ${mean ? views.mean.put('r', 'g', 'mean') : ''} }
${held ? each((k) => `${guard(k)} { ${put('y', col(k), scaled(`x${k}`, col(k)))} }`) : loop(put('y', 'c', scaled(get('x', 'r', 'c'), 'c')))}
}`,
  })
}

/** Whether a lane can hold its columns' dweight in registers. */
const isFused = (plan: RowPlan): boolean => plan.perLane <= 8
/** Workgroups of the fused kernel per slice: each walks its share of the rows of one slice and leaves one partial dweight. */
const shares = (rows: number, groups: number, { rowsAtOnce }: RowPlan): number =>
  Math.max(1, Math.min(ceilDiv(rows, rowsAtOnce * 2), ceilDiv(1024, groups)))
const partsOf = (share: number, cols: number, bias: boolean) => regions({ weight: share * cols, bias: bias ? share * cols : 0 })

/** Elements of scratch. */
export function normScratch(rows: number, cols: number, groups: number, bias: boolean, target: Target): number {
  const plan = planRows(cols / groups, target)
  if (isFused(plan)) return partsOf(shares(rows, groups, plan), cols, bias).total
  const slices = rowSlices(rows, cols)
  return slices > 1 ? slices * cols : 0
}

/**
 * dx, dweight and dbias in one reading of dy and x: a lane keeps the sums of its columns over all rows it sees. Workgroups' partial sums
 * are added in order by further dispatches. Very wide rows sum dweight column by column instead.
 */
export function normBackward(operands: NormBackward, target: Target): Dispatch[] {
  const { label, groups, dy, x, weight, mean, rstd, addend, dx, dweight, dbias, scratch } = operands
  const { rows, cols } = x
  const width = cols / groups
  const plan = planRows(width, target)
  const { vec, units, lanes, workgroup, rowsAtOnce } = plan
  const fused = isFused(plan)
  const share = shares(rows, groups, plan)
  const parts = partsOf(share, cols, !!dbias)
  const bound = bindOperands({
    dy: reads(dy, vec),
    x: reads(x, vec),
    weight: reads(weight, vec),
    ...(mean ? { mean: reads(mean) } : {}),
    rstd: reads(rstd),
    dx: writes(dx, vec),
    ...(addend ? { addend: reads(addend, vec) } : {}),
    ...(fused ? { partials: part(scratch!, 0, parts.total, { vec, write: true }) } : {}),
  } as Requests)
  const { views } = bound
  const { T, col, guard, each, loop, get, put, dot, total } = lanesOf(plan, views, groups)
  const normed = (v: string): string => (mean ? `(${v} - middle) * scale` : `${v} * scale`)
  const moved = (d: string, w: string, v: string, c: string): string =>
    `scale * (${d} * ${w}${mean ? ' - offset' : ''} - ${v} * mean)${addend ? ` + ${get('addend', 'r', c)}` : ''}`
  const limit = fused ? rows : rows * groups
  const reduced = `${reduceLanes('sum', 'sums', plan, target, 'sum')} let mean = sum / ${literal(width)};
${mean ? `${reduceLanes('plain', 'sums', plan, target, 'sum')} let offset = plain / ${literal(width)};` : ''}`
  const passes = fused
    ? `${each((k) => `var x${k} = ${T}(); var d${k} = ${T}(); ${guard(k)} { x${k} = ${normed(get('x', 'r', col(k)))}; d${k} = ${get('dy', 'r', col(k))}; sum += ${dot(`(d${k} * w${k})`, `x${k}`)}; ${mean ? `plain += ${dot(`d${k}`, `w${k}`)};` : ''} }`)}
${reduced}
if (row < ${limit}u) { ${each((k) => `acc${k} += d${k} * x${k}; ${dbias ? `bias${k} += d${k};` : ''} ${guard(k)} { ${put('dx', col(k), moved(`d${k}`, `w${k}`, `x${k}`, col(k)))} }`)} }`
    : `${loop(`let h = ${get('dy', 'r', 'c')} * ${get('weight', '0u', 'c')}; sum += ${dot('h', `(${normed(get('x', 'r', 'c'))})`)}; ${mean ? `plain += ${total('h')};` : ''}`)}
${reduced}
if (row < ${limit}u) { ${loop(put('dx', 'c', moved(get('dy', 'r', 'c'), get('weight', '0u', 'c'), normed(get('x', 'r', 'c')), 'c')))} }`
  const place = fused
    ? `let row = (share + s * ${share}u) * ${rowsAtOnce}u + li / ${lanes}u; let r = min(row, ${rows - 1}u);`
    : `let row = w * ${rowsAtOnce}u + li / ${lanes}u; let l = min(row, ${limit - 1}u); let r = l / ${groups}u; let g = l % ${groups}u; let g0 = g * ${units}u;`
  const leave = (name: string, first: number): string =>
    each((k) => {
      const to = `${first / (vec ? 4 : 1)}u + share * ${units * groups}u + ${groups > 1 ? 'g0 + ' : ''}${col(k)}`
      return `tile[li] = ${name}${k}; workgroupBarrier();
if (li < ${lanes}u) { var total = tile[li]; for (var q = 1u; q < ${rowsAtOnce}u; q++) { total += tile[li + q * ${lanes}u]; } ${guard(k)} { ${vec ? views.partials.put4('0u', to, 'total') : views.partials.put('0u', to, 'total')} } }
workgroupBarrier();`
    })
  const first = kernel({
    label,
    bound,
    workgroup,
    groups: fused ? share * groups : ceilDiv(limit, rowsAtOnce),
    subgroups: target.subgroup > 1,
    globals: `${reduceMemory('sums', plan)} ${fused ? `var<workgroup> tile: array<${T}, ${workgroup}>;` : ''}`,
    body: `let lane = li % ${lanes}u;
${fused ? (groups > 1 ? `let g = w % ${groups}u; let share = w / ${groups}u; let g0 = g * ${units}u;` : 'let g = 0u; let share = w;') : ''}
${fused ? each((k) => `var acc${k} = ${T}(); ${dbias ? `var bias${k} = ${T}();` : ''} var w${k} = ${T}(); ${guard(k)} { w${k} = ${get('weight', '0u', col(k))}; }`) : ''}
for (var s = 0u; s < ${fused ? ceilDiv(rows, share * rowsAtOnce) : 1}u; s++) {
${place} let scale = ${views.rstd.get('r', 'g')}; ${mean ? `let middle = ${views.mean.get('r', 'g')};` : ''}
var sum = 0.0; ${mean ? 'var plain = 0.0;' : ''}
${passes}
}
${fused ? leave('acc', parts.first.weight) : ''}
${fused && dbias ? leave('bias', parts.first.bias) : ''}`,
  })
  if (fused) {
    const results = [{ first: parts.first.weight, output: dweight }, ...(dbias ? [{ first: parts.first.bias, output: dbias }] : [])]
    return [first, sumAllSlices(`${label}.dweight`, part(scratch!, 0, parts.total), share, cols, results, target)]
  }
  const term = mean ? 'dy * (x - mean) * rstd' : 'dy * x * rstd'
  return [
    first,
    ...sumColumns(`${label}.dweight`, { dy, x }, term, dweight, scratch, target, { rstd, ...(mean ? { mean } : {}) }),
    ...(dbias ? sumColumns(`${label}.dbias`, { dy }, 'dy', dbias, scratch, target) : []),
  ]
}
