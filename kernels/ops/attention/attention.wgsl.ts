import { bindOperands, kernel, literal, range, type WgslKernel, writes } from '../../backends/webgpu/wgsl.ts'
import { attentionShape } from './attention.ts'
import {
  dots,
  exchangeMemory,
  fillTiles,
  flashVariants,
  fromTile,
  headReads,
  loadHead,
  planFlash,
  putHead,
  rowNames,
  rowPlace,
  sees,
  sumSplit,
  tileMemory,
} from './flash.ts'

/** Keys a thread weighs before it touches its output. */
const CHUNK = 8

/** Online softmax in base 2: a thread holds its share of q and o, keys and values pass by in tiles. Late queries, which see most, first. */
export const attention: WgslKernel = {
  variants: (inputs, attrs, target) => flashVariants('attention', attentionShape('attention', inputs, attrs), target),
  dispatches({ inputs: [q, k, v], outputs: [o, lse], attrs }, target) {
    const shape = attentionShape('attention', [q, k, v], attrs)
    const { batch, seqlen, heads, kv_heads, head_dim, window, causal } = shape
    const plan = planFlash('attention', shape, target, target.software ? 2 : CHUNK)
    const { rows, split, workgroup, tile, chunk, blocks, perThread } = plan
    const bound = bindOperands({
      q: headReads(q, head_dim),
      k: headReads(k, head_dim),
      v: headReads(v, head_dim),
      o: writes(o, head_dim % 4 === 0),
      lse: writes(lse),
    })
    const { views } = bound
    const each = (code: (k: number) => string): string => range(perThread).map(code).join(' ')
    const names = rowNames(plan)
    const perRow = (code: (x: string, r: number) => string): string => names.map(code).join('\n')
    const all = range(chunk)
    return [
      kernel({
        label: 'attention',
        bound,
        workgroup,
        groups: [blocks, heads, batch],
        subgroups: target.subgroup > 1,
        globals: `${tileMemory(['k', 'v'], plan)}\n${exchangeMemory(plan, target, chunk * plan.each)}`,
        body: `let part = li % ${split}u; let i0 = (${blocks - 1}u - wid.x) * ${rows}u;
let h = wid.y; let g = h * ${kv_heads}u / ${heads}u; let base = wid.z * ${seqlen}u;
${perRow(
  (x, r) => `let i${x} = ${rowPlace(plan, 'i0', r)}; let row${x} = base + min(i${x}, ${seqlen - 1}u);
${loadHead(`q${x}`, views.q, plan, head_dim, `row${x}`, 'h', ` * ${literal(Math.LOG2E / Math.sqrt(head_dim))}`)}
${each((n) => `var o${x}${n} = vec4f();`)}
var most${x} = -1e30; var sum${x} = 0.0;`,
)}
let end = ${causal ? `min(i0 + ${rows}u, ${seqlen}u)` : window ? `min(i0 + ${rows - 1 + window}u, ${seqlen}u)` : `${seqlen}u`};
for (var first = ${window ? `max(i0, ${window - 1}u) - ${window - 1}u` : '0u'}; first < end; first += ${tile}u) {
workgroupBarrier();
${fillTiles({ k: views.k, v: views.v }, plan, head_dim, 'base', seqlen, { k: 'g', v: 'g' })}
workgroupBarrier();
for (var c = 0u; c < ${tile}u; c += ${chunk}u) { let j = first + c;
${perRow((x) => dots(`s${x}`, `q${x}`, 'k', plan))}
${sumSplit(
  names.flatMap((x) => all.map((n) => `s${x}${n}`)),
  plan,
  target,
)}
${perRow(
  (x) => `${all.map((n) => `s${x}${n} = select(-1e30, s${x}${n}, ${sees(shape, `i${x}`, `(j + ${n}u)`)});`).join('\n')}
let now${x} = ${all.reduce((a, n) => `max(${a}, s${x}${n})`, `most${x}`)}; let shrink${x} = exp2(most${x} - now${x}); most${x} = now${x};
${all.map((n) => `let p${x}${n} = exp2(s${x}${n} - now${x});`).join(' ')}
sum${x} = sum${x} * shrink${x} + ${all.map((n) => `p${x}${n}`).join(' + ')};`,
)}
${each((n) => perRow((x) => `o${x}${n} = o${x}${n} * shrink${x} + ${all.map((m) => `p${x}${m} * ${fromTile('v', plan, m, n)}`).join(' + ')};`))}
} }
${perRow(
  (x) => `if (i${x} < ${seqlen}u) { let by = 1.0 / sum${x}; ${putHead(views.o, plan, head_dim, `row${x}`, 'h', (n) => `o${x}${n} * by`)}
if (part == 0u) { ${views.lse.put(`row${x}`, 'h', `(most${x} + log2(sum${x})) * ${literal(Math.LN2)}`)} } }`,
)}`,
      }),
    ]
  },
}
