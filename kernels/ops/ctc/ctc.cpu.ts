import { type CpuKernel, count, type PlacedMatrix } from '../../backends/cpu/kernel.ts'
import { CTC, CTC_GRAD, CTC_SUM } from '../../backends/cpu/wasm/codes.ts'
import { num } from '../op.ts'

/** Doubles of one sequence: probabilities of the labels and forward weights by step and state, two rows of backward weights; and its states. */
const local = (labels: PlacedMatrix, seqlen: number): number => {
  const states = 2 * labels.cols + 1
  return 8 * (2 * seqlen * states + 2 * states) + 8 * states + 64
}

export const ctc: CpuKernel = {
  encode({ attrs, inputs, outputs: [loss, nll, scored] }) {
    const [logits, labels] = inputs
    const seqlen = num(attrs, 'seqlen')
    const work = 20 * count(logits) + 60 * seqlen * count(labels)
    return [
      { kernel: CTC, units: labels.rows, attrs: [seqlen], reads: inputs, writes: [nll], local: local(labels, seqlen), work },
      { kernel: CTC_SUM, units: 1, reads: [nll], writes: [loss, scored, nll], work: labels.rows },
    ]
  },
}

export const ctc_grad: CpuKernel = {
  encode({ attrs, inputs, outputs }) {
    const [logits, labels] = inputs
    const seqlen = num(attrs, 'seqlen')
    const work = 40 * count(logits) + 160 * seqlen * count(labels)
    return [{ kernel: CTC_GRAD, units: labels.rows, attrs: [seqlen], reads: inputs, writes: outputs, local: local(labels, seqlen), work }]
  },
}
