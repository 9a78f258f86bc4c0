import { bindOperands, ceilDiv, kernel, reads, type WgslKernel, writes } from '../../backends/webgpu/wgsl.ts'
import { num } from '../op.ts'
import { isLast } from './pool_rows.ts'

/** A workgroup sums 32 channels of one sequence; 8 threads share a channel's time steps. Padding is never read. */
export const pool_rows: WgslKernel = {
  dispatches({ inputs: [x, lengths], outputs: [y], attrs }, { software }) {
    const seqlen = num(attrs, 'seqlen')
    const width = software ? 8 : 32
    const bound = bindOperands({ x: reads(x), lengths: reads(lengths), y: writes(y) })
    return [
      kernel({
        label: 'pool_rows',
        bound,
        workgroup: width * 8,
        groups: [ceilDiv(y.cols, width), y.rows, 1],
        globals: `var<workgroup> sums: array<f32, ${width * 8}>;`,
        body: `let col = wid.x * ${width}u + li % ${width}u; let c = min(col, ${y.cols - 1}u); let lane = li / ${width}u;
let stop = u32(clamp(${bound.views.lengths.get('wid.y', '0u')}, 1, ${seqlen}));
let start = ${isLast(attrs) ? 'stop - 1u' : '0u'};
var sum = 0.0;
for (var t = start + lane; t < stop; t += 8u) { sum += ${bound.views.x.get(`wid.y * ${seqlen}u + t`, 'c')}; }
sums[li] = sum; workgroupBarrier();
if (lane == 0u && col < ${y.cols}u) { for (var k = 1u; k < 8u; k++) { sum += sums[li + k * ${width}u]; }
${bound.views.y.put('wid.y', 'col', 'sum / f32(stop - start)')} }`,
      }),
    ]
  },
}
