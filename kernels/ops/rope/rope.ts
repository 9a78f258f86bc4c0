import { at, expectType, f32, set } from '../../tensor/tensor.ts'
import { defineOp, num, requireShape } from '../op.ts'

/** The frequencies of the pairs of a head: base^(−2i / rotary_dim), i = 0 … rotary_dim / 2 − 1. */
export const frequencies = (base: number, rotary_dim: number): number[] =>
  Array.from({ length: rotary_dim / 2 }, (_, i) => base ** ((-2 * i) / rotary_dim))

const testCase = (rows: number, cols: number, attrs: Record<string, number | boolean>, position?: readonly [number, number]) => ({
  inputs: [f32(rows, cols), ...(position ? [f32(rows, 1)] : [])],
  attrs: { base: 10000, inverse: false, positions: !!position, seqlen: rows, ...attrs },
  ...(position ? { range: [[-1, 1], position] as const } : {}),
})

/**
 * Rotary position embedding (Su et al. 2021, arXiv:2104.09864, eq. 34) in the form with halves (GPT-NeoX): in each of the first `heads`
 * heads of head_dim columns, pair i < rotary_dim / 2, at position t:
 *   y_i = x_i cos θ − x_(i + rotary_dim/2) sin θ,  y_(i + rotary_dim/2) = x_(i + rotary_dim/2) cos θ + x_i sin θ,  θ = t · base^(−2i / rotary_dim).
 * All other columns pass through, so q, k and v packed side by side go through in one go and, where nothing else reads x, in place.
 * x, y (rows, cols). The position of a row is row mod seqlen, or with attrs.positions that of the input position (rows, 1), a whole number
 * below 2^24. attrs heads, head_dim, rotary_dim, base, seqlen, positions, inverse (turn back: the gradient).
 */
export const rope = defineOp({
  name: 'rope',
  inputs: ['x', 'position'],
  outputs: ['y'],
  mayOverwrite: { 0: 0 },
  infer([x, position], attrs) {
    const [heads, head_dim, rotary] = [num(attrs, 'heads'), num(attrs, 'head_dim'), num(attrs, 'rotary_dim')]
    requireShape(heads * head_dim <= x.cols, `rope: x has ${x.cols} columns, ${heads} heads of ${head_dim} do not fit`)
    requireShape(rotary % 2 === 0 && rotary <= head_dim, `rope: rotary_dim ${rotary} must be even and at most head_dim ${head_dim}`)
    if (attrs.positions) expectType('rope: position', position, f32(x.rows, 1))
    return [x]
  },
  reference([x, position], [y], attrs) {
    const [heads, head_dim, rotary] = [num(attrs, 'heads'), num(attrs, 'head_dim'), num(attrs, 'rotary_dim')]
    const turns = frequencies(num(attrs, 'base'), rotary)
    const half = rotary / 2
    for (let r = 0; r < x.rows; r++) {
      const t = attrs.positions ? at(position, r, 0) : r % num(attrs, 'seqlen')
      const before = Array.from({ length: x.cols }, (_, c) => at(x, r, c))
      for (let c = 0; c < x.cols; c++) {
        const [head, i] = [Math.floor(c / head_dim), c % head_dim]
        if (head >= heads || i >= rotary) {
          set(y, r, c, before[c])
          continue
        }
        const [first, angle] = [i < half, (attrs.inverse ? -1 : 1) * t * turns[i % half]]
        const other = before[first ? c + half : c - half]
        set(y, r, c, before[c] * Math.cos(angle) + (first ? -1 : 1) * other * Math.sin(angle))
      }
    }
  },
  gradient: (builder, { inputs: [, position], attrs }, [dy]) =>
    dy ? [builder.one('rope', position ? [dy, position] : [dy], { ...attrs, inverse: !attrs.inverse })] : [],
  cost: ([x], attrs) => ({ flops: 3 * x.rows * num(attrs, 'heads') * num(attrs, 'rotary_dim'), exps: x.rows * num(attrs, 'rotary_dim') }),
  tolerance: 1e-6,
  cases: [
    testCase(1, 2, { heads: 1, head_dim: 2, rotary_dim: 2 }),
    testCase(65, 36, { heads: 2, head_dim: 12, rotary_dim: 6 }),
    testCase(130, 96, { heads: 2, head_dim: 32, rotary_dim: 32, seqlen: 65 }),
    testCase(63, 21, { heads: 3, head_dim: 7, rotary_dim: 2, inverse: true }),
    testCase(9, 64, { heads: 1, head_dim: 64, rotary_dim: 64 }, [16384, 16384]),
    testCase(3, 16, { heads: 2, head_dim: 8, rotary_dim: 8, base: 500000 }, [131071, 131071]),
  ],
})
