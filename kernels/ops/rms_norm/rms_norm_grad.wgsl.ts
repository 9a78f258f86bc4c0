import { normBackward, normScratch } from '../../backends/webgpu/norms.ts'
import type { WgslKernel } from '../../backends/webgpu/wgsl.ts'
import { slices } from './rms_norm.ts'

export const rms_norm_grad: WgslKernel = {
  scratch: ([, x], attrs, target) => normScratch(x.rows, x.cols, slices(attrs), false, target),
  dispatches: ({ inputs: [dy, x, weight, rstd, addend], outputs: [dx, dweight], attrs, scratch }, target) =>
    normBackward({ label: 'rms_norm_grad', groups: slices(attrs), dy, x, weight, rstd, addend, dx, dweight, scratch }, target),
}
