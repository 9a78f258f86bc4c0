import type { TensorType } from '../../tensor/tensor.ts'
import type { Attributes } from '../op.ts'
import type { Target, WgslKernel } from '../../backends/webgpu/wgsl.ts'
import { FEW_ROWS, fewRowsMatmul } from './fewRows.ts'
import { tiledLayout, tiledMatmul } from './tiled.ts'
import { type MatmulShape, type TileChoice, tileCandidates, tileName } from './tiles.ts'
import { type Scales, unitLayout, unitMatmul } from './units.ts'
import { type UnitChoice, unitCandidates, unitName, unitsPay } from './unitTiles.ts'

const shapeOf = ([a, b]: readonly TensorType[], { transA, transB }: Attributes): MatmulShape & { fewRows: boolean; halves: boolean } => {
  const [M, K] = transA ? [a.cols, a.rows] : [a.rows, a.cols]
  return {
    M,
    K,
    N: transB ? b.rows : b.cols,
    transA: !!transA,
    transB: !!transB,
    fewRows: M <= FEW_ROWS && !transA && !!transB,
    halves: a.dtype === 'f16' && b.dtype === 'f16',
  }
}
const scalesOf = ({ lift_a = 0, lift_b = 0 }: Attributes): Scales => [2 ** Number(lift_a), 2 ** Number(lift_b)]

/** Every way to multiply these shapes on this adapter, the rule's first. */
function variantsOf(shape: MatmulShape & { halves: boolean }, target: Target) {
  const { M, N, K, transA, transB, halves } = shape
  const tiles = tileCandidates(shape, target)
  const units = target.mixed ? unitCandidates(shape, target, halves) : []
  const candidates: (TileChoice | UnitChoice)[] = unitsPay(shape) ? [...units, ...tiles] : [...tiles, ...units]
  return {
    candidates,
    key: `${M}×${N} K${K} ${transA ? 'T' : 'N'}${transB ? 'T' : 'N'}${target.mixed ? ` mixed${halves ? ' in memory' : ''}` : ''}`,
    names: candidates.map((one) => ('units' in one ? unitName(one) : tileName(one))),
    trusted: tileName(tiles[0]),
  }
}

/** The variant in use: measured on this adapter, or by rule. */
function choice(shape: MatmulShape & { halves: boolean }, target: Target): TileChoice | UnitChoice {
  const variants = variantsOf(shape, target)
  return variants.candidates[variants.names.indexOf(target.choices.name('matmul', variants))]
}

export const matmul: WgslKernel = {
  variants(inputs, attrs, target) {
    const shape = shapeOf(inputs, attrs)
    return shape.fewRows ? null : variantsOf(shape, target)
  },
  scratch(inputs, attrs, target) {
    const shape = shapeOf(inputs, attrs)
    if (shape.fewRows) return 0
    const chosen = choice(shape, target)
    return ('units' in chosen ? unitLayout(shape, chosen, scalesOf(attrs)) : tiledLayout(shape, chosen)).total
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
    if (shape.fewRows) return [fewRowsMatmul(operands, target)]
    const chosen = choice(shape, target)
    return 'units' in chosen ? unitMatmul(operands, chosen, scalesOf(attrs), scratch!) : tiledMatmul(operands, chosen, scratch)
  },
}
