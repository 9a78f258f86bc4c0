import { bindOperands, ceilDiv, kernel, reads, type WgslKernel, writes } from '../../backends/webgpu/wgsl.ts'
import { num } from '../op.ts'

export const shift_rows: WgslKernel = {
  dispatches({ inputs: [x], outputs: [y], attrs }, { software }) {
    const [from, to, shift] = [num(attrs, 'from'), num(attrs, 'to'), num(attrs, 'shift')]
    const vec = y.cols % 4 === 0
    const width = vec ? y.cols / 4 : y.cols
    const bound = bindOperands({ x: reads(x, vec), y: writes(y, vec) })
    const { views } = bound
    const workgroup = software ? 64 : 256
    return [
      kernel({
        label: 'shift_rows',
        bound,
        workgroup,
        groups: ceilDiv(y.rows * width, workgroup),
        body: `let i = w * ${workgroup}u + li; if (i >= ${y.rows * width}u) { return; }
let r = i / ${width}u; let c = i % ${width}u; let t = i32(r % ${to}u) - ${shift}; let source = r / ${to}u * ${from}u + u32(clamp(t, 0, ${from - 1}));
let inside = t >= 0 && t < ${from};
${
  vec
    ? views.y.put4('r', 'c', `select(vec4f(), ${views.x.get4('source', 'c')}, inside)`)
    : views.y.put('r', 'c', `select(0.0, ${views.x.get('source', 'c')}, inside)`)
}`,
      }),
    ]
  },
}
