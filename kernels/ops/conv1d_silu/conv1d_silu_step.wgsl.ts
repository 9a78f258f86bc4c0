import { bindOperands, ceilDiv, kernel, range, reads, type WgslKernel, writes } from '../../backends/webgpu/wgsl.ts'

export const conv1d_silu_step: WgslKernel = {
  dispatches({ inputs: [x, , weight, bias], outputs: [y, state] }, { software }) {
    const keep = weight.cols - 1
    const bound = bindOperands({ x: reads(x), weight: reads(weight), bias: reads(bias), y: writes(y), state: writes(state) })
    const { views } = bound
    const workgroup = software ? 64 : 128
    const column = (k: number): string => `c * ${keep}u + ${k}u`
    return [
      kernel({
        label: 'conv1d_silu_step',
        bound,
        workgroup,
        groups: ceilDiv(x.rows * x.cols, workgroup),
        body: `let i = w * ${workgroup}u + li; if (i >= ${x.rows * x.cols}u) { return; }
let r = i / ${x.cols}u; let c = i % ${x.cols}u;
${range(keep)
  .map((k) => `let x${k} = ${views.state.get('r', column(k))};`)
  .join(' ')} let x${keep} = ${views.x.get('r', 'c')};
let p = ${views.bias.get('0u', 'c')} + ${range(keep + 1)
          .map((k) => `x${k} * ${views.weight.get('c', `${k}u`)}`)
          .join(' + ')};
${views.y.put('r', 'c', 'p / (1.0 + exp(-p))')}
${range(keep)
  .map((k) => views.state.put('r', column(k), `x${k + 1}`))
  .join(' ')}`,
      }),
    ]
  },
}
