import { type CpuCommand, type CpuKernel, ceilDiv, type PlacedMatrix } from '../../backends/cpu/kernel.ts'
import { elementwise } from '../../backends/cpu/rowwise.ts'
import { ADD, MATMUL, MATMUL_COLUMNS, MATMUL_FEW_ROWS, MATMUL_K } from '../../backends/cpu/wasm/codes.ts'

/**
 * Rows and columns of a unit: large, so that packing is cheap, unless that leaves fewer than 16 units. Rows are a multiple of 6, blocks of
 * like size. Every block of columns packs all of op(a), unless rows of a can be read in place; every block of rows all of op(b).
 */
function blocksOf(M: number, N: number, transA: boolean): { rows: number; columns: number } {
  let best = { rows: 0, columns: 0, cost: Infinity }
  for (const columns of [MATMUL_COLUMNS, 2 * MATMUL_COLUMNS]) {
    const blocks = ceilDiv(N, columns)
    const most = [528, 264, 132, 66].find((rows) => ceilDiv(M, rows) * blocks >= 16) ?? 42
    const rows = 6 * ceilDiv(ceilDiv(M, ceilDiv(M, most)), 6)
    const cost = (transA ? 1 : 0.25) * M * blocks + N * ceilDiv(M, rows)
    if (cost < best.cost) best = { rows, columns, cost }
  }
  return best
}

export const matmul: CpuKernel = {
  encode({ attrs, inputs, outputs: [y] }) {
    const [a, b] = inputs
    const K = attrs.transA ? a.rows : a.cols
    const bias = attrs.bias ? inputs[2] : undefined
    const residual = attrs.residual ? inputs[inputs.length - 1] : undefined
    const before: CpuCommand[] = []
    let init: PlacedMatrix | undefined = residual ?? (bias && { ...bias, ld: 0, rows: y.rows })
    if (residual && bias) {
      // The kernel adds one matrix: y starts as residual + bias.
      before.push(
        ...elementwise(ADD).encode({ attrs: {}, inputs: [residual, { ...bias, ld: 0, rows: y.rows }], outputs: [y], scratch: null }),
      )
      init = y
    }
    const work = 2 * y.rows * y.cols * K
    const reads = [a, b, ...(init ? [init] : [])]
    const order = [a, b, y, init ?? y]
    if (y.rows <= 8 && !attrs.transA) {
      const blocks = ceilDiv(y.cols, MATMUL_COLUMNS)
      const words = [0, Number(!!attrs.transB), K, y.rows, blocks, Number(!!init)]
      return [...before, { kernel: MATMUL_FEW_ROWS, units: blocks, attrs: words, reads, writes: [y], order, work }]
    }
    const { rows, columns } = blocksOf(y.rows, y.cols, !!attrs.transA)
    const across = ceilDiv(y.cols, columns)
    const words = [Number(!!attrs.transA), Number(!!attrs.transB), K, rows, across, Number(!!init), columns]
    const local = 4 * MATMUL_K * (columns + rows)
    return [...before, { kernel: MATMUL, units: ceilDiv(y.rows, rows) * across, attrs: words, reads, writes: [y], order, local, work }]
  },
}
