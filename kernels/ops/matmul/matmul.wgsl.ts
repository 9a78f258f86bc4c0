import type { TensorType } from '../../tensor/tensor.ts'
import type { Attributes } from '../op.ts'
import type { WgslKernel } from '../../backends/webgpu/wgsl.ts'
import { FEW_ROWS, fewRowsMatmul } from './fewRows.ts'
import { tiledMatmul } from './tiled.ts'
import { chooseTile } from './tiles.ts'

type Shape = { M: number; N: number; K: number; fewRows: boolean }

const shapeOf = ([a, b]: readonly TensorType[], { transA, transB }: Attributes): Shape => {
  const [M, K] = transA ? [a.cols, a.rows] : [a.rows, a.cols]
  return { M, K, N: transB ? b.rows : b.cols, fewRows: M <= FEW_ROWS && !transA && !!transB }
}

export const matmul: WgslKernel = {
  scratch(inputs, attrs, target) {
    const { M, N, K, fewRows } = shapeOf(inputs, attrs)
    if (fewRows) return 0
    const { splitK } = chooseTile(M, N, K, target)
    return splitK > 1 ? splitK * M * N : 0
  },
  dispatches({ inputs, outputs: [y], attrs, scratch }, target) {
    const { M, N, K, fewRows } = shapeOf(inputs, attrs)
    const operands = {
      a: inputs[0],
      b: inputs[1],
      y,
      ...(attrs.bias ? { bias: inputs[2] } : {}),
      ...(attrs.residual ? { residual: inputs[inputs.length - 1] } : {}),
      transA: !!attrs.transA,
      transB: !!attrs.transB,
    }
    return fewRows ? [fewRowsMatmul(operands, target)] : tiledMatmul(operands, chooseTile(M, N, K, target), scratch)
  },
}
