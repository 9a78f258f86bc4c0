import { columnOf, declareBlock, groupRange, keepBlock, multiply, rowRange, threadPlace } from '../../backends/webgpu/blocks.ts'
import { bindOperands, type Dispatch, kernel, literal, part, range, reads, type Target, writes } from '../../backends/webgpu/wgsl.ts'
import type { Operand } from '../../graph/plan.ts'
import type { AttentionShape } from './attention.ts'
import { acrossRow, blockMemory, type BlockPlan, fetchHead, putBlock, scaleKept, seesFour } from './blockPlan.ts'
import { headReads } from './flash.ts'

interface Gradients {
  readonly shape: AttentionShape
  readonly plan: BlockPlan
  readonly inputs: readonly Operand[]
  readonly scratch: Operand
  readonly target: Target
}

/** dq, and D = do · o for the keys' kernel. The weights stay in workgroup memory while their gradients are made. */
export function blockQueries({ shape, plan, inputs: [d_o, q, k, v, o, lse], scratch, target }: Gradients, dq: Operand): Dispatch {
  const { batch, seqlen, heads, kv_heads, head_dim, window, causal } = shape
  const { weights, out, blocks } = plan
  const { rows, cols, tm } = weights
  const bound = bindOperands({
    ...Object.fromEntries(Object.entries({ d_o, q, k, v, o }).map(([name, operand]) => [name, headReads(operand, head_dim)])),
    lse: reads(lse),
    dq: writes(dq, head_dim % 4 === 0),
    D: part(scratch, 0, batch * seqlen * heads, { write: true }),
  } as Record<string, ReturnType<typeof reads>>)
  const { views } = bound
  const all = rowRange(weights)
  const row = (i: number): string => `(i0 + rt * ${tm}u + ${i}u)`
  const clamped = (i: string): string => `base + min(${i}, ${seqlen - 1}u)`
  const query = (name: string) => ({ transposed: true, get: (w: string, c: string) => `${name}At(${clamped(`i0 + ${w}`)}, ${c}, h)` })
  const key = (name: string, transposed: boolean) => ({
    transposed,
    get: (w: string, c: string) => `${name}At(${clamped(`first + ${w}`)}, ${c}, g)`,
  })
  const Dvec = (g: number): string => `vec4f(${range(4).map((i) => `D${4 * g + i}`)})`
  return kernel({
    label: 'attention_grad.queries',
    bound,
    workgroup: weights.threads,
    groups: [blocks, heads, batch],
    subgroups: target.subgroup > 1,
    globals: `${blockMemory(plan, target)}
${fetchHead('q', views.q, head_dim, ` * ${literal(Math.LOG2E / Math.sqrt(head_dim))}`)}
${['d_o', 'k', 'v', 'o'].map((name) => fetchHead(name, views[name], head_dim)).join('\n')}`,
    body: `${threadPlace(weights)} let i0 = (${blocks - 1}u - wid.x) * ${rows}u;
let h = wid.y; let g = h * ${kv_heads}u / ${heads}u; let base = wid.z * ${seqlen}u;
${all
  .map(
    (i) => `let away${i} = ${views.lse.get(clamped(row(i)), 'h')} * ${literal(Math.LOG2E)};
var D${i} = ${groupRange(out)
      .map((n) => `dot(d_oAt(${clamped(row(i))}, ${columnOf(out, n)}, h), oAt(${clamped(row(i))}, ${columnOf(out, n)}, h))`)
      .join(' + ')};`,
  )
  .join('\n')}
${acrossRow(
  all.map((i) => `D${i}`),
  'sum',
  plan,
  target,
)}
if (ct == 0u) { ${all.map((i) => `if (${row(i)} < ${seqlen}u) { ${views.D.put('0u', `(base + ${row(i)}) * ${heads}u + h`, `D${i}`)} }`).join('\n')} }
${declareBlock(out, 'o')}
let end = ${causal ? `min(i0 + ${rows}u, ${seqlen}u)` : window ? `min(i0 + ${rows - 1 + window}u, ${seqlen}u)` : `${seqlen}u`};
for (var first = ${window ? `max(i0, ${window - 1}u) - ${window - 1}u` : '0u'}; first < end; first += ${cols}u) {
{ ${declareBlock(weights, 's')}
${multiply(weights, 's', { from: '0u', to: `${head_dim}u`, A: query('q'), B: key('k', true) })}
${groupRange(weights)
  .map((n) => `let j${n} = vec4u(first + ${columnOf(weights, n)}) + vec4u(0u, 1u, 2u, 3u);`)
  .join(' ')}
${keepBlock(weights, (i, n) => `select(vec4f(), exp2(s${i}_${n} - away${i}), ${seesFour(shape, row(i), `j${n}`)})`)} }
{ ${declareBlock(weights, 'e')}
${multiply(weights, 'e', { from: '0u', to: `${head_dim}u`, A: query('d_o'), B: key('v', true) })}
${scaleKept(weights, (n, j, g) => `(vec4f(${range(4).map((i) => `e${4 * g + i}_${n}[${j}]`)}) - ${Dvec(g)})`)} }
${multiply(out, 'o', { from: '0u', to: `${cols}u`, A: 'Pt', B: key('k', false) })}
}
${putBlock(views.dq, plan, shape, { name: 'o', first: 'i0', base: 'base', h: 'h' }, () => literal(1 / Math.sqrt(head_dim)))}`,
  })
}

