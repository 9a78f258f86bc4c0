import { elementwise } from '../../backends/webgpu/elementwise.ts'
import type { WgslKernel } from '../../backends/webgpu/wgsl.ts'

export const add: WgslKernel = {
  dispatches: ({ inputs: [a, b], outputs: [y] }, { software }) => [
    elementwise({ label: 'add', software, inputs: { a, b }, outputs: { y }, body: () => 'y = a + b;' }),
  ],
}
