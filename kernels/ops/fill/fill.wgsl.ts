import { elementwise } from '../../backends/webgpu/elementwise.ts'
import { literal, type WgslKernel } from '../../backends/webgpu/wgsl.ts'
import { num } from '../op.ts'

export const fill: WgslKernel = {
  dispatches: ({ outputs: [y], attrs }, { software }) => [
    elementwise({ label: 'fill', software, inputs: {}, outputs: { y }, body: (T) => `y = ${T}(${literal(num(attrs, 'value'))});` }),
  ],
}
