import type { TensorType } from '../../tensor/tensor.ts'
import type { Attributes } from '../op.ts'
import type { WgslKernel } from '../../backends/webgpu/wgsl.ts'
import { FEW_ROWS, fewRowsMatmul } from './fewRows.ts'
import { tiledMatmul } from './tiled.ts'
import { chooseTile, type MatmulShape } from './tiles.ts'

const shapeOf = ([a, b]: readonly TensorType[], { transA, transB }: Attributes): MatmulShape & { fewRows: boolean } => {
  const [M, K] = transA ? [a.cols, a.rows] : [a.rows, a.cols]
  return { M, K, N: transB ? b.rows : b.cols, transA: !!transA, transB: !!transB, fewRows: M <= FEW_ROWS && !transA && !!transB }
}

export const matmul: WgslKernel = {
  scratch(inputs, attrs, target) {
    const shape = shapeOf(inputs, attrs)
    if (shape.fewRows) return 0
    const { splitK } = chooseTile(shape, target)
    return splitK > 1 ? splitK * shape.M * shape.N : 0
  },
  dispatches({ inputs, outputs: [y], attrs, scratch }, target) {
    const shape = shapeOf(inputs, attrs)
    const operands = {
      a: inputs[0],
      b: inputs[1],
      y,
      ...(attrs.bias ? { bias: inputs[2] } : {}),
      ...(attrs.residual ? { residual: inputs[inputs.length - 1] } : {}),
      transA: shape.transA,
      transB: shape.transB,
    }
    return shape.fewRows ? [fewRowsMatmul(operands, target)] : tiledMatmul(operands, chooseTile(shape, target), scratch)
  },
}
