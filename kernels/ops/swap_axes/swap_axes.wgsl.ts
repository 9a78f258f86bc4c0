import { bindOperands, ceilDiv, kernel, reads, type WgslKernel, writes } from '../../backends/webgpu/wgsl.ts'
import { num } from '../op.ts'

export const swap_axes: WgslKernel = {
  dispatches({ inputs: [x], outputs: [y], attrs }, { software }) {
    const [a, b, inner] = [num(attrs, 'a'), num(attrs, 'b'), num(attrs, 'inner')]
    const bound = bindOperands({ x: reads(x), y: writes(y) })
    const workgroup = software ? 64 : 256
    return [
      kernel({
        label: 'swap_axes',
        bound,
        workgroup,
        groups: ceilDiv(y.rows * y.cols, workgroup),
        body: `let e = w * ${workgroup}u + li; if (e >= ${y.rows * y.cols}u) { return; }
let within = e % ${a * b * inner}u; let i = within / ${inner}u % ${a}u; let j = within / ${inner * a}u;
let source = e - within + (i * ${b}u + j) * ${inner}u + within % ${inner}u;
${bound.views.y.put(`e / ${y.cols}u`, `e % ${y.cols}u`, bound.views.x.get(`source / ${x.cols}u`, `source % ${x.cols}u`))}`,
      }),
    ]
  },
}
