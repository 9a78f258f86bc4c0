import { at, elements, set } from '../../tensor/tensor.ts'
import { defineOp, num } from '../op.ts'
import { checkCtc, ctcOfSequence } from './ctc.ts'

/**
 * dlogits (batch·seqlen, vocab) = dloss / max(count, 1) · (softmax(logits) − what the labels' paths spend on each class at each step)
 * (Graves et al. 2006, eq. 16); 0 for sequences that are not scored. The walk is done again, nothing of it is kept.
 */
export const ctc_grad = defineOp({
  name: 'ctc_grad',
  inputs: ['logits', 'labels', 'count', 'dloss'],
  outputs: ['dlogits'],
  infer: (inputs, attrs) => (checkCtc('ctc_grad', inputs, attrs), [inputs[0]]),
  reference([logits, labels, count, dloss], [dlogits], attrs) {
    const seqlen = num(attrs, 'seqlen')
    const scale = at(dloss, 0, 0) / Math.max(at(count, 0, 0), 1)
    for (let b = 0; b < labels.rows; b++) {
      const { slope } = ctcOfSequence(logits, labels, b, seqlen)
      for (let t = 0; t < seqlen; t++)
        for (let v = 0; v < logits.cols; v++) set(dlogits, b * seqlen + t, v, slope.length ? scale * slope[t][v] : 0)
    }
  },
  cost: ([logits, labels]) => ({
    flops: 5 * elements(logits) + logits.rows * labels.cols * 40,
    exps: 2 * elements(logits) + 8 * logits.rows * labels.cols,
  }),
  tolerance: 1e-5,
  cases: [],
})
