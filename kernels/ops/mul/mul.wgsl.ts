import { elementwise } from '../../backends/webgpu/elementwise.ts'
import type { WgslKernel } from '../../backends/webgpu/wgsl.ts'

export const mul: WgslKernel = {
  dispatches: ({ inputs: [a, b], outputs: [y] }, { software }) => [
    elementwise({ label: 'mul', software, inputs: { a, b }, outputs: { y }, body: () => 'y = a * b;' }),
  ],
}
