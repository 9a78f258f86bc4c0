import { type CpuKernel, count } from '../../backends/cpu/kernel.ts'
import { walk } from '../../backends/cpu/rowwise.ts'
import { ACTIVATION, ACTIVATION_GRAD, GLU, GLU_GRAD } from '../../backends/cpu/wasm/codes.ts'
import { num } from '../op.ts'

const walked = (kernel: number): CpuKernel => ({
  encode({ attrs, inputs, outputs }) {
    const { flat, rowsPerUnit, units } = walk(inputs[0], [...inputs, ...outputs])
    return [{ kernel, units, attrs: [flat, rowsPerUnit, num(attrs, 'kind')], reads: inputs, writes: outputs, work: 30 * count(inputs[0]) }]
  },
})

export const activation: CpuKernel = walked(ACTIVATION)
export const activation_grad: CpuKernel = walked(ACTIVATION_GRAD)
export const glu: CpuKernel = walked(GLU)
export const glu_grad: CpuKernel = walked(GLU_GRAD)
