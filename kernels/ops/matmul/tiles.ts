import { ceilDiv, type Target } from '../../backends/webgpu/wgsl.ts'

/** A register-tiled matmul: a workgroup makes BM × BN of y from BK of the inner dimension at a time, a thread TM × TN of it. */
export interface Tile {
  readonly BM: number
  readonly BN: number
  readonly BK: number
  readonly TM: number
  readonly TN: number
  /** Threads of a 32-thread patch that lie along n. */
  readonly LN: number
  /** Steps of k written out; all of BK on hardware. */
  readonly unroll: number
}

export interface TileChoice {
  readonly tile: Tile
  /** Parts of the inner dimension, summed afterwards in order. */
  readonly splitK: number
}

export const threads = ({ BM, BN, TM, TN }: Tile): number => (BM / TM) * (BN / TN)

export interface MatmulShape {
  readonly M: number
  readonly N: number
  readonly K: number
  readonly transA: boolean
  readonly transB: boolean
}

/** Whether all threads get whole pieces of both inputs; a transposed piece is 4 × 4. */
export const suits = (tile: Tile, transA: boolean, transB: boolean): boolean =>
  [(tile.BM * tile.BK) / (transA ? 4 : 16), (tile.BN * tile.BK) / (transB ? 16 : 4)].every((pieces) => pieces % threads(tile) === 0)

const SOFTWARE: Tile = { BM: 32, BN: 32, BK: 32, TM: 4, TN: 4, LN: 8, unroll: 1 }

/**
 * Tiles with the share of peak they reach on large shapes, how many workgroups a core holds, and what starting and ending one costs in
 * steps of k. Measured on an H100 (`--tune` of the benchmark); 256 × 128, 128 × 64 and 64 × 128 were never the fastest there.
 */
export const HARDWARE_TILES: readonly { tile: Tile; share: number; resident: number; overhead: number }[] = [
  { tile: { BM: 128, BN: 128, BK: 16, TM: 8, TN: 16, LN: 8, unroll: 16 }, share: 0.72, resident: 2, overhead: 48 },
  { tile: { BM: 64, BN: 64, BK: 16, TM: 8, TN: 8, LN: 8, unroll: 16 }, share: 0.66, resident: 6, overhead: 24 },
  { tile: { BM: 64, BN: 32, BK: 32, TM: 8, TN: 4, LN: 8, unroll: 16 }, share: 0.45, resident: 6, overhead: 24 },
  { tile: { BM: 32, BN: 64, BK: 32, TM: 4, TN: 8, LN: 8, unroll: 16 }, share: 0.45, resident: 6, overhead: 24 },
]

const CORES = 132
const FMA_PER_CORE = 128
/** Elements a core can move in the time of one multiply-add cycle. */
const ELEMENTS_PER_CYCLE = 3.2

/**
 * The tile and split with the least estimated time. Depends on the shape alone, so that sums run in the same order everywhere.
 * WebGPU does not tell how many cores an adapter has; the estimate is for a large card, on a small one it only over-splits.
 */
export function chooseTile({ M, N, K, transA, transB }: MatmulShape, target: Target): TileChoice {
  if (target.software) return { tile: SOFTWARE, splitK: K >= 1024 && M * N <= 4096 ? 4 : 1 }
  let best: TileChoice = { tile: HARDWARE_TILES[0].tile, splitK: 1 }
  let least = Infinity
  for (const { tile, share, resident, overhead } of HARDWARE_TILES.filter((t) => suits(t.tile, transA, transB)))
    for (const splitK of [1, 2, 4, 8, 16, 32, 64]) {
      const part = ceilDiv(ceilDiv(K, splitK), tile.BK) * tile.BK
      if (splitK > 1 && (part < 128 || splitK * M * N > 2 ** 27)) continue
      const groups = ceilDiv(M, tile.BM) * ceilDiv(N, tile.BN) * splitK
      const perCore = ceilDiv(groups, CORES)
      // A core with a single workgroup cannot hide its barriers.
      const hiding = Math.min(1, 0.5 + (0.5 * Math.min(perCore, resident)) / Math.min(2, resident))
      const compute = (perCore * tile.BM * tile.BN * (part + overhead)) / (FMA_PER_CORE * share * hiding)
      const reduce = splitK > 1 ? ((splitK * 2 + 1) * M * N) / (ELEMENTS_PER_CYCLE * CORES) + 3000 : 0
      if (compute + reduce < least) [least, best] = [compute + reduce, { tile, splitK }]
    }
  return best
}
