import { bindOperands, kernel, literal, range, reads, type WgslKernel, writes } from '../../backends/webgpu/wgsl.ts'
import { num } from '../op.ts'

/** Threads of a workgroup, which is one head of one sequence, and the keys it weighs at a time. */
const THREADS = 64

/**
 * Keys by threads give the weights, then columns by threads add up the values. The new key and value are read from k and v, not from the
 * rings, because the workgroup that writes them there need not have done so; a second dispatch counts the position on.
 */
export const attention_step: WgslKernel = {
  dispatches({ inputs: [q, k, v, keys, values, position], outputs: [y], attrs }, { software }) {
    const [heads, kv_heads] = [num(attrs, 'heads'), num(attrs, 'kv_heads')]
    const [d, capacity] = [q.cols / heads, keys.cols / k.cols]
    const threads = software ? 16 : THREADS
    const bound = bindOperands({
      q: reads(q),
      k: reads(k),
      v: reads(v),
      keys: writes(keys),
      values: writes(values),
      position: reads(position),
      y: writes(y),
    })
    const { views } = bound
    const columns = Math.ceil(d / threads)
    const each = (code: (n: number) => string): string =>
      range(columns)
        .map((n) => ((n + 1) * threads <= d ? code(n) : `if (li + ${n * threads}u < ${d}u) { ${code(n)} }`))
        .join('\n')
    const column = (n: number): string => `head + li + ${n * threads}u`
    const counting = bindOperands({ position: writes(position) })
    return [
      kernel({
        label: 'attention_step',
        bound,
        workgroup: threads,
        groups: heads * q.rows,
        globals: `var<workgroup> weights: array<f32, ${threads}>; var<workgroup> before: u32;`,
        body: `let b = w / ${heads}u; let h = w % ${heads}u; let head = h * ${kv_heads}u / ${heads}u * ${d}u;
if (li == 0u) { before = u32(${views.position.get('b', '0u')}); }
let t = workgroupUniformLoad(&before); let slot = t % ${capacity}u; let n = min(t + 1u, ${capacity}u);
if (h % ${heads / kv_heads}u == 0u) { ${each((m) => `${views.keys.put('b', `slot * ${k.cols}u + ${column(m)}`, views.k.get('b', column(m)))} ${views.values.put('b', `slot * ${k.cols}u + ${column(m)}`, views.v.get('b', column(m)))}`)} }
var most = -1e30; var sum = 0.0; ${range(columns)
          .map((m) => `var y${m} = 0.0;`)
          .join(' ')}
for (var first = 0u; first < n; first += ${threads}u) {
let j = first + li; var s = -1e30;
if (j < n) { s = 0.0; for (var c = 0u; c < ${d}u; c++) {
let a = ${views.q.get('b', `h * ${d}u + c`)};
if (j == slot) { s += a * ${views.k.get('b', 'head + c')}; } else { s += a * ${views.keys.get('b', `j * ${k.cols}u + head + c`)}; } }
s *= ${literal(1 / Math.sqrt(d))}; }
weights[li] = s; workgroupBarrier();
var now = most; for (var m = 0u; m < ${threads}u; m++) { now = max(now, weights[m]); }
let shrink = exp(most - now); most = now; workgroupBarrier();
weights[li] = select(0.0, exp(s - now), j < n); workgroupBarrier();
var part = 0.0; for (var m = 0u; m < ${threads}u; m++) { part += weights[m]; }
sum = sum * shrink + part;
${range(columns)
  .map((m) => `y${m} *= shrink;`)
  .join(' ')}
for (var m = 0u; m < min(${threads}u, n - first); m++) { let at = first + m; let p = weights[m];
${each((m) => `if (at == slot) { y${m} += p * ${views.v.get('b', column(m))}; } else { y${m} += p * ${views.values.get('b', `at * ${k.cols}u + ${column(m)}`)}; }`)} }
workgroupBarrier(); }
${each((m) => views.y.put('b', `h * ${d}u + li + ${m * threads}u`, `y${m} / sum`))}`,
      }),
      kernel({
        label: 'attention_step.position',
        bound: counting,
        workgroup: threads,
        groups: Math.ceil(q.rows / threads),
        body: `let b = w * ${threads}u + li; if (b >= ${q.rows}u) { return; } ${counting.views.position.put('b', '0u', `${counting.views.position.get('b', '0u')} + 1.0`)}`,
      }),
    ]
  },
}
