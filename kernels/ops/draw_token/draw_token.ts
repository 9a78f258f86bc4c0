import { philox } from '../../random/philox.ts'
import { at, expectType, f32, i32, set, type TensorType } from '../../tensor/tensor.ts'
import { defineOp, requireShape } from '../op.ts'

/** Columns of `settings`. top_k 0: all tokens; top_p 1: all. */
export const SETTINGS = { temperature: 0, top_k: 1, top_p: 2 } as const
export const SETTINGS_COLUMNS = 4
/** Columns of `cursor`: where the token stands that was just read, how many tokens are given, the seed's two words, and the stream. */
export const CURSOR = { position: 0, given: 1, seed_low: 2, seed_high: 3, stream: 4 } as const
export const CURSOR_COLUMNS = 8
/** Third word of the counter, so that no other use of Philox with this seed meets the same numbers. */
export const DRAW_DOMAIN = 0x64726177

const testCase = (rows: number, vocab: number, places: number, settings: number, spread = 5) => ({
  inputs: [f32(rows, vocab), f32(1, SETTINGS_COLUMNS), i32(rows, CURSOR_COLUMNS), i32(rows, places), f32(rows, places)],
  attrs: {},
  range: [
    [-spread, spread],
    [settings, settings],
    [0, 6],
    [0, vocab],
    [0, 1],
  ] as const,
})

/**
 * The token after position p of each sequence: the given one where p + 1 < given, else one drawn from softmax(logits / temperature) among the
 * top_k likeliest (Fan et al. 2018, arXiv:1805.04833, §5.2), of those the fewest likeliest whose probability is at least top_p (Holtzman
 * et al. 2020, arXiv:1904.09751, §3.1); tokens as likely as the last of them stay in. Temperature 0 takes the likeliest, the first of several.
 * Drawn by the inverse of the distribution function in the order of the ids, at a uniform number that is the upper 24 bits of word 0
 * of Philox4x32-10 under the key `seed` and the counter (p + 1 − given, stream, DRAW_DOMAIN, row): the same on every backend.
 * logits (R, V) · settings (1, 4) and cursor (R, 8) i32, see above · tokens (R, N) i32 · bits (R, N) = −log2 of a token's probability
 * under the model itself (temperature 1, all tokens). token (R, 1); tokens and bits are written at p + 1 where that is below N; position + 1.
 */
export const draw_token = defineOp({
  name: 'draw_token',
  inputs: ['logits', 'settings', 'cursor', 'tokens', 'bits'],
  outputs: ['token', 'cursor', 'tokens', 'bits'],
  inPlace: { 1: 2, 2: 3, 3: 4 },
  infer([logits, settings, cursor, tokens, bits]): TensorType[] {
    expectType('draw_token: settings', settings, f32(1, SETTINGS_COLUMNS))
    expectType('draw_token: cursor', cursor, i32(logits.rows, CURSOR_COLUMNS))
    expectType('draw_token: tokens', tokens, i32(logits.rows, tokens.cols))
    expectType('draw_token: bits', bits, f32(logits.rows, tokens.cols))
    requireShape(logits.cols > 0, 'draw_token: there is no token to draw')
    return [i32(logits.rows, 1), cursor, tokens, bits]
  },
  reference([logits, settings, cursor, tokens, bits], [token, cursorNext, tokensNext, bitsNext]) {
    const [temperature, top_k, top_p] = Object.values(SETTINGS).map((c) => at(settings, 0, c))
    for (let r = 0; r < logits.rows; r++) {
      const row = Array.from({ length: logits.cols }, (_, v) => at(logits, r, v))
      const [position, given, low, high, stream] = Object.values(CURSOR).map((c) => at(cursor, r, c))
      const next = position + 1
      const words = new Uint32Array(4)
      philox(low, high, next - given, stream, DRAW_DOMAIN, r, words)
      const known = next < given && next < tokens.cols
      const id = known ? at(tokens, r, next) : draw(row, { temperature, top_k, top_p }, (words[0] >>> 8) / 2 ** 24)
      const max = Math.max(...row)
      const logSum = Math.log(row.reduce((sum, x) => sum + Math.exp(x - max), 0))
      for (let c = 0; c < CURSOR_COLUMNS; c++) set(cursorNext, r, c, c === CURSOR.position ? next : at(cursor, r, c))
      for (let c = 0; c < tokens.cols; c++) {
        set(tokensNext, r, c, c === next ? id : at(tokens, r, c))
        set(bitsNext, r, c, c === next ? (max - row[id] + logSum) / Math.LN2 : at(bits, r, c))
      }
      set(token, r, 0, id)
    }
  },
  cost: ([logits]) => ({ flops: 8 * logits.rows * logits.cols, exps: 2 * logits.rows * logits.cols }),
  tolerance: 2e-6,
  cases: [
    testCase(1, 1, 1, 1),
    testCase(1, 65, 9, 0),
    testCase(3, 65, 4, 0.6),
    testCase(2, 63, 8, 1, 2),
    testCase(5, 300, 8, 3),
    testCase(1, 4097, 16, 7, 2),
  ],
})

/** The definition, over one row of logits. */
function draw(row: readonly number[], { temperature, top_k, top_p }: Record<keyof typeof SETTINGS, number>, uniform: number): number {
  const max = Math.max(...row)
  if (temperature === 0) return row.indexOf(max)
  const sorted = row.toSorted((a, b) => b - a)
  const k = Math.floor(top_k)
  const atLeast = k > 0 && k < row.length ? sorted[k - 1] : -Infinity
  let weights = row.map((x) => (x >= atLeast ? Math.exp((x - max) / temperature) : 0))
  if (top_p > 0 && top_p < 1) {
    const wanted = top_p * weights.reduce((a, b) => a + b, 0)
    const mass = (edge: number): number => weights.reduce((sum, w, i) => sum + (row[i] >= edge ? w : 0), 0)
    const edge = sorted.find((x) => mass(x) >= wanted) ?? -Infinity
    weights = weights.map((w, i) => (row[i] >= edge ? w : 0))
  }
  const target = uniform * weights.reduce((a, b) => a + b, 0)
  let sum = 0
  const drawn = weights.findIndex((w) => (sum += w) > target)
  return drawn >= 0 ? drawn : weights.findLastIndex((w) => w > 0)
}
