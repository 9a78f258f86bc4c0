import { normForward } from '../../backends/webgpu/norms.ts'
import type { WgslKernel } from '../../backends/webgpu/wgsl.ts'
import { num } from '../op.ts'
import { slices } from '../rms_norm/rms_norm.ts'

export const layer_norm: WgslKernel = {
  dispatches: ({ inputs: [x, weight, bias], outputs: [y, mean, rstd], attrs }, target) => [
    normForward({ label: 'layer_norm', groups: slices(attrs), eps: num(attrs, 'eps'), x, weight, bias, y, mean, rstd }, target),
  ],
}
