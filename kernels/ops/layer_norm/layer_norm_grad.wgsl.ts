import { normBackward, normScratch } from '../../backends/webgpu/norms.ts'
import type { WgslKernel } from '../../backends/webgpu/wgsl.ts'
import { slices } from '../rms_norm/rms_norm.ts'

export const layer_norm_grad: WgslKernel = {
  scratch: ([, x], attrs, target) => normScratch(x.rows, x.cols, slices(attrs), !!attrs.bias, target),
  dispatches: ({ inputs: [dy, x, weight, mean, rstd, addend], outputs: [dx, dweight, dbias], attrs, scratch }, target) =>
    normBackward(
      { label: 'layer_norm_grad', groups: slices(attrs), dy, x, weight, mean, rstd, addend, dx, dweight, dbias, scratch },
      target,
    ),
}
