import { sumTerms, termScratch } from '../../backends/webgpu/total.ts'
import type { WgslKernel } from '../../backends/webgpu/wgsl.ts'

export const mse: WgslKernel = {
  scratch: ([pred]) => termScratch(pred.rows, pred.cols, 2),
  dispatches: ({ inputs: [pred, goal, weight], outputs: [loss, count], scratch }, target) =>
    sumTerms(
      {
        label: 'mse',
        inputs: { pred, goal, weight },
        terms: ['weight * (pred - goal) * (pred - goal)', 'weight'],
        scratch: scratch!,
        outputs: { loss, count },
        finish: 'loss = total0 / max(total1, 1e-12); count = total1;',
      },
      target,
    ),
}
