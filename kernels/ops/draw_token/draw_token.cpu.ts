import { type CpuKernel, count } from '../../backends/cpu/kernel.ts'
import { DRAW_TOKEN } from '../../backends/cpu/wasm/codes.ts'
import { DRAW_DOMAIN } from './draw_token.ts'

export const draw_token: CpuKernel = {
  scratch: ([logits]) => logits.rows * logits.cols,
  encode: ({ inputs: [logits, settings], outputs: [token, cursor, tokens, bits], scratch }) => [
    {
      kernel: DRAW_TOKEN,
      units: logits.rows,
      attrs: [DRAW_DOMAIN],
      reads: [logits, settings],
      writes: [cursor, tokens, bits, token, scratch!],
      work: 40 * count(logits),
    },
  ],
}
