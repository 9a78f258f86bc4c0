import { type CpuKernel, count, part, type PlacedMatrix } from '../../backends/cpu/kernel.ts'
import { sumParts } from '../../backends/cpu/rowwise.ts'
import { SSD_GATE_GRAD, SSD_GATES, SSD_STEP } from '../../backends/cpu/wasm/codes.ts'
import type { TensorType } from '../../tensor/tensor.ts'
import {
  backwardCommands,
  forwardCommands,
  gradElements,
  gradParts,
  type MemoryShape,
  memoryShape,
  savedElements,
  savedParts,
} from '../chunked_memory/chunked_memory.cpu.ts'
import { type Attributes, num } from '../op.ts'

type Sized = Pick<TensorType, 'rows' | 'cols'>

const shapeOf = ([x, dt, , B]: readonly Sized[], attrs: Attributes): MemoryShape => {
  const [G, H] = [num(attrs, 'groups'), dt.cols]
  return memoryShape(attrs, { H, G, N: B.cols / G, P: x.cols / H, normalised: false })
}

export const ssd: CpuKernel = {
  opaque: (inputs, attrs) => savedElements(shapeOf(inputs, attrs)),
  encode({ attrs, inputs, outputs: [y, saved] }) {
    const [x, dt, A, B, C, D, dt_bias] = inputs
    const s = shapeOf(inputs, attrs)
    const { gates } = savedParts(saved, s)
    const words = [s.seqlen, s.chunks, s.Q, s.H]
    return [
      { kernel: SSD_GATES, units: s.batch * s.H, attrs: words, reads: [dt, A, dt_bias], writes: [gates], work: 60 * count(dt) },
      ...forwardCommands(s, { q: C, k: B, v: x, y, saved, D }),
    ]
  },
}

export const ssd_grad: CpuKernel = {
  scratch([, , ...inputs], attrs) {
    const s = shapeOf(inputs, attrs)
    return gradElements(s, 3 * s.batch * s.H)
  },
  encode({ attrs, inputs: [dy, saved, ...inputs], outputs: [dx, ddt, dA, dB, dC, dD, ddt_bias], scratch }) {
    const [x, dt, A, B, C, D, dt_bias] = inputs
    const s = shapeOf(inputs, attrs)
    const each = s.batch * s.H
    const { rows, extra } = gradParts(scratch, s, 3 * each)
    const sums: [number, PlacedMatrix][] = [
      [0, dA],
      [1, dD],
      [2, ddt_bias],
    ]
    return [
      ...backwardCommands(s, { q: C, k: B, v: x, dy, saved, D, dq: dC, dk: dB, dv: dx }, scratch, 3 * each),
      {
        kernel: SSD_GATE_GRAD,
        units: each,
        attrs: [s.seqlen, s.chunks, s.Q, s.H, s.batch],
        reads: [dt, A, dt_bias, savedParts(saved, s).gates, rows],
        writes: [ddt, extra],
        work: 60 * count(dt),
      },
      ...sums.map(([i, out]) => sumParts(part(extra, i * each, each), s.batch, out)),
    ]
  },
}

export const ssd_step: CpuKernel = {
  encode: ({ attrs, inputs, outputs: [y, state] }) => [
    {
      kernel: SSD_STEP,
      units: y.rows * inputs[1].cols,
      attrs: [num(attrs, 'groups')],
      reads: inputs,
      writes: [y, state],
      order: [...inputs, y],
      work: 5 * count(state),
    },
  ],
}
