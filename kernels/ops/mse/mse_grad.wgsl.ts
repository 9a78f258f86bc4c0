import { elementwise } from '../../backends/webgpu/elementwise.ts'
import type { WgslKernel } from '../../backends/webgpu/wgsl.ts'

export const mse_grad: WgslKernel = {
  dispatches: ({ inputs: [pred, goal, weight, count, dloss], outputs: [dpred] }, { software }) => [
    elementwise({
      label: 'mse_grad',
      software,
      inputs: { pred, goal, weight },
      scalars: { count, dloss },
      outputs: { dpred },
      body: () => 'dpred = (2.0 * dloss / max(count, 1e-12)) * weight * (pred - goal);',
    }),
  ],
}
