import { bindOperands, ceilDiv, kernel, reads, type WgslKernel, writes } from '../../backends/webgpu/wgsl.ts'
import { num } from '../op.ts'

/** One thread per element, or per four where the columns allow it. */
export const reverse: WgslKernel = {
  dispatches({ inputs: [x, lengths], outputs: [y], attrs }, { software }) {
    const seqlen = num(attrs, 'seqlen')
    const vec = y.cols % 4 === 0
    const width = vec ? y.cols / 4 : y.cols
    const bound = bindOperands({ x: reads(x, vec), ...(lengths ? { lengths: reads(lengths) } : {}), y: writes(y, vec) } as Record<
      string,
      ReturnType<typeof reads>
    >)
    const length = lengths ? `u32(clamp(${bound.views.lengths.get(`r / ${seqlen}u`, '0u')}, 0, ${seqlen}))` : `${seqlen}u`
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
let r = i / W; let t = r % ${seqlen}u; let n = ${length}; let src = r - t + select(t, n - 1u - t, t < n);
${vec ? bound.views.y.put4('r', 'i % W', from) : bound.views.y.put('r', 'i % W', from)}`,
      }),
    ]
  },
}