/** dk and dv, or one of them: a workgroup owns keys and passes all queries that see them, of all heads that share them. */
export function blockKeys(
  { shape, plan, inputs: [d_o, q, k, v, , lse], scratch, target }: Gradients,
  outputs: { dk?: Operand; dv?: Operand },
): Dispatch {
  const { batch, seqlen, heads, kv_heads, head_dim, window, causal } = shape
  const { weights, out, blocks } = plan
  const { rows, cols, tm } = weights
  const { dk, dv } = outputs
  const vec = head_dim % 4 === 0
  const bound = bindOperands({
    ...Object.fromEntries(
      Object.entries({ d_o, q, k, ...(dk ? { v } : {}) }).map(([name, operand]) => [name, headReads(operand, head_dim)]),
    ),
    lse: reads(lse),
    ...(dk ? { D: part(scratch, 0, batch * seqlen * heads), dk: writes(dk, vec) } : {}),
    ...(dv ? { dv: writes(dv, vec) } : {}),
  } as Record<string, ReturnType<typeof reads>>)
  const { views } = bound
  const row = (i: number): string => `(j0 + rt * ${tm}u + ${i}u)`
  const clamped = (i: string): string => `base + min(${i}, ${seqlen - 1}u)`
  const key = (name: string) => ({ transposed: true, get: (w: string, c: string) => `${name}At(${clamped(`j0 + ${w}`)}, ${c}, g)` })
  const query = (name: string, transposed: boolean) => ({
    transposed,
    get: (w: string, c: string) => `${name}At(${clamped(`first + ${w}`)}, ${c}, h)`,
  })
  const four = (name: string, value: (r: string) => string): string =>
    groupRange(weights)
      .map((n) => `let ${name}${n} = vec4f(${range(4).map((j) => value(clamped(`first + ${columnOf(weights, n)} + ${j}u`)))});`)
      .join('\n')
  const from = causal ? 'j0' : window ? `max(j0, ${window - 1}u) - ${window - 1}u` : '0u'
  const share = heads / kv_heads
  const put = (name: 'dk' | 'dv', by: string): string =>
    putBlock(views[name], plan, shape, { name, first: 'j0', base: 'base', h: 'g' }, () => by)
  return kernel({
    label: `attention_grad.${dk && dv ? 'keys' : dk ? 'dk' : 'dv'}`,
    bound,
    workgroup: weights.threads,
    groups: [blocks, kv_heads, batch],
    globals: `${blockMemory(plan, { ...target, subgroup: 32 })}
${fetchHead('k', views.k, head_dim, ` * ${literal(Math.LOG2E / Math.sqrt(head_dim))}`)}
${['d_o', 'q', ...(dk ? ['v'] : [])].map((name) => fetchHead(name, views[name], head_dim)).join('\n')}`,
    body: `${threadPlace(weights)} let j0 = wid.x * ${rows}u; let g = wid.y; let base = wid.z * ${seqlen}u;
${dk ? declareBlock(out, 'dk') : ''} ${dv ? declareBlock(out, 'dv') : ''}
let end = ${window ? `min(j0 + ${rows - 1 + window}u, ${seqlen}u)` : `${seqlen}u`};
for (var h = g * ${share}u; h < (g + 1u) * ${share}u; h++) {
for (var first = ${from}; first < end; first += ${cols}u) {
{ ${declareBlock(weights, 's')}
${multiply(weights, 's', { from: '0u', to: `${head_dim}u`, A: key('k'), B: query('q', true) })}
${groupRange(weights)
  .map((n) => `let i${n} = vec4u(first + ${columnOf(weights, n)}) + vec4u(0u, 1u, 2u, 3u);`)
  .join(' ')}
${four('away', (r) => `${views.lse.get(r, 'h')} * ${literal(Math.LOG2E)}`)}
${keepBlock(
  weights,
  (i, n) => `select(vec4f(), exp2(s${i}_${n} - away${n}), (i${n} < vec4u(${seqlen}u)) & ${seesFour(shape, `i${n}`, row(i))})`,
)} }
${dv ? multiply(out, 'dv', { from: '0u', to: `${cols}u`, A: 'Pt', B: query('d_o', false) }) : ''}
${
  dk
    ? `{ ${declareBlock(weights, 'e')}
${multiply(weights, 'e', { from: '0u', to: `${head_dim}u`, A: key('v'), B: query('d_o', true) })}
${four('D', (r) => views.D.get('0u', `(${r}) * ${heads}u + h`))}
${scaleKept(weights, (n, j, g) => `(vec4f(${range(4).map((i) => `e${4 * g + i}_${n}[${j}]`)}) - D${n}[${j}])`)} }
${multiply(out, 'dk', { from: '0u', to: `${cols}u`, A: 'Pt', B: query('q', false) })}`
    : ''
}
} }
${dk ? put('dk', literal(1 / Math.sqrt(head_dim))) : ''} ${dv ? put('dv', '1.0') : ''}`,
  })
}
