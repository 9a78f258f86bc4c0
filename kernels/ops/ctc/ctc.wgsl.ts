import { totalOf } from '../../backends/webgpu/total.ts'
import {
  bindOperands,
  type Dispatch,
  kernel,
  part,
  reads,
  regions,
  type Target,
  type WgslKernel,
  writes,
} from '../../backends/webgpu/wgsl.ts'
import type { Operand } from '../../graph/plan.ts'
import type { TensorType } from '../../tensor/tensor.ts'
import { type Attributes, num } from '../op.ts'

/** Scratch: log Σ exp of each row, forward weights by step and state, −log p and whether it is scored of each sequence. */
function layout([logits, labels]: readonly Pick<TensorType, 'rows' | 'cols'>[], attrs: Attributes) {
  const states = 2 * labels.cols + 1
  return regions({ lse: logits.rows, alpha: logits.rows * states, terms: 2 * num(attrs, 'batch') })
}

const MASKED = '-1e30'
/** log Σ of three logarithms of which some may be MASKED. */
const GLOBALS = `fn log3(a: f32, b: f32, c: f32) -> f32 { let m = max(a, max(b, c)); return m + log(exp(a - m) + exp(b - m) + exp(c - m)); }`

/** The class of state s, and whether state s − 2 may come straight to it. */
const states = (labels: { get(r: string, c: string): string }): string =>
  `fn class_(b: u32, s: u32) -> u32 { if (s % 2u == 0u) { return 0u; } return u32(max(${labels.get('b', 's / 2u')}, 0)); }
fn skips(b: u32, s: u32) -> bool { return s >= 3u && s % 2u == 1u && class_(b, s) != class_(b, s - 2u) && class_(b, s) != 0u; }`

/** −log p per sequence with log weights relative to the largest of the step before, which f32 keeps exact where they matter. */
function walk(inputs: readonly Operand[], attrs: Attributes, scratch: Operand, target: Target): Dispatch[] {
  const [logits, labels] = inputs
  const [batch, seqlen, V, most] = [num(attrs, 'batch'), num(attrs, 'seqlen'), logits.cols, 2 * labels.cols + 1]
  const { first } = layout(inputs, attrs)
  const rowsAtOnce = target.software ? 16 : 64
  const lse = bindOperands({ logits: reads(logits), lse: part(scratch, first.lse, logits.rows, { write: true }) })
  const bound = bindOperands({
    logits: reads(logits),
    labels: reads(labels),
    lse: part(scratch, first.lse, logits.rows),
    alpha: part(scratch, first.alpha, logits.rows * most, { write: true }),
    terms: part(scratch, first.terms, 2 * batch, { write: true }),
  })
  const { views } = bound
  const threads = target.software ? 16 : 128
  const logp = (t: string): string =>
    `${views.logits.get(`(b * ${seqlen}u + ${t})`, 'class_(b, s)')} - ${views.lse.get('0u', `b * ${seqlen}u + ${t}`)}`
  return [
    kernel({
      label: 'ctc.rows',
      bound: lse,
      workgroup: rowsAtOnce,
      groups: Math.ceil(logits.rows / rowsAtOnce),
      body: `let r = w * ${rowsAtOnce}u + li; if (r >= ${logits.rows}u) { return; }
var m = ${MASKED}; for (var v = 0u; v < ${V}u; v++) { m = max(m, ${lse.views.logits.get('r', 'v')}); }
var sum = 0.0; for (var v = 0u; v < ${V}u; v++) { sum += exp(${lse.views.logits.get('r', 'v')} - m); }
${lse.views.lse.put('0u', 'r', 'm + log(sum)')}`,
    }),
    kernel({
      label: 'ctc',
      bound,
      workgroup: threads,
      groups: batch,
      globals: `${GLOBALS}\nvar<workgroup> old: array<f32, ${most}>;\n${states(views.labels)}`,
      body: `let b = w; var n = 1u; for (var k = 0u; k < ${labels.cols}u; k++) { if (${views.labels.get('b', 'k')} < 0) { break; } n += 2u; }
var taken = 0.0;
for (var t = 0u; t < ${seqlen}u; t++) {
var m = 0.0;
if (t > 0u) { m = ${MASKED}; for (var s = 0u; s < n; s++) { m = max(m, old[s]); } taken += m; }
for (var s = li; s < n; s += ${threads}u) { var a = select(${MASKED}, 0.0, s < 2u);
if (t > 0u) { a = log3(old[s], select(${MASKED}, old[max(s, 1u) - 1u], s > 0u), select(${MASKED}, old[max(s, 2u) - 2u], skips(b, s))) - m; }
${views.alpha.put('0u', `(b * ${seqlen}u + t) * ${most}u + s`, `max(a + ${logp('t')}, ${MASKED})`)} }
workgroupBarrier();
for (var s = li; s < n; s += ${threads}u) { old[s] = ${views.alpha.get('0u', `(b * ${seqlen}u + t) * ${most}u + s`)}; }
workgroupBarrier(); }
if (li == 0u) { var end = old[n - 1u]; if (n > 1u) { end = log3(end, old[n - 2u], ${MASKED}); }
let scored = end > -1e28 && taken > -1e28;
${views.terms.put('0u', 'b * 2u', 'select(0.0, -(end + taken), scored)')} ${views.terms.put('0u', 'b * 2u + 1u', 'select(0.0, 1.0, scored)')} }`,
    }),
  ]
}

