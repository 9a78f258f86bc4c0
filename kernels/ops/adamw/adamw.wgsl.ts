import { bindOperands, ceilDiv, kernel, literal, reads, type WgslKernel, writes } from '../../backends/webgpu/wgsl.ts'
import { num } from '../op.ts'
import { HYPER } from './adamw.ts'

/** The norm is tested by its bits: compilers may assume that no float is infinite or NaN. */
export const adamw: WgslKernel = {
  dispatches({ inputs: [params, grads, , , norm, hyper], outputs, attrs }, { software }) {
    const vec = params.cols % 4 === 0
    const [T, width] = vec ? ['vec4f', params.cols / 4] : ['f32', params.cols]
    const bound = bindOperands({
      grads: reads(grads, vec),
      params: writes(outputs[0], vec),
      m: writes(outputs[1], vec),
      v: writes(outputs[2], vec),
      norm: reads(norm),
      hyper: reads(hyper),
    })
    const { views } = bound
    const [beta1, beta2] = [num(attrs, 'beta1'), num(attrs, 'beta2')]
    const workgroup = software ? 64 : 256
    const load = (k: 'grads' | 'params' | 'm' | 'v'): string => (vec ? views[k].get4('0u', 'i') : views[k].get('0u', 'i'))
    const store = (k: 'params' | 'm' | 'v', value: string): string =>
      vec ? views[k].put4('0u', 'i', value) : views[k].put('0u', 'i', value)
    const [decayed, slowFrom] = [num(attrs, 'decay_elements'), num(attrs, 'slow_from')]
    return [
      kernel({
        label: 'adamw',
        bound,
        workgroup,
        groups: ceilDiv(width, workgroup),
        body: `let i = w * ${workgroup}u + li; if (i >= ${width}u) { return; }
let length = ${views.norm.get('0u', '0u')};
if ((bitcast<u32>(length) & 0x7f800000u) == 0x7f800000u) { return; }
${Object.entries(HYPER)
  .map(([k, c]) => `let ${k} = ${views.hyper.get('0u', `${c}u`)};`)
  .join(' ')}
let scale = select(1.0, min(1.0, clip / (length + 1e-6)), clip > 0.0);
let g = ${load('grads')} * scale;
let m1 = ${literal(beta1)} * ${load('m')} + ${literal(1 - beta1)} * g;
let v1 = ${literal(beta2)} * ${load('v')} + ${literal(1 - beta2)} * g * g;
let keep = 1.0 - lr * weight_decay;
${
  vec
    ? `let at = vec4u(i * 4u) + vec4u(0u, 1u, 2u, 3u); let kept = select(vec4f(1.0), vec4f(keep), at < vec4u(${decayed}u));
let rate = select(vec4f(lr * slow), vec4f(lr), at < vec4u(${slowFrom}u));`
    : `let kept = select(1.0, keep, i < ${decayed}u); let rate = select(lr * slow, lr, i < ${slowFrom}u);`
}
let p1 = ${load('params')} * kept - (rate * bias1) * m1 / (sqrt(bias2 * v1) + ${T}(${literal(num(attrs, 'eps'))}));
${store('m', 'm1')} ${store('v', 'v1')} ${store('params', 'p1')}`,
      }),
    ]
  },
}
