import { bindOperands, ceilDiv, kernel, reads, type WgslKernel, writes } from '../../backends/webgpu/wgsl.ts'
import { num } from '../op.ts'

export const scatter_rows: WgslKernel = {
  dispatches({ inputs: [x], outputs: [y], attrs }, { software }) {
    const [first, step] = [num(attrs, 'firstRow'), num(attrs, 'rowStep')]
    const bound = bindOperands({ x: reads(x), y: writes(y) })
    const workgroup = software ? 64 : 256
    return [
      kernel({
        label: 'scatter_rows',
        bound,
        workgroup,
        groups: ceilDiv(y.rows * y.cols, workgroup),
        body: `let i = w * ${workgroup}u + li; if (i >= ${y.rows * y.cols}u) { return; }
let r = i / ${y.cols}u; let c = i % ${y.cols}u; let k = (max(r, ${first}u) - ${first}u) / ${step}u;
var value = 0.0;
if (r >= ${first}u && (r - ${first}u) % ${step}u == 0u && k < ${x.rows}u) { value = ${bound.views.x.get('k', 'c')}; }
${bound.views.y.put('r', 'c', 'value')}`,
      }),
    ]
  },
}
