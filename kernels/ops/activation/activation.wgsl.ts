import { elementwise } from '../../backends/webgpu/elementwise.ts'
import type { WgslKernel } from '../../backends/webgpu/wgsl.ts'
import { num } from '../op.ts'
import { activationFunctions } from './functions.wgsl.ts'

const globals = (kind: number, cols: number): string => activationFunctions(kind, cols % 4 === 0 ? 'vec4f' : 'f32')

export const activation: WgslKernel = {
  dispatches: ({ inputs: [x], outputs: [y], attrs }, { software }) => [
    elementwise({
      label: 'activation',
      software,
      inputs: { x },
      outputs: { y },
      globals: globals(num(attrs, 'kind'), y.cols),
      body: () => 'y = f_(x);',
    }),
  ],
}

export const activation_grad: WgslKernel = {
  dispatches: ({ inputs: [dy, x], outputs: [dx], attrs }, { software }) => [
    elementwise({
      label: 'activation_grad',
      software,
      inputs: { dy, x },
      outputs: { dx },
      globals: globals(num(attrs, 'kind'), dx.cols),
      body: () => 'dx = dy * slope_(x);',
    }),
  ],
}

export const glu: WgslKernel = {
  dispatches: ({ inputs: [a, b], outputs: [y], attrs }, { software }) => [
    elementwise({
      label: 'glu',
      software,
      inputs: { a, b },
      outputs: { y },
      globals: globals(num(attrs, 'kind'), y.cols),
      body: () => 'y = a * f_(b);',
    }),
  ],
}

export const glu_grad: WgslKernel = {
  dispatches: ({ inputs: [dy, a, b], outputs: [da, db], attrs }, { software }) => [
    elementwise({
      label: 'glu_grad',
      software,
      inputs: { dy, a, b },
      outputs: { da, db },
      globals: globals(num(attrs, 'kind'), da.cols),
      body: () => 'da = dy * f_(b); db = dy * a * slope_(b);',
    }),
  ],
}
