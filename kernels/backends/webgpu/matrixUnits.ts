import { UNIT_TILES } from '../../ops/matmul/unitTiles.ts'
import { matmulTileError } from '../../testing/matmulTile.ts'
import type { WebGpuBackend } from './webgpu.ts'

/** Inputs of the check are exact in float16, so only the order and width of the sums may show. */
const ALLOWED = 2e-5

/**
 * Why mixed precision cannot be used on this adapter, in a sentence, or null. Each tile multiplies an odd and an even shape, and one that lies in memory as float16; drivers have
 * been seen to give wrong numbers for some tiles without an error.
 */
export async function matrixUnitsProblem(backend: WebGpuBackend): Promise<string | null> {
  const { target, description } = backend
  if (!target.matrixUnits) return `${description} offers no units for products of float16 matrices.`
  try {
    for (const units of UNIT_TILES)
      for (const [shape, splitK, halves] of [
        [{ M: 70, N: 50, K: 66, transA: false, transB: true }, 1, false],
        [{ M: 256, N: 256, K: 256, transA: true, transB: false }, 2, false],
        [{ M: 256, N: 256, K: 192, transA: false, transB: true }, 1, true],
      ] as const) {
        if (halves && !backend.storesHalves) continue
        const error = await matmulTileError(backend, { units, splitK, asTheyLie: halves }, shape, [16, 1], halves)
        if (!(error <= ALLOWED))
          return `The matrix units of ${description} gave a wrong product in their check (relative error ${error.toExponential(1)}).`
      }
    return null
  } catch (error) {
    return `The matrix units of ${description} do not work with this driver: ${(error as Error).message.split('\n')[0]}`
  }
}
