import { elementwise } from '../../backends/webgpu/elementwise.ts'
import { literal, type WgslKernel } from '../../backends/webgpu/wgsl.ts'
import { TANH } from '../activation/functions.wgsl.ts'
import { num } from '../op.ts'

const globals = (cols: number): string => TANH(cols % 4 === 0 ? 'vec4f' : 'f32')

export const soft_cap: WgslKernel = {
  dispatches: ({ inputs: [x], outputs: [y], attrs }, { software }) => [
    elementwise({
      label: 'soft_cap',
      software,
      inputs: { x },
      outputs: { y },
      globals: globals(y.cols),
      body: () => `y = ${literal(num(attrs, 'cap'))} * tanh_(x / ${literal(num(attrs, 'cap'))});`,
    }),
  ],
}

export const soft_cap_grad: WgslKernel = {
  dispatches: ({ inputs: [dy, x], outputs: [dx], attrs }, { software }) => [
    elementwise({
      label: 'soft_cap_grad',
      software,
      inputs: { dy, x },
      outputs: { dx },
      globals: globals(dx.cols),
      body: () => `let t = tanh_(x / ${literal(num(attrs, 'cap'))}); dx = dy * (1.0 - t) * (1.0 + t);`,
    }),
  ],
}
