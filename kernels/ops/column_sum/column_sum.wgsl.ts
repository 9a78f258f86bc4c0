import { rowSlices, sumColumns } from '../../backends/webgpu/columns.ts'
import type { WgslKernel } from '../../backends/webgpu/wgsl.ts'

export const column_sum: WgslKernel = {
  scratch([x]) {
    const slices = rowSlices(x.rows, x.cols)
    return slices > 1 ? slices * x.cols : 0
  },
  dispatches: ({ inputs: [x], outputs: [y], scratch }, target) => sumColumns('column_sum', { x }, 'x', y, scratch, target),
}
