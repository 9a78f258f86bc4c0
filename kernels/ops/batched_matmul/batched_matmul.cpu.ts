import type { CpuKernel, PlacedMatrix } from '../../backends/cpu/kernel.ts'
import { matmul } from '../matmul/matmul.cpu.ts'
import { batchedShape } from './batched_matmul.ts'

/** Each product by matmul's own kernels; they do not depend on one another, so threads run through all of them without waiting. */
export const batched_matmul: CpuKernel = {
  encode({ attrs, inputs: [a, b], outputs: [y] }) {
    const { batch, transA, transB } = batchedShape([a, b], attrs)
    const one = (m: PlacedMatrix, i: number): PlacedMatrix => {
      const rows = m.rows / batch
      return { ...m, rows, address: m.address + 4 * i * rows * m.ld }
    }
    return Array.from({ length: batch }, (_, i) =>
      matmul.encode({ attrs: { transA, transB }, inputs: [one(a, i), one(b, i)], outputs: [one(y, i)], scratch: null }),
    ).flat()
  },
}
