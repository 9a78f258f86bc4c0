import { at, elements, expectType, f32, type HostMatrix, i32, set, type TensorType } from '../../tensor/tensor.ts'
import { type Attributes, defineOp, num, requireShape } from '../op.ts'

/** The most labels of a sequence: the states of one must fit in a workgroup's memory. */
export const MAX_LABELS = 500

export function checkCtc(op: string, [logits, labels]: readonly TensorType[], attrs: Attributes): void {
  const [batch, seqlen] = [num(attrs, 'batch'), num(attrs, 'seqlen')]
  requireShape(logits.rows === batch * seqlen, `${op}: logits has ${logits.rows} rows, batch · seqlen is ${batch * seqlen}`)
  expectType(`${op}: labels`, labels, i32(batch, labels.cols))
  requireShape(labels.cols <= MAX_LABELS, `${op}: ${labels.cols} labels in a sequence; at most ${MAX_LABELS} are possible`)
}

const logAdd = (...terms: number[]): number => {
  const most = Math.max(...terms)
  return most === -Infinity ? most : most + Math.log(terms.reduce((sum, x) => sum + Math.exp(x - most), 0))
}

/**
 * One sequence in float64: −log of the probability of its labels, and where it is finite that number's gradient (seqlen × vocab).
 * The states are the labels with blanks between and around them (Graves et al. 2006, §4.1, eq. 6 to 16).
 */
export function ctcOfSequence(logits: HostMatrix, labels: HostMatrix, b: number, seqlen: number): { nll: number; slope: number[][] } {
  const states = [0]
  for (let k = 0; k < labels.cols && at(labels, b, k) >= 0; k++) states.push(at(labels, b, k), 0)
  const n = states.length
  const logp = Array.from({ length: seqlen }, (_, t) => {
    const row = Array.from({ length: logits.cols }, (_, v) => at(logits, b * seqlen + t, v))
    const lse = logAdd(...row)
    return row.map((x) => x - lse)
  })
  const skips = (s: number): boolean => s >= 2 && states[s] !== 0 && states[s] !== states[s - 2]
  const alpha = logp.map(() => new Array<number>(n).fill(-Infinity))
  const beta = logp.map(() => new Array<number>(n).fill(-Infinity))
  for (let t = 0; t < seqlen; t++)
    for (let s = 0; s < n; s++) {
      const before = (d: number): number => (s >= d ? alpha[t - 1][s - d] : -Infinity)
      const reached = t === 0 ? (s < 2 ? 0 : -Infinity) : logAdd(before(0), before(1), skips(s) ? before(2) : -Infinity)
      alpha[t][s] = reached + logp[t][states[s]]
    }
  const nll = -logAdd(alpha[seqlen - 1][n - 1], n > 1 ? alpha[seqlen - 1][n - 2] : -Infinity)
  if (nll === Infinity) return { nll, slope: [] }
  for (let t = seqlen - 1; t >= 0; t--)
    for (let s = 0; s < n; s++) {
      const after = (d: number): number => (s + d < n ? beta[t + 1][s + d] + logp[t + 1][states[s + d]] : -Infinity)
      beta[t][s] =
        t === seqlen - 1 ? (s >= n - 2 ? 0 : -Infinity) : logAdd(after(0), after(1), s + 2 < n && skips(s + 2) ? after(2) : -Infinity)
    }
  const slope = logp.map((row, t) => {
    const out = row.map((x) => Math.exp(x))
    states.forEach((v, s) => (out[v] -= Math.exp(alpha[t][s] + beta[t][s] + nll)))
    return out
  })
  return { nll, slope }
}

const testCase = (batch: number, seqlen: number, vocab: number, labels: number, size = 1, lowest = -1) => ({
  inputs: [f32(batch * seqlen, vocab), i32(batch, labels)],
  attrs: { batch, seqlen },
  range: [
    [-size, size],
    [lowest, vocab],
  ] as const,
})

/**
 * Connectionist temporal classification (Graves et al. 2006, ICML): −log of the sum over all paths through time that read as the labels once
 * repeats are merged and blanks (class 0) taken out. logits (batch·seqlen, vocab) before the softmax · labels (batch, S) i32, a sequence's
 * own from the left, the first negative one ends them. nll (batch, 1) in nats, 0 where no path of seqlen steps reads as the labels ·
 * count (1, 1) = the other sequences · loss (1, 1) = Σ nll / max(count, 1). attrs batch, seqlen. Only `loss` has a gradient.
 */
export const ctc = defineOp({
  name: 'ctc',
  inputs: ['logits', 'labels'],
  outputs: ['loss', 'nll', 'count'],
  infer: (inputs, attrs) => (checkCtc('ctc', inputs, attrs), [f32(1, 1), f32(num(attrs, 'batch'), 1), f32(1, 1)]),
  reference([logits, labels], [loss, nll, count], attrs) {
    let [sum, scored] = [0, 0]
    for (let b = 0; b < labels.rows; b++) {
      const { nll: one } = ctcOfSequence(logits, labels, b, num(attrs, 'seqlen'))
      set(nll, b, 0, one === Infinity ? 0 : one)
      sum += at(nll, b, 0)
      scored += Number(one !== Infinity)
    }
    set(count, 0, 0, scored)
    set(loss, 0, 0, sum / Math.max(scored, 1))
  },
  gradient: (builder, { inputs, outputs: [, , count], attrs }, [dloss]) =>
    dloss ? [builder.one('ctc_grad', [...inputs, count, dloss], attrs)] : [],
  cost: ([logits, labels]) => ({
    flops: 3 * elements(logits) + logits.rows * labels.cols * 14,
    exps: elements(logits) + 4 * logits.rows * labels.cols,
  }),
  tolerance: 4e-6,
  gradientTolerance: 1e-5,
  cases: [
    testCase(1, 1, 1, 1, 1, -1),
    testCase(3, 7, 5, 3),
    testCase(2, 63, 33, 17, 3, 0),
    testCase(4, 65, 6, 9, 1, 0),
    testCase(1, 300, 9, 40, 4, 1),
    // Too few steps for most: not scored.
    testCase(5, 4, 3, 4, 1, -1),
  ],
})
