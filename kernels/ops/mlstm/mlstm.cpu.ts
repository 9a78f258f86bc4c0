import { type CpuKernel, count, float } from '../../backends/cpu/kernel.ts'
import { MLSTM_GATE_GRAD, MLSTM_GATES, MLSTM_STEP } from '../../backends/cpu/wasm/codes.ts'
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
import type { Attributes } from '../op.ts'

const shapeOf = ([q, , v, i]: readonly Pick<TensorType, 'cols'>[], attrs: Attributes): MemoryShape => {
  const H = i.cols
  return memoryShape(attrs, { H, G: H, N: q.cols / H, P: v.cols / H, normalised: true })
}
const words = (s: MemoryShape): number[] => [s.seqlen, s.chunks, s.Q, s.H, float(1 / Math.sqrt(s.N))]

export const mlstm: CpuKernel = {
  opaque: (inputs, attrs) => savedElements(shapeOf(inputs, attrs)),
  encode({ attrs, inputs, outputs: [h, saved] }) {
    const [q, k, v, i, f] = inputs
    const s = shapeOf(inputs, attrs)
    const { gates } = savedParts(saved, s)
    return [
      { kernel: MLSTM_GATES, units: s.batch * s.H, attrs: words(s), reads: [i, f], writes: [gates], work: 60 * count(i) },
      ...forwardCommands(s, { q, k, v, y: h, saved }),
    ]
  },
}

export const mlstm_grad: CpuKernel = {
  scratch: ([, , , ...inputs], attrs) => gradElements(shapeOf(inputs, attrs), 0),
  encode({ attrs, inputs: [dh, h, saved, ...inputs], outputs: [dq, dk, dv, di, df], scratch }) {
    const [q, k, v, i, f] = inputs
    const s = shapeOf(inputs, attrs)
    const { rows } = gradParts(scratch, s, 0)
    return [
      ...backwardCommands(s, { q, k, v, dy: dh, y: h, saved, dq, dk, dv }, scratch, 0),
      {
        kernel: MLSTM_GATE_GRAD,
        units: s.batch * s.H,
        attrs: words(s),
        reads: [f, savedParts(saved, s).gates, rows],
        writes: [di, df],
        work: 60 * count(i),
      },
    ]
  },
}

export const mlstm_step: CpuKernel = {
  encode({ inputs, outputs: [h, C, n, m] }) {
    const [q, , , i] = inputs
    return [
      {
        kernel: MLSTM_STEP,
        units: h.rows * i.cols,
        attrs: [0, 0, 0, 0, float(1 / Math.sqrt(q.cols / i.cols))],
        reads: inputs,
        writes: [h, C, n, m],
        order: [...inputs, h],
        work: 5 * count(C),
      },
    ]
  },
}
