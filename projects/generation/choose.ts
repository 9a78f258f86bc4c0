import type { RandomStream } from '../../kernels/random/philox.ts'

export interface Choosing {
  /** 0 takes the likeliest token each time. */
  readonly temperature: number
  /** Choose among so many likeliest tokens only (Fan et al. 2018, arXiv:1805.04833, §5.2). */
  readonly topK?: number | null
}

/** A token drawn from softmax(logits / temperature), and −log2 of its probability under the model itself (temperature 1, all tokens). */
export function choose(logits: Float32Array, { temperature, topK }: Choosing, random: RandomStream): { id: number; bits: number } {
  const order = Array.from(logits.keys()).sort((a, b) => logits[b] - logits[a] || a - b)
  const max = logits[order[0]]
  const id = temperature === 0 ? order[0] : draw(order.slice(0, topK ?? order.length), logits, temperature, random.uniform())
  let sum = 0
  for (const logit of logits) sum += Math.exp(logit - max)
  return { id, bits: (Math.log(sum) + max - logits[id]) / Math.LN2 }
}

function draw(candidates: readonly number[], logits: Float32Array, temperature: number, uniform: number): number {
  const weights = candidates.map((id) => Math.exp((logits[id] - logits[candidates[0]]) / temperature))
  let left = uniform * weights.reduce((a, b) => a + b, 0)
  for (let i = 0; i < candidates.length; i++) if ((left -= weights[i]) < 0) return candidates[i]
  return candidates[candidates.length - 1]
}
