import { bindOperands, ceilDiv, kernel, literal, reads, type WgslKernel, writes } from '../../backends/webgpu/wgsl.ts'
import { HYPER } from '../adamw/adamw.ts'
import { num } from '../op.ts'
import { DROPOUT_DOMAIN, dropoutWords } from './dropout.ts'

/** Philox4x32-10; the high word of a product from four products of halves. */
export const PHILOX = `fn high(a: u32, b: u32) -> u32 { let al = a & 0xffffu; let ah = a >> 16u; let bl = b & 0xffffu; let bh = b >> 16u;
let low = al * bl; let mid = ah * bl + (low >> 16u); let other = al * bh + (mid & 0xffffu); return ah * bh + (mid >> 16u) + (other >> 16u); }
fn philox(key: vec2u, counter: vec4u) -> vec4u { var k = key; var c = counter;
for (var round = 0; round < 10; round++) {
c = vec4u(high(0xcd9e8d57u, c.z) ^ c.y ^ k.x, 0xcd9e8d57u * c.z, high(0xd2511f53u, c.x) ^ c.w ^ k.y, 0xd2511f53u * c.x);
k += vec2u(0x9e3779b9u, 0xbb67ae85u); }
return c; }`

export const dropout: WgslKernel = {
  dispatches({ inputs: [x, hyper], outputs: [y], attrs }, { software }) {
    const { seed, threshold, scale } = dropoutWords(attrs)
    const blocks = ceilDiv(x.cols, 4)
    const vec = x.cols % 4 === 0
    const bound = bindOperands({ x: reads(x, vec), hyper: reads(hyper), y: writes(y, vec) })
    const { views } = bound
    const workgroup = software ? 64 : 256
    const scalar = [0, 1, 2, 3].map(
      (k) =>
        `{ let c = block * 4u + ${k}u; if (c < ${x.cols}u) { ${views.y.put('r', 'c', `select(0.0, ${views.x.get('r', 'c')} * ${literal(scale)}, words[${k}] >= ${threshold}u)`)} } }`,
    )
    return [
      kernel({
        label: 'dropout',
        bound,
        workgroup,
        groups: ceilDiv(x.rows * blocks, workgroup),
        globals: PHILOX,
        body: `let i = w * ${workgroup}u + li; if (i >= ${x.rows * blocks}u) { return; }
let r = i / ${blocks}u; let block = i % ${blocks}u; let step = u32(${views.hyper.get('0u', `${HYPER.step}u`)});
let words = philox(vec2u(${seed.map((s) => `${s}u`)}), vec4u(i, step, ${DROPOUT_DOMAIN}u, ${num(attrs, 'stream')}u));
${vec ? views.y.put4('r', 'block', `select(vec4f(), ${views.x.get4('r', 'block')} * ${literal(scale)}, words >= vec4u(${threshold}u))`) : scalar.join('\n')}`,
      }),
    ]
  },
}
