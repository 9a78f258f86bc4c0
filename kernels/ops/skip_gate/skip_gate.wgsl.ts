import { rowSlices, sumColumns } from '../../backends/webgpu/columns.ts'
import { elementwise } from '../../backends/webgpu/elementwise.ts'
import type { WgslKernel } from '../../backends/webgpu/wgsl.ts'
import { SIGMOID } from '../activation/functions.wgsl.ts'

const globals = (cols: number): string => SIGMOID(cols % 4 === 0 ? 'vec4f' : 'f32')

export const skip_gate: WgslKernel = {
  dispatches: ({ inputs: [a, c, skip, z], outputs: [y] }, { software }) => [
    elementwise({
      label: 'skip_gate',
      software,
      inputs: { a, b: c, skip, z },
      outputs: { y },
      globals: globals(y.cols),
      body: () => 'y = (a + skip * b) * z * sigmoid_(z);',
    }),
  ],
}

/** The sum over rows for dskip is a second reading of dy, c and z. */
export const skip_gate_grad: WgslKernel = {
  scratch([dy]) {
    const slices = rowSlices(dy.rows, dy.cols)
    return slices > 1 ? slices * dy.cols : 0
  },
  dispatches: ({ inputs: [dy, a, c, skip, z], outputs: [da, dc, dskip, dz], scratch }, target) =>
    [
      elementwise({
        label: 'skip_gate_grad',
        software: target.software,
        inputs: { dy, a, b: c, skip, z },
        outputs: { da, db: dc, dz },
        globals: globals(dy.cols),
        body: (T) =>
          `let s = sigmoid_(z); da = dy * z * s; db = da * skip; dz = dy * (a + skip * b) * s * (${T}(1.0) + z * (${T}(1.0) - s));`,
      }),
      sumColumns('skip_gate_grad.dskip', { dy, b: c, z }, 'dy * b * z / (1.0 + exp(-z))', dskip, scratch, target),
    ].flat(),
}
