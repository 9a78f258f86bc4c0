import { bindOperands, ceilDiv, kernel, range, reads, type WgslKernel, writes } from '../../backends/webgpu/wgsl.ts'
import { num } from '../op.ts'

/** A thread owns one or four channels and walks `STEPS` time steps with the window in registers, so each x is read (1 + 3 / STEPS) times. */
const STEPS = 16

export const conv1d_silu: WgslKernel = {
  dispatches({ inputs: [x, weight, bias], outputs: [y], attrs }, { software }) {
    const [batch, seqlen, K] = [num(attrs, 'batch'), num(attrs, 'seqlen'), weight.cols]
    const vec = x.cols % 4 === 0
    const [T, width] = vec ? ['vec4f', x.cols / 4] : ['f32', x.cols]
    const steps = Math.min(software ? 4 : STEPS, seqlen)
    const workgroup = software ? 32 : 128
    const bound = bindOperands({ x: reads(x, vec), weight: reads(weight), bias: reads(bias, vec), y: writes(y, vec) })
    const { views } = bound
    const load = (r: string): string => (vec ? views.x.get4(r, 'c') : views.x.get(r, 'c'))
    const tap = (k: number): string =>
      vec
        ? `vec4f(${range(4)
            .map((j) => views.weight.get(`c * 4u + ${j}u`, `${k}u`))
            .join(', ')})`
        : views.weight.get('c', `${k}u`)
    const tiles = ceilDiv(seqlen, steps)
    const past = K - 1
    const step = (
      s: number,
    ): string => `{ let t = t0 + ${s}u; ${seqlen % steps ? `if (t < ${seqlen}u)` : ''} { x${past + s} = ${load(`base + t`)};
let p = bias + ${range(K)
      .map((k) => `k${k} * x${s + k}`)
      .join(
        ' + ',
      )}; ${vec ? views.y.put4('base + t', 'c', 'p / (1.0 + exp(-p))') : views.y.put('base + t', 'c', 'p / (1.0 + exp(-p))')} } }`
    return [
      kernel({
        label: 'conv1d_silu',
        bound,
        workgroup,
        groups: [ceilDiv(width, workgroup), tiles, batch],
        body: `let c = wid.x * ${workgroup}u + li; if (c >= ${width}u) { return; }
let t0 = wid.y * ${steps}u; let base = wid.z * ${seqlen}u;
${range(K)
  .map((k) => `let k${k} = ${tap(k)};`)
  .join(' ')} let bias = ${vec ? views.bias.get4('0u', 'c') : views.bias.get('0u', 'c')};
${range(past + steps)
  .map((k) => `var x${k} = ${T}();`)
  .join(' ')}
${range(past)
  .map((k) => `if (t0 + ${k}u >= ${past}u) { x${k} = ${load(`base + t0 + ${k}u - ${past}u`)}; }`)
  .join(' ')}
${range(steps).map(step).join('\n')}`,
      }),
    ]
  },
}
