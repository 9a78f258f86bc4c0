import { elementwise } from '../../backends/webgpu/elementwise.ts'
import type { WgslKernel } from '../../backends/webgpu/wgsl.ts'

export const copy: WgslKernel = {
  dispatches: ({ inputs: [x], outputs: [y] }, { software }) => [
    elementwise({ label: 'copy', software, inputs: { x }, outputs: { y }, body: () => 'y = x;' }),
  ],
}
