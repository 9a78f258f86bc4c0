import { bindOperands, kernel, literal, range, type WgslKernel, writes } from '../../backends/webgpu/wgsl.ts'
import { attentionShape } from './attention.ts'
import { blockForward } from './blockForward.ts'
import { attentionVariants, planBlocks } from './blockPlan.ts'
import { dots, exchangeMemory, fillTiles, fromTile, headReads, loadHead, planFlash, putHead, sees, sumSplit, tileMemory } from './flash.ts'

/** Keys a thread weighs before it touches its output. */
const CHUNK = 8

/** Online softmax in base 2: a thread holds its share of q and o, keys and values pass by in tiles. Late queries, which see most, first. */
export const attention: WgslKernel = {
  variants: (inputs, attrs, target) => attentionVariants('attention', attentionShape('attention', inputs, attrs), target),
  dispatches({ inputs: [q, k, v], outputs: [o, lse], attrs }, target) {
    const shape = attentionShape('attention', [q, k, v], attrs)
    const { batch, seqlen, heads, kv_heads, head_dim, window, causal } = shape
    const large = planBlocks('attention', shape, target)
    if (large) return [blockForward(shape, large, [q, k, v], [o, lse], target)]
    const plan = planFlash(shape, target, target.software ? 2 : CHUNK)
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
    const all = range(chunk)
    return [
      kernel({
        label: 'attention',
        bound,
        workgroup,
        groups: [blocks, heads, batch],
        subgroups: target.subgroup > 1,
        globals: `${tileMemory(['k', 'v'], plan)}\n${exchangeMemory(plan, target, chunk)}`,
        body: `let part = li % ${split}u; let i0 = (${blocks - 1}u - wid.x) * ${rows}u; let i = i0 + li / ${split}u;
let h = wid.y; let g = h * ${kv_heads}u / ${heads}u; let base = wid.z * ${seqlen}u; let row = base + min(i, ${seqlen - 1}u);
${loadHead('q', views.q, plan, head_dim, 'row', 'h', ` * ${literal(Math.LOG2E / Math.sqrt(head_dim))}`)}
${each((n) => `var o${n} = vec4f();`)}
var most = -1e30; var sum = 0.0;
let end = ${causal ? `min(i0 + ${rows}u, ${seqlen}u)` : window ? `min(i0 + ${rows - 1 + window}u, ${seqlen}u)` : `${seqlen}u`};
for (var first = ${window ? `max(i0, ${window - 1}u) - ${window - 1}u` : '0u'}; first < end; first += ${tile}u) {
workgroupBarrier();
${fillTiles({ k: views.k, v: views.v }, plan, head_dim, 'base', seqlen, { k: 'g', v: 'g' })}
workgroupBarrier();
for (var c = 0u; c < ${tile}u; c += ${chunk}u) { let j = first + c;
${dots('s', 'q', 'k', plan)}
${sumSplit(
  all.map((n) => `s${n}`),
  plan,
  target,
)}
${all.map((n) => `s${n} = select(-1e30, s${n}, ${sees(shape, 'i', `(j + ${n}u)`)});`).join('\n')}
let now = ${all.reduce((a, n) => `max(${a}, s${n})`, 'most')}; let shrink = exp2(most - now); most = now;
${all.map((n) => `let p${n} = exp2(s${n} - now);`).join(' ')}
sum = sum * shrink + ${all.map((n) => `p${n}`).join(' + ')};
${each((n) => `o${n} = o${n} * shrink + ${all.map((m) => `p${m} * ${fromTile('v', plan, m, n)}`).join(' + ')};`)}
} }
if (i < ${seqlen}u) { let by = 1.0 / sum; ${putHead(views.o, plan, head_dim, 'row', 'h', (n) => `o${n} * by`)}
if (part == 0u) { ${views.lse.put('row', 'h', `(most + log2(sum)) * ${literal(Math.LN2)}`)} } }`,
      }),
    ]
  },
}