export const ctc: WgslKernel = {
  scratch: (inputs, attrs) => layout(inputs, attrs).total,
  dispatches({ inputs, outputs: [loss, nll, count], attrs, scratch }, target) {
    const batch = num(attrs, 'batch')
    const { first } = layout(inputs, attrs)
    const terms = { ...scratch!, offset: scratch!.offset + first.terms, cols: 2 * batch, ld: 2 * batch }
    const out = bindOperands({ terms: part(scratch!, first.terms, 2 * batch), nll: writes(nll) })
    return [
      ...walk(inputs, attrs, scratch!, target),
      kernel({
        label: 'ctc.nll',
        bound: out,
        workgroup: 64,
        groups: Math.ceil(batch / 64),
        body: `let b = w * 64u + li; if (b >= ${batch}u) { return; } ${out.views.nll.put('b', '0u', out.views.terms.get('0u', 'b * 2u'))}`,
      }),
      totalOf(
        {
          label: 'ctc.total',
          scratch: terms,
          groups: batch,
          terms: 2,
          outputs: { loss, count },
          finish: 'loss = total0 / max(total1, 1.0); count = total1;',
        },
        target,
      ),
    ]
  },
}

export const ctc_grad: WgslKernel = {
  scratch: (inputs, attrs) => layout(inputs, attrs).total,
  dispatches({ inputs, outputs: [dlogits], attrs, scratch }, target) {
    const [logits, labels, count, dloss] = inputs
    const [batch, seqlen, V, most] = [num(attrs, 'batch'), num(attrs, 'seqlen'), logits.cols, 2 * labels.cols + 1]
    const { first } = layout(inputs, attrs)
    const bound = bindOperands({
      logits: reads(logits),
      labels: reads(labels),
      count: reads(count),
      dloss: reads(dloss),
      lse: part(scratch!, first.lse, logits.rows),
      alpha: part(scratch!, first.alpha, logits.rows * most),
      terms: part(scratch!, first.terms, 2 * batch),
      dlogits: writes(dlogits),
    })
    const { views } = bound
    const threads = target.software ? 16 : 128
    return [
      ...walk(inputs, attrs, scratch!, target),
      kernel({
        label: 'ctc_grad',
        bound,
        workgroup: threads,
        groups: batch,
        globals: `${GLOBALS}\nvar<workgroup> beta: array<f32, ${most}>; var<workgroup> share: array<f32, ${most}>;\n${states(views.labels)}`,
        body: `let b = w; var n = 1u; for (var k = 0u; k < ${labels.cols}u; k++) { if (${views.labels.get('b', 'k')} < 0) { break; } n += 2u; }
let scale = ${views.dloss.get('0u', '0u')} / max(${views.count.get('0u', '0u')}, 1.0) * ${views.terms.get('0u', 'b * 2u + 1u')};
for (var left = ${seqlen}u; left > 0u; left--) { let t = left - 1u; let r = b * ${seqlen}u + t;
// share: log weights of the step after with its probabilities; then of both directions at this step.
if (left < ${seqlen}u) { for (var s = li; s < n; s += ${threads}u) {
share[s] = max(beta[s] + ${views.logits.get('(r + 1u)', 'class_(b, s)')} - ${views.lse.get('0u', 'r + 1u')}, ${MASKED}); } }
workgroupBarrier();
var m = 0.0; if (left < ${seqlen}u) { m = ${MASKED}; for (var s = 0u; s < n; s++) { m = max(m, share[s]); } }
for (var s = li; s < n; s += ${threads}u) { var next = select(${MASKED}, 0.0, s + 2u >= n);
if (left < ${seqlen}u) { next = log3(share[s], select(${MASKED}, share[min(s + 1u, n - 1u)], s + 1u < n), select(${MASKED}, share[min(s + 2u, n - 1u)], s + 2u < n && skips(b, s + 2u))) - m; }
beta[s] = max(next, ${MASKED}); }
workgroupBarrier();
for (var s = li; s < n; s += ${threads}u) { share[s] = beta[s] + ${views.alpha.get('0u', `r * ${most}u + s`)}; }
workgroupBarrier();
var most_ = ${MASKED}; for (var s = 0u; s < n; s++) { most_ = max(most_, share[s]); }
var sum = 0.0; for (var s = 0u; s < n; s++) { sum += exp(share[s] - most_); }
for (var v = li; v < ${V}u; v += ${threads}u) { var spent = 0.0;
for (var s = 0u; s < n; s++) { if (class_(b, s) == v) { spent += exp(share[s] - most_); } }
let y = exp(${views.logits.get('r', 'v')} - ${views.lse.get('0u', 'r')}) - spent / sum;
${views.dlogits.put('r', 'v', 'select(0.0, scale * y, scale != 0.0)')} }
workgroupBarrier(); }`,
      }),
    ]
  },
}
