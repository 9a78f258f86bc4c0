import { type CpuKernel, count, float } from '../../backends/cpu/kernel.ts'
import { byRows } from '../../backends/cpu/rowwise.ts'
import { ROPE } from '../../backends/cpu/wasm/codes.ts'
import { num } from '../op.ts'

export const rope: CpuKernel = {
  encode({ attrs, inputs, outputs }) {
    const rotary = num(attrs, 'rotary_dim')
    // The ratio of neighbouring frequencies in two words: one float32 would be a turn off at far positions.
    const ratio = num(attrs, 'base') ** (-2 / rotary)
    const words = [num(attrs, 'seqlen'), num(attrs, 'heads'), num(attrs, 'head_dim'), rotary, Number(!!attrs.inverse)]
    const command = byRows(ROPE, inputs[0], inputs, outputs, 4, [
      ...words,
      Number(!!attrs.positions),
      float(ratio),
      float(ratio - Math.fround(ratio)),
    ])
    return [{ ...command, order: [inputs[0], ...outputs, ...inputs.slice(1)], local: 16 * rotary, work: 6 * count(inputs[0]) }]
  },
}
