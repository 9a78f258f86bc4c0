import { bindOperands, ceilDiv, kernel, reads, type WgslKernel, writes } from '../../backends/webgpu/wgsl.ts'
import { num } from '../op.ts'

/** A workgroup sums 32 channels of one sequence; 8 threads share a channel's time steps. */
export const mean_pool: WgslKernel = {
  dispatches({ inputs: [x], outputs: [y], attrs }, { software }) {
    const seqlen = num(attrs, 'seqlen')
    const width = software ? 8 : 32
    const bound = bindOperands({ x: reads(x), y: writes(y) })
    return [
      kernel({
        label: 'mean_pool',
        bound,
        workgroup: width * 8,
        groups: [ceilDiv(y.cols, width), y.rows, 1],
        globals: `var<workgroup> sums: array<f32, ${width * 8}>;`,
        body: `let col = wid.x * ${width}u + li % ${width}u; let c = min(col, ${y.cols - 1}u); let lane = li / ${width}u;
var sum = 0.0;
for (var t = lane; t < ${seqlen}u; t += 8u) { sum += ${bound.views.x.get(`wid.y * ${seqlen}u + t`, 'c')}; }
sums[li] = sum; workgroupBarrier();
if (lane == 0u && col < ${y.cols}u) { for (var k = 1u; k < 8u; k++) { sum += sums[li + k * ${width}u]; }
${bound.views.y.put('wid.y', 'col', `sum / ${seqlen}.0`)} }`,
      }),
    ]
  },
}
