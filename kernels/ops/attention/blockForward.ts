import { columnOf, declareBlock, each, groupRange, keepBlock, multiply, rowRange, threadPlace } from '../../backends/webgpu/blocks.ts'
import { bindOperands, type Dispatch, kernel, literal, type Target, writes } from '../../backends/webgpu/wgsl.ts'
import type { Operand } from '../../graph/plan.ts'
import type { AttentionShape } from './attention.ts'
import { acrossRow, blockMemory, type BlockPlan, fetchHead, putBlock, seesFour } from './blockPlan.ts'
import { headReads } from './flash.ts'

/** Online softmax in base 2 as in attention.wgsl.ts, on blocks of queries and keys. */
export function blockForward(
  shape: AttentionShape,
  plan: BlockPlan,
  [q, k, v]: readonly Operand[],
  [o, lse]: readonly Operand[],
  target: Target,
): Dispatch {
  const { batch, seqlen, heads, kv_heads, head_dim, window, causal } = shape
  const { weights, out, blocks } = plan
  const { rows, cols, tm } = weights
  const bound = bindOperands({
    q: headReads(q, head_dim),
    k: headReads(k, head_dim),
    v: headReads(v, head_dim),
    o: writes(o, head_dim % 4 === 0),
    lse: writes(lse),
  })
  const { views } = bound
  const all = rowRange(weights)
  const row = (i: number): string => `(i0 + rt * ${tm}u + ${i}u)`
  const most = (i: number): string => groupRange(weights).reduce((a, n) => `max(${a}, s${i}_${n})`, 'vec4f(-1e30)')
  const inside = [
    causal ? `first + ${cols - 1}u > i0` : `first + ${cols}u > ${seqlen}u`,
    ...(window ? [`first + ${window}u < i0 + ${rows + 1}u`] : []),
    ...(window && !causal ? [`first + ${cols}u > i0 + ${window}u`] : []),
  ]
  return kernel({
    label: 'attention',
    bound,
    workgroup: weights.threads,
    groups: [blocks, heads, batch],
    subgroups: target.subgroup > 1,
    globals: `${blockMemory(plan, target)}
${fetchHead('q', views.q, head_dim, ` * ${literal(Math.LOG2E / Math.sqrt(head_dim))}`)}
${fetchHead('k', views.k, head_dim)}
${fetchHead('v', views.v, head_dim)}`,
    body: `${threadPlace(weights)} let i0 = (${blocks - 1}u - wid.x) * ${rows}u;
let h = wid.y; let g = h * ${kv_heads}u / ${heads}u; let base = wid.z * ${seqlen}u;
${declareBlock(out, 'o')}
${all.map((i) => `var most${i} = -1e30; var sum${i} = 0.0;`).join(' ')}
let end = ${causal ? `min(i0 + ${rows}u, ${seqlen}u)` : window ? `min(i0 + ${rows - 1 + window}u, ${seqlen}u)` : `${seqlen}u`};
for (var first = ${window ? `max(i0, ${window - 1}u) - ${window - 1}u` : '0u'}; first < end; first += ${cols}u) {
${declareBlock(weights, 's')}
${multiply(weights, 's', {
  from: '0u',
  to: `${head_dim}u`,
  A: { transposed: true, get: (w, c) => `qAt(base + min(i0 + ${w}, ${seqlen - 1}u), ${c}, h)` },
  B: { transposed: true, get: (w, c) => `kAt(base + min(first + ${w}, ${seqlen - 1}u), ${c}, g)` },
})}
if (${inside.join(' || ')}) {
${groupRange(weights)
  .map((n) => `let j${n} = vec4u(first + ${columnOf(weights, n)}) + vec4u(0u, 1u, 2u, 3u);`)
  .join(' ')}
${each(weights, (i, n) => `s${i}_${n} = select(vec4f(-1e30), s${i}_${n}, ${seesFour(shape, row(i), `j${n}`)});`)} }
${all.map((i) => `var now${i}: f32; { let m = ${most(i)}; now${i} = max(max(m.x, m.y), max(m.z, m.w)); }`).join('\n')}
${acrossRow(
  all.map((i) => `now${i}`),
  'max',
  plan,
  target,
)}
${all
  .map(
    (i) => `{ let now = max(most${i}, now${i}); let shrink = exp2(most${i} - now); most${i} = now;
${groupRange(weights)
  .map((n) => `s${i}_${n} = exp2(s${i}_${n} - now);`)
  .join(' ')} let p = ${groupRange(weights)
      .map((n) => `s${i}_${n}`)
      .join(' + ')};
sum${i} = sum${i} * shrink + ((p.x + p.y) + (p.z + p.w)); ${groupRange(out)
      .map((n) => `o${i}_${n} *= shrink;`)
      .join(' ')} }`,
  )
  .join('\n')}
${keepBlock(weights, (i, n) => `s${i}_${n}`)}
${multiply(out, 'o', {
  from: '0u',
  to: `${cols}u`,
  A: 'Pt',
  B: { transposed: false, get: (r, c) => `vAt(base + min(first + ${r}, ${seqlen - 1}u), ${c}, g)` },
})}
}
${acrossRow(
  all.map((i) => `sum${i}`),
  'sum',
  plan,
  target,
)}
${all.map((i) => `let by${i} = 1.0 / sum${i};`).join(' ')}
${putBlock(views.o, plan, shape, { name: 'o', first: 'i0', base: 'base', h: 'h' }, (i) => `by${i}`)}
if (ct == 0u) { ${all
      .map(
        (i) =>
          `if (${row(i)} < ${seqlen}u) { ${views.lse.put(`base + ${row(i)}`, 'h', `(most${i} + log2(sum${i})) * ${literal(Math.LN2)}`)} }`,
      )
      .join('\n')} }`,
  })
}
