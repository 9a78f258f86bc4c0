import { bindOperands, ceilDiv, kernel, reads, type WgslKernel, writes } from '../../backends/webgpu/wgsl.ts'

export const embedding: WgslKernel = {
  dispatches({ inputs: [ids, weight], outputs: [y] }, { software }) {
    const vec = y.cols % 4 === 0
    const width = vec ? y.cols / 4 : y.cols
    const bound = bindOperands({ ids: reads(ids), weight: reads(weight, vec), y: writes(y, vec) })
    const { views } = bound
    const workgroup = software ? 64 : 256
    return [
      kernel({
        label: 'embedding',
        bound,
        workgroup,
        groups: ceilDiv(y.rows * width, workgroup),
        // An id outside the vocabulary reads the last row instead of memory that is not ours.
        body: `let i = w * ${workgroup}u + li; if (i >= ${y.rows * width}u) { return; }
let r = i / ${width}u; let c = i % ${width}u; let id = u32(clamp(${views.ids.get('r', '0u')}, 0, ${weight.rows - 1}));
${vec ? views.y.put4('r', 'c', views.weight.get4('id', 'c')) : views.y.put('r', 'c', views.weight.get('id', 'c'))}`,
      }),
    ]
  },
}
