import { bindOperands, type Dispatch, kernel, literal, part, range, reads, type WgslKernel, writes } from '../../backends/webgpu/wgsl.ts'
import { num } from '../op.ts'
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

/**
 * Two kernels that each own what they write, so no atomics: the first owns queries (dq, and D = do · o for the second), the second owns
 * keys (dk, dv). Both recompute the weights from lse: seven products instead of five, but every sum has one fixed order.
 */
export const attention_grad: WgslKernel = {
  variants: ([, ...inputs], attrs, target) => flashVariants('attention_grad', attentionShape('attention_grad', inputs, attrs), target),
  scratch: ([d_o], attrs) => d_o.rows * num(attrs, 'heads'),
  dispatches({ inputs: [d_o, q, k, v, o, lse], outputs: [dq, dk, dv], attrs, scratch }, target) {
    const shape = attentionShape('attention_grad', [q, k, v], attrs)
    const { batch, seqlen, heads, kv_heads, head_dim, window, causal } = shape
    const plan = planFlash('attention_grad', shape, target, target.software ? 1 : 4)
    const { rows, split, workgroup, tile, chunk, blocks, perThread } = plan
    const vec = head_dim % 4 === 0
    const base2 = Math.LOG2E / Math.sqrt(head_dim)
    const each = (code: (k: number) => string): string => range(perThread).map(code).join(' ')
    const all = range(chunk)
    const names = rowNames(plan)
    const perRow = (code: (x: string, r: number) => string): string => names.map(code).join('\n')
    const both = names.flatMap((x) => [...all.map((n) => `s${x}${n}`), ...all.map((n) => `e${x}${n}`)])
    const memory = exchangeMemory(plan, target, 2 * chunk * plan.each)

    function queries(): Dispatch {
      const bound = bindOperands({
        d_o: headReads(d_o, head_dim),
        q: headReads(q, head_dim),
        k: headReads(k, head_dim),
        v: headReads(v, head_dim),
        o: headReads(o, head_dim),
        lse: reads(lse),
        dq: writes(dq, vec),
        D: part(scratch!, 0, batch * seqlen * heads, { write: true }),
      })
      const { views } = bound
      return kernel({
        label: 'attention_grad.queries',
        bound,
        workgroup,
        groups: [blocks, heads, batch],
        subgroups: target.subgroup > 1,
        globals: `${tileMemory(['k', 'v'], plan)}\n${memory}`,
        body: `let part = li % ${split}u; let i0 = (${blocks - 1}u - wid.x) * ${rows}u;
let h = wid.y; let g = h * ${kv_heads}u / ${heads}u; let base = wid.z * ${seqlen}u;
${perRow(
  (x, r) => `let i${x} = ${rowPlace(plan, 'i0', r)}; let row${x} = base + min(i${x}, ${seqlen - 1}u);
${loadHead(`q${x}`, views.q, plan, head_dim, `row${x}`, 'h')}
${loadHead(`d${x}`, views.d_o, plan, head_dim, `row${x}`, 'h')}
var D${x} = 0.0;
{ ${loadHead('o', views.o, plan, head_dim, `row${x}`, 'h')} D${x} = ${range(perThread)
    .map((n) => `dot(d${x}${n}, o${n})`)
    .join(' + ')}; }
let away${x} = ${views.lse.get(`row${x}`, 'h')} * ${literal(Math.LOG2E)};
${each((n) => `var dq${x}${n} = vec4f();`)}`,
)}
${sumSplit(
  names.map((x) => `D${x}`),
  plan,
  target,
)}
${perRow((x) => `if (part == 0u && i${x} < ${seqlen}u) { ${views.D.put('0u', `row${x} * ${heads}u + h`, `D${x}`)} }`)}
let end = ${causal ? `min(i0 + ${rows}u, ${seqlen}u)` : window ? `min(i0 + ${rows - 1 + window}u, ${seqlen}u)` : `${seqlen}u`};
for (var first = ${window ? `max(i0, ${window - 1}u) - ${window - 1}u` : '0u'}; first < end; first += ${tile}u) {
workgroupBarrier();
${fillTiles({ k: views.k, v: views.v }, plan, head_dim, 'base', seqlen, { k: 'g', v: 'g' })}
workgroupBarrier();
for (var c = 0u; c < ${tile}u; c += ${chunk}u) { let j = first + c;
${perRow((x) => dots(`s${x}`, `q${x}`, 'k', plan))}
${perRow((x) => dots(`e${x}`, `d${x}`, 'v', plan))}
${sumSplit(both, plan, target)}
${perRow((x) =>
  all
    .map(
      (n) =>
        `let w${x}${n} = select(0.0, exp2(s${x}${n} * ${literal(base2)} - away${x}), ${sees(shape, `i${x}`, `(j + ${n}u)`)}) * (e${x}${n} - D${x});`,
    )
    .join('\n'),
)}
${each((n) => perRow((x) => `dq${x}${n} += ${all.map((m) => `w${x}${m} * ${fromTile('k', plan, m, n)}`).join(' + ')};`))}
} }
${perRow((x) => `if (i${x} < ${seqlen}u) { ${putHead(views.dq, plan, head_dim, `row${x}`, 'h', (n) => `dq${x}${n} * ${literal(1 / Math.sqrt(head_dim))}`)} }`)}`,
      })
    }

    function keys(): Dispatch {
      const bound = bindOperands({
        d_o: headReads(d_o, head_dim),
        q: headReads(q, head_dim),
        k: headReads(k, head_dim),
        v: headReads(v, head_dim),
        lse: reads(lse),
        D: part(scratch!, 0, batch * seqlen * heads),
        dk: writes(dk, vec),
        dv: writes(dv, vec),
      })
      const { views } = bound
      const from = causal ? 'j0' : window ? `max(j0, ${window - 1}u) - ${window - 1}u` : '0u'
      const shared = heads / kv_heads
      return kernel({
        label: 'attention_grad.keys',
        bound,
        workgroup,
        groups: [blocks, kv_heads, batch],
        subgroups: target.subgroup > 1,
        globals: `${tileMemory(['q', 'd_o'], plan)}
var<workgroup> aways: array<f32, ${tile}>; var<workgroup> Ds: array<f32, ${tile}>;
${memory}`,
        body: `let part = li % ${split}u; let j0 = wid.x * ${rows}u; let g = wid.y; let base = wid.z * ${seqlen}u;
${perRow(
  (x, r) => `let j${x} = ${rowPlace(plan, 'j0', r)}; let row${x} = base + min(j${x}, ${seqlen - 1}u);
${loadHead(`k${x}`, views.k, plan, head_dim, `row${x}`, 'g')}
${loadHead(`v${x}`, views.v, plan, head_dim, `row${x}`, 'g')}
${each((n) => `var dk${x}${n} = vec4f(); var dv${x}${n} = vec4f();`)}`,
)}
let end = ${window ? `min(j0 + ${rows - 1 + window}u, ${seqlen}u)` : `${seqlen}u`};
for (var h = g * ${shared}u; h < (g + 1u) * ${shared}u; h++) {
for (var first = ${from}; first < end; first += ${tile}u) {
workgroupBarrier();
${fillTiles({ q: views.q, d_o: views.d_o }, plan, head_dim, 'base', seqlen, { q: 'h', d_o: 'h' })}
for (var n = li; n < ${tile}u; n += ${workgroup}u) { let r = base + min(first + n, ${seqlen - 1}u);
aways[n] = ${views.lse.get('r', 'h')} * ${literal(Math.LOG2E)}; Ds[n] = ${views.D.get('0u', `r * ${heads}u + h`)}; }
workgroupBarrier();
for (var c = 0u; c < ${tile}u; c += ${chunk}u) { let i = first + c;
${perRow((x) => dots(`s${x}`, `k${x}`, 'q', plan))}
${perRow((x) => dots(`e${x}`, `v${x}`, 'd_o', plan))}
${sumSplit(both, plan, target)}
${perRow((x) =>
  all
    .map((n) => {
      const inside = `i + ${n}u < ${seqlen}u && ${sees(shape, `(i + ${n}u)`, `j${x}`)}`
      return `let p${x}${n} = select(0.0, exp2(s${x}${n} * ${literal(base2)} - aways[c + ${n}u]), ${inside}); let w${x}${n} = p${x}${n} * (e${x}${n} - Ds[c + ${n}u]);`
    })
    .join('\n'),
)}
${each((n) =>
  perRow(
    (x) =>
      `dv${x}${n} += ${all.map((m) => `p${x}${m} * ${fromTile('d_o', plan, m, n)}`).join(' + ')}; dk${x}${n} += ${all.map((m) => `w${x}${m} * ${fromTile('q', plan, m, n)}`).join(' + ')};`,
  ),
)}
} } }
${perRow(
  (
    x,
  ) => `if (j${x} < ${seqlen}u) { ${putHead(views.dk, plan, head_dim, `row${x}`, 'g', (n) => `dk${x}${n} * ${literal(1 / Math.sqrt(head_dim))}`)}
${putHead(views.dv, plan, head_dim, `row${x}`, 'g', (n) => `dv${x}${n}`)} }`,
)}`,
      })
    }
    return [queries(), keys()]
  },
}
