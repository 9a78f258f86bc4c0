import { bindOperands, ceilDiv, kernel, reads, type WgslKernel, writes } from '../../backends/webgpu/wgsl.ts'
import { PHILOX } from '../dropout/dropout.wgsl.ts'
import { CURSOR, DRAW_DOMAIN, SETTINGS } from './draw_token.ts'

/**
 * One workgroup for each sequence. A thread has a run of columns next to each other, so that a sum over threads before it is one over
 * ids before its own. Edges of top_k and top_p are found bit by bit in the order of floats as integers, with one sum over all threads for each
 * bit. The settings are read-only: what depends on them alone may surround barriers.
 */
export const draw_token: WgslKernel = {
  dispatches({ inputs: [logits, settings], outputs: [token, cursor, tokens, bits] }, { software }) {
    const vocab = logits.cols
    const workgroup = software ? 32 : 256
    const each = ceilDiv(vocab, workgroup)
    const bound = bindOperands({
      logits: reads(logits),
      settings: reads(settings),
      cursor: writes(cursor),
      tokens: writes(tokens),
      bits: writes(bits),
      token: writes(token),
    })
    const { views } = bound
    const [temperature, topK, topP] = Object.values(SETTINGS).map((c) => views.settings.get('0u', `${c}u`))
    const [position, given, low, high, stream] = Object.values(CURSOR).map((c) => views.cursor.get('w', `${c}u`))
    const columns = (body: string): string => `for (var v = first; v < end; v++) { let x = ${views.logits.get('w', 'v')}; ${body} }`
    /** Sum over all threads into `name`, in the order of a tree. */
    const total = (name: string): string => `shared_[li] = ${name}; workgroupBarrier();
for (var step = ${workgroup / 2}u; step > 0u; step /= 2u) { if (li < step) { shared_[li] += shared_[li + step]; } workgroupBarrier(); }
${name} = shared_[0]; workgroupBarrier();`
    const edgeFor = (wanted: string, amount: string): string => `{ var key = 0u;
for (var bit = 0u; bit < 32u; bit++) { let next = key | (0x80000000u >> bit); var sum = 0.0;
${columns(`if (order(x) >= next && order(x) >= edge) { sum += ${amount}; }`)}
${total('sum')}
if (sum >= ${wanted}) { key = next; } }
edge = max(edge, key); }
weight = 0.0; ${columns('if (order(x) >= edge) { weight += exp((x - top) * scale); }')}
var kept = weight; ${total('kept')} all = kept;`
    return [
      kernel({
        label: 'draw_token',
        bound,
        workgroup,
        groups: logits.rows,
        globals: `${PHILOX}
var<workgroup> shared_: array<f32, ${workgroup}>; var<workgroup> places: array<u32, ${workgroup}>;
fn order(x: f32) -> u32 { let b = bitcast<u32>(x); return select(b | 0x80000000u, ~b, b >= 0x80000000u); }`,
        body: `let first = min(li * ${each}u, ${vocab}u); let end = min(first + ${each}u, ${vocab}u);
let temperature = ${temperature}; let scale = select(1.0, 1.0 / temperature, temperature > 0.0);
var top = -3.4028234e38; var place = 0u;
${columns('if (x > top) { top = x; place = v; }')}
let mine = top;
shared_[li] = top; workgroupBarrier();
for (var step = ${workgroup / 2}u; step > 0u; step /= 2u) { if (li < step) { shared_[li] = max(shared_[li], shared_[li + step]); } workgroupBarrier(); }
top = shared_[0]; workgroupBarrier();
places[li] = select(${vocab - 1}u, place, mine == top); workgroupBarrier();
for (var step = ${workgroup / 2}u; step > 0u; step /= 2u) { if (li < step) { places[li] = min(places[li], places[li + step]); } workgroupBarrier(); }
let likeliest = places[0]; workgroupBarrier();
var own = 0.0; var weight = 0.0;
${columns('own += exp(x - top); weight += exp((x - top) * scale);')}
${total('own')}
var all = weight; ${total('all')}
var edge = 0u;
let k = u32(max(${topK}, 0.0));
if (k > 0u && k < ${vocab}u) { ${edgeFor('f32(k)', '1.0')} }
if (${topP} > 0.0 && ${topP} < 1.0) { let wanted = ${topP} * all; ${edgeFor('wanted', 'exp((x - top) * scale)')} }
let next = ${position} + 1; let given = ${given}; let known = next < given && next < ${tokens.cols};
let word = philox(vec2u(bitcast<u32>(${low}), bitcast<u32>(${high})), vec4u(bitcast<u32>(next - given), bitcast<u32>(${stream}), ${DRAW_DOMAIN}u, w)).x;
let wantedMass = f32(word >> 8u) / 16777216.0 * all;
shared_[li] = weight; workgroupBarrier();
for (var step = 1u; step < ${workgroup}u; step *= 2u) {
var before = 0.0; if (li >= step) { before = shared_[li - step]; } workgroupBarrier(); shared_[li] += before; workgroupBarrier(); }
var sum = 0.0; if (li > 0u) { sum = shared_[li - 1u]; }
var drawn = ${vocab}u; var last = 0u;
${columns(`if (order(x) >= edge) { let e = exp((x - top) * scale); if (e > 0.0) { last = v + 1u; } sum += e; if (sum > wantedMass && drawn == ${vocab}u) { drawn = v; } }`)}
places[li] = drawn; workgroupBarrier();
for (var step = ${workgroup / 2}u; step > 0u; step /= 2u) { if (li < step) { places[li] = min(places[li], places[li + step]); } workgroupBarrier(); }
drawn = places[0]; workgroupBarrier();
places[li] = last; workgroupBarrier();
for (var step = ${workgroup / 2}u; step > 0u; step /= 2u) { if (li < step) { places[li] = max(places[li], places[li + step]); } workgroupBarrier(); }
if (li == 0u) {
var id = i32(select(drawn, max(places[0], 1u) - 1u, drawn == ${vocab}u));
if (temperature == 0.0) { id = i32(likeliest); }
if (known) { id = ${views.tokens.get('w', 'u32(next)')}; }
${views.token.put('w', '0u', 'id')} ${views.cursor.put('w', `${CURSOR.position}u`, 'next')}
if (next >= 0 && next < ${tokens.cols}) { let at = u32(clamp(id, 0, ${vocab - 1}));
${views.tokens.put('w', 'u32(next)', 'id')} ${views.bits.put('w', 'u32(next)', `((top - ${views.logits.get('w', 'at')}) + log(own)) * 1.4426950408889634`)} }
}`,
      }),
    ]
  },
}
