import { sumTerms, termScratch } from '../../backends/webgpu/total.ts'
import type { WgslKernel } from '../../backends/webgpu/wgsl.ts'

export const global_norm: WgslKernel = {
  scratch: ([x]) => termScratch(x.rows, x.cols, 1),
  dispatches: ({ inputs: [x], outputs: [y], scratch }, target) =>
    sumTerms(
      { label: 'global_norm', inputs: { x }, terms: ['x * x'], scratch: scratch!, outputs: { y }, finish: 'y = sqrt(total0);' },
      target,
    ),
}
