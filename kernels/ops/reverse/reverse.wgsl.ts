import { bindOperands, ceilDiv, kernel, reads, type WgslKernel, writes } from '../../backends/webgpu/wgsl.ts'
import { num } from '../op.ts'

/** One thread per element, or per four where the columns allow it. */
export const reverse: WgslKernel = {
  dispatches({ inputs: [x], outputs: [y], attrs }, { software }) {
    const last = num(attrs, 'seqlen') - 1
    const vec = y.cols % 4 === 0
    const width = vec ? y.cols / 4 : y.cols
    const bound = bindOperands({ x: reads(x, vec), y: writes(y, vec) })
    const workgroup = software ? 64 : 256
    const from = vec ? bound.views.x.get4('src', 'i % W') : bound.views.x.get('src', 'i % W')
    return [
      kernel({
        label: 'reverse',
        bound,
        workgroup,
        groups: ceilDiv(y.rows * width, workgroup),
        globals: `const W = ${width}u;`,
        body: `let i = w * ${workgroup}u + li; if (i >= ${y.rows * width}u) { return; }
let r = i / W; let t = r % ${last + 1}u; let src = r - t + ${last}u - t;
${vec ? bound.views.y.put4('r', 'i % W', from) : bound.views.y.put('r', 'i % W', from)}`,
      }),
    ]
  },
}
