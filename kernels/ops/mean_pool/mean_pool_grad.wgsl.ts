import { bindOperands, ceilDiv, kernel, reads, type WgslKernel, writes } from '../../backends/webgpu/wgsl.ts'
import { num } from '../op.ts'

export const mean_pool_grad: WgslKernel = {
  dispatches({ inputs: [dy], outputs: [dx], attrs }, { software }) {
    const seqlen = num(attrs, 'seqlen')
    const bound = bindOperands({ dy: reads(dy), dx: writes(dx) })
    const workgroup = software ? 64 : 256
    return [
      kernel({
        label: 'mean_pool_grad',
        bound,
        workgroup,
        groups: ceilDiv(dx.rows * dx.cols, workgroup),
        body: `let i = w * ${workgroup}u + li; if (i >= ${dx.rows * dx.cols}u) { return; }
let r = i / ${dx.cols}u; let c = i % ${dx.cols}u;
${bound.views.dx.put('r', 'c', `${bound.views.dy.get(`r / ${seqlen}u`, 'c')} / ${seqlen}.0`)}`,
      }),
    ]
  },
}
