import { type CpuCommand, type CpuKernel, ceilDiv, type PlacedMatrix } from '../../backends/cpu/kernel.ts'
import { elementwise } from '../../backends/cpu/rowwise.ts'
import { ADD, MATMUL, MATMUL_COLUMNS, MATMUL_FEW_ROWS, MATMUL_K, MATMUL_ROWS } from '../../backends/cpu/wasm/codes.ts'

/** Rows of a unit, a multiple of 6: many, so that packing is cheap, unless that leaves fewer than 16 units; blocks of like size. */
function rowsPerUnit(M: number, blocks: number): number {
  const most = [MATMUL_ROWS, MATMUL_ROWS / 2].find((rows) => ceilDiv(M, rows) * blocks >= 16) ?? 42
  return 6 * ceilDiv(ceilDiv(M, ceilDiv(M, most)), 6)
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
    const blocks = ceilDiv(y.cols, MATMUL_COLUMNS)
    const work = 2 * y.rows * y.cols * K
    const reads = [a, b, ...(init ? [init] : [])]
    const order = [a, b, y, init ?? y]
    if (y.rows <= 8 && !attrs.transA) {
      const words = [0, Number(!!attrs.transB), K, y.rows, blocks, Number(!!init)]
      return [...before, { kernel: MATMUL_FEW_ROWS, units: blocks, attrs: words, reads, writes: [y], order, work }]
    }
    const rows = rowsPerUnit(y.rows, blocks)
    const words = [Number(!!attrs.transA), Number(!!attrs.transB), K, rows, blocks, Number(!!init)]
    const local = 4 * MATMUL_K * (MATMUL_COLUMNS + rows)
    return [...before, { kernel: MATMUL, units: ceilDiv(y.rows, rows) * blocks, attrs: words, reads, writes: [y], order, local, work }]
  },
}
