import { type CpuKernel, float } from '../../backends/cpu/kernel.ts'
import { byRows } from '../../backends/cpu/rowwise.ts'
import { SOFT_CAP, SOFT_CAP_GRAD } from '../../backends/cpu/wasm/codes.ts'
import { num } from '../op.ts'

const capped = (kernel: number): CpuKernel => ({
  encode: ({ attrs, inputs, outputs }) => [byRows(kernel, inputs[0], inputs, outputs, 30, [float(num(attrs, 'cap'))])],
})
export const soft_cap = capped(SOFT_CAP)
export const soft_cap_grad = capped(SOFT_CAP_GRAD)
