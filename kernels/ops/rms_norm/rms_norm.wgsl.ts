import { normForward } from '../../backends/webgpu/norms.ts'
import type { WgslKernel } from '../../backends/webgpu/wgsl.ts'
import { num } from '../op.ts'
import { slices } from './rms_norm.ts'

export const rms_norm: WgslKernel = {
  dispatches: ({ inputs: [x, weight], outputs: [y, rstd], attrs }, target) => [
    normForward({ label: 'rms_norm', groups: slices(attrs), eps: num(attrs, 'eps'), x, weight, y, rstd }, target),
  ],
}
