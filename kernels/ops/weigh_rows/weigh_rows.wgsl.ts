import { bindOperands, ceilDiv, kernel, reads, type WgslKernel, writes } from '../../backends/webgpu/wgsl.ts'

/** One thread per element. */
export const weigh_rows: WgslKernel = {
  dispatches({ inputs: [x, weights, otherwise], outputs: [y] }, { software }) {
    const bound = bindOperands({
      x: reads(x),
      weights: reads(weights),
      ...(otherwise ? { otherwise: reads(otherwise) } : {}),
      y: writes(y),
    } as Record<string, ReturnType<typeof reads>>)
    const { views } = bound
    const workgroup = software ? 64 : 256
    return [
      kernel({
        label: 'weigh_rows',
        bound,
        workgroup,
        groups: ceilDiv(y.rows * y.cols, workgroup),
        body: `let i = w * ${workgroup}u + li; if (i >= ${y.rows * y.cols}u) { return; }
let r = i / ${y.cols}u; let c = i % ${y.cols}u; let weight = ${views.weights.get('r', weights.cols === 1 ? '0u' : 'c')};
var value = ${otherwise ? views.otherwise.get('0u', 'c') : '0.0'};
if (weight != 0) { value = f32(weight) * ${views.x.get('r', 'c')}; }
${views.y.put('r', 'c', 'value')}`,
      }),
    ]
  },
}
