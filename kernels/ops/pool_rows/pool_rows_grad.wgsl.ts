import { bindOperands, ceilDiv, kernel, reads, type WgslKernel, writes } from '../../backends/webgpu/wgsl.ts'
import { num } from '../op.ts'
import { isLast } from './pool_rows.ts'

export const pool_rows_grad: WgslKernel = {
  dispatches({ inputs: [dy, lengths], outputs: [dx], attrs }, { software }) {
    const seqlen = num(attrs, 'seqlen')
    const bound = bindOperands({ dy: reads(dy), lengths: reads(lengths), dx: writes(dx) })
    const workgroup = software ? 64 : 256
    return [
      kernel({
        label: 'pool_rows_grad',
        bound,
        workgroup,
        groups: ceilDiv(dx.rows * dx.cols, workgroup),
        body: `let i = w * ${workgroup}u + li; if (i >= ${dx.rows * dx.cols}u) { return; }
let r = i / ${dx.cols}u; let c = i % ${dx.cols}u; let b = r / ${seqlen}u; let t = r % ${seqlen}u;
let stop = u32(clamp(${bound.views.lengths.get('b', '0u')}, 1, ${seqlen}));
let start = ${isLast(attrs) ? 'stop - 1u' : '0u'};
let grad = ${bound.views.dy.get('b', 'c')} / f32(stop - start);
${bound.views.dx.put('r', 'c', 'select(0.0, grad, t >= start && t < stop)')}`,
      }),
    ]
  },
}
