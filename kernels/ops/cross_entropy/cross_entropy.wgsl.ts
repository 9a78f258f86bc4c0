import { planRows, reduceLanes, reduceMemory } from '../../backends/webgpu/rows.ts'
import { totalOf } from '../../backends/webgpu/total.ts'
import { bindOperands, ceilDiv, kernel, part, range, reads, type Target, type WgslKernel, writes } from '../../backends/webgpu/wgsl.ts'

const LOWEST = '-3.4028234e38'
const groupsFor = (rows: number, vocab: number, target: Target): number => Math.min(ceilDiv(rows, planRows(vocab, target).rowsAtOnce), 1024)

/** Each workgroup leaves the sum of its rows' nll and how many count; a second dispatch adds those up in order. */
export const cross_entropy: WgslKernel = {
  scratch: ([logits], _attrs, target) => 2 * groupsFor(logits.rows, logits.cols, target),
  dispatches({ inputs: [logits, targets], outputs: [loss, nll, lse, count], scratch }, target) {
    const plan = planRows(logits.cols, target)
    const { vec, units, lanes, perLane, workgroup, rowsAtOnce } = plan
    const groups = groupsFor(logits.rows, logits.cols, target)
    const steps = ceilDiv(logits.rows, groups * rowsAtOnce)
    const bound = bindOperands({
      logits: reads(logits, vec),
      targets: reads(targets),
      nll: writes(nll),
      lse: writes(lse),
      partials: part(scratch!, 0, groups * 2, { write: true }),
    })
    const { views } = bound
    const get = (c: string): string => (vec ? views.logits.get4('r', c) : views.logits.get('r', c))
    const T = vec ? 'vec4f' : 'f32'
    const most = (v: string): string => (vec ? `max(max(${v}.x, ${v}.y), max(${v}.z, ${v}.w))` : v)
    const total = (v: string): string => (vec ? `((${v}.x + ${v}.y) + (${v}.z + ${v}.w))` : v)
    const col = (k: number): string => `(lane + ${k * lanes}u)`
    const guard = (k: number): string => ((k + 1) * lanes <= units ? '' : `if (${col(k)} < ${units}u)`)
    const held = perLane <= 8
    const softmax = held
      ? `${range(perLane)
          .map((k) => `var x${k} = ${T}(); ${guard(k)} { x${k} = ${get(col(k))}; top = max(top, ${most(`x${k}`)}); }`)
          .join('\n')}
${reduceLanes('top', 'sums', plan, target, 'max')}
${range(perLane)
  .map((k) => `${guard(k)} { let e = exp(x${k} - top); sum += ${total('e')}; }`)
  .join('\n')}`
      : `for (var c = lane; c < ${units}u; c += ${lanes}u) { let x = ${get('c')}; let above = max(top, ${most('x')}); let e = exp(x - above); sum = sum * exp(top - above) + ${total('e')}; top = above; }
let mine = top;
${reduceLanes('top', 'sums', plan, target, 'max')}
sum *= exp(mine - top);`
    const rows = kernel({
      label: 'cross_entropy',
      bound,
      workgroup,
      groups,
      subgroups: target.subgroup > 1,
      globals: `${reduceMemory('sums', plan)} var<workgroup> losses: array<vec2f, ${rowsAtOnce}>;`,
      body: `let lane = li % ${lanes}u; var lost = vec2f();
for (var s = 0u; s < ${steps}u; s++) {
let row = (w + s * ${groups}u) * ${rowsAtOnce}u + li / ${lanes}u; let r = min(row, ${logits.rows - 1}u);
var top = ${LOWEST}; var sum = 0.0;
${softmax}
${reduceLanes('sum', 'sums', plan, target, 'sum')}
if (lane == 0u && row < ${logits.rows}u) { let z = top + log(sum); let goal = ${views.targets.get('r', '0u')};
var n = 0.0; if (goal >= 0) { let g = min(u32(goal), ${logits.cols - 1}u); n = z - ${views.logits.get('r', 'g')}; lost += vec2f(n, 1.0); }
${views.nll.put('r', '0u', 'n')} ${views.lse.put('r', '0u', 'z')} }
}
if (lane == 0u) { losses[li / ${lanes}u] = lost; } workgroupBarrier();
if (li == 0u) { for (var k = 1u; k < ${rowsAtOnce}u; k++) { lost += losses[k]; }
${views.partials.put('0u', 'w * 2u', 'lost.x')} ${views.partials.put('0u', 'w * 2u + 1u', 'lost.y')} }`,
    })
    const finish = 'count = total1; loss = total0 / max(total1, 1.0);'
    return [rows, totalOf({ label: 'cross_entropy.total', scratch: scratch!, groups, terms: 2, outputs: { loss, count }, finish }, target)]
  },
}
