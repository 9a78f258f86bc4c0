import { ceilDiv, type CpuKernel, count, part, type PlacedMatrix } from '../../backends/cpu/kernel.ts'
import { sumParts } from '../../backends/cpu/rowwise.ts'
import { HEADWISE_DEPTH, HEADWISE_OUTER, HEADWISE_OUTER_SMALL, HEADWISE_SMALL, MATMUL_COLUMNS } from '../../backends/cpu/wasm/codes.ts'
import { matmul } from '../matmul/matmul.cpu.ts'
import { type Attributes, num } from '../op.ts'
import { headwiseSizes } from './headwise_linear.ts'

/** Blocks below this have a kernel that does all heads in one walk over the rows; larger ones are worth packing. */
const SMALL = 16
const SMALL_ROWS = 64
const OUTER_ROWS = 256
const columns = (m: PlacedMatrix, first: number, cols: number): PlacedMatrix => ({ ...m, address: m.address + 4 * first, cols })

export const headwise_linear: CpuKernel = {
  encode({ attrs, inputs: [x, weight, addend], outputs: [y] }) {
    const more = attrs.addend ? [addend] : []
    const { heads, K, N, transpose } = headwiseSizes([x, weight], attrs)
    if (Math.max(K, N) < SMALL) {
      const local = 4 * heads * K * 4 * ceilDiv(N, 4)
      const words = [K, N, Number(transpose), SMALL_ROWS, more.length]
      const [units, work] = [ceilDiv(x.rows, SMALL_ROWS), 2 * count(y) * K]
      const [reads, order] = [
        [x, weight, ...more],
        [x, weight, y, ...more],
      ]
      return [{ kernel: HEADWISE_SMALL, units, attrs: words, reads, writes: [y], order, local, work }]
    }
    return Array.from({ length: heads }, (_, h) => {
      const block = { address: weight.address + 4 * h * weight.ld, rows: transpose ? K : N, cols: transpose ? N : K, ld: transpose ? N : K }
      const inputs = [columns(x, h * K, K), block, ...more.map((all) => columns(all, h * N, N))]
      const attrs = { transB: !transpose, residual: more.length > 0 }
      return matmul.encode({ attrs, inputs, outputs: [columns(y, h * N, N)], scratch: null })
    }).flat()
  },
}

interface OuterShape {
  heads: number
  gates: number
  J: number
  K: number
  small: boolean
  words: number[]
}
const outerShape = ([a, b]: readonly { cols: number }[], attrs: Attributes): OuterShape => {
  const [heads, gates] = [num(attrs, 'heads'), num(attrs, 'gates')]
  const [J, K] = [a.cols / (heads * gates), b.cols / heads]
  return { heads, gates, J, K, small: Math.max(J, K) < SMALL, words: [heads, gates, num(attrs, 'seqlen'), Number(!!attrs.previous)] }
}

export const headwise_outer: CpuKernel = {
  scratch(inputs, attrs) {
    const { heads, gates, J, K, small } = outerShape(inputs, attrs)
    return small ? ceilDiv(inputs[0].rows, OUTER_ROWS) * heads * gates * J * K : 0
  },
  encode({ attrs, inputs: [a, b], outputs: [y], scratch }) {
    const { heads, gates, J, K, small, words } = outerShape([a, b], attrs)
    const work = 2 * count(a) * K
    if (small) {
      const units = ceilDiv(a.rows, OUTER_ROWS)
      const parts = part(scratch, 0, units * count(y))
      const first = { kernel: HEADWISE_OUTER_SMALL, units, attrs: [...words, OUTER_ROWS], reads: [a, b], writes: [parts], work }
      return [first, sumParts(parts, units, y)]
    }
    const rows = 6 * ceilDiv(ceilDiv(J, ceilDiv(J, 66)), 6)
    const [jBlocks, kBlocks] = [ceilDiv(J, rows), ceilDiv(K, MATMUL_COLUMNS)]
    const local = 4 * HEADWISE_DEPTH * (MATMUL_COLUMNS + rows)
    const units = heads * gates * jBlocks * kBlocks
    return [{ kernel: HEADWISE_OUTER, units, attrs: [...words, rows, jBlocks, kBlocks], reads: [a, b], writes: [y], local, work }]
  },
}
