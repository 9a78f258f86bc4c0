import { elementwise } from '../../backends/webgpu/elementwise.ts'
import type { WgslKernel } from '../../backends/webgpu/wgsl.ts'

export const neg_exp: WgslKernel = {
  dispatches: ({ inputs: [x], outputs: [y] }, { software }) => [
    elementwise({ label: 'neg_exp', software, inputs: { x }, outputs: { y }, body: () => 'y = -exp(x);' }),
  ],
}
