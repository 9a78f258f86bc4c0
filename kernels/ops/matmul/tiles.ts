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
  /** Rows of tiles that workgroups running together walk as a band, so that they share inputs in the cache. */
  readonly band: number
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

/** Bytes of workgroup memory, at most: transposed rows are skewed. */
const bytes = ({ BM, BN, BK }: Tile): number => 4 * BK * (BM + BN) + 256
/** Whether an adapter can run the tile. */
export const fits = (tile: Tile, { workgroupBytes, invocations }: Target): boolean =>
  bytes(tile) <= workgroupBytes && threads(tile) <= invocations

const SOFTWARE: Tile = { BM: 32, BN: 32, BK: 32, TM: 4, TN: 4, LN: 8, unroll: 1, band: 8 }

/**
 * Tiles with the share of peak they reach on large shapes, how many workgroups a core holds, and what starting and ending one costs in
 * steps of k. Measured on an H100 (`--tune` of the benchmark). Those of 256 threads are a little faster there for some transposes.
 */
export const HARDWARE_TILES: readonly { tile: Tile; share: number; resident: number; overhead: number }[] = [
  { tile: { BM: 128, BN: 128, BK: 16, TM: 8, TN: 16, LN: 8, unroll: 16, band: 8 }, share: 0.72, resident: 2, overhead: 48 },
  { tile: { BM: 128, BN: 128, BK: 16, TM: 8, TN: 16, LN: 4, unroll: 16, band: 8 }, share: 0.719, resident: 2, overhead: 48 },
  { tile: { BM: 256, BN: 128, BK: 16, TM: 16, TN: 8, LN: 8, unroll: 16, band: 8 }, share: 0.71, resident: 1, overhead: 48 },
  { tile: { BM: 256, BN: 128, BK: 16, TM: 8, TN: 16, LN: 8, unroll: 16, band: 8 }, share: 0.71, resident: 1, overhead: 48 },
  { tile: { BM: 64, BN: 64, BK: 16, TM: 8, TN: 8, LN: 8, unroll: 16, band: 8 }, share: 0.66, resident: 6, overhead: 24 },
  { tile: { BM: 64, BN: 32, BK: 32, TM: 8, TN: 4, LN: 8, unroll: 16, band: 8 }, share: 0.45, resident: 6, overhead: 24 },
  { tile: { BM: 32, BN: 64, BK: 32, TM: 4, TN: 8, LN: 8, unroll: 16, band: 8 }, share: 0.45, resident: 6, overhead: 24 },
]

const CORES = 132
const FMA_PER_CORE = 128
/** Elements a core can move in the time of one multiply-add cycle. */
const ELEMENTS_PER_CYCLE = 3.2

/** Elements that the parts of a split inner dimension may take together. */
const MOST_PARTS = 2 ** 27

/**
 * Every tile with every split that makes sense, by estimated time. Depends on the shape alone, so that sums run in the same order
 * everywhere. WebGPU does not tell how many cores an adapter has; the estimate is for a large card, on a small one it only over-splits.
 */
function byEstimate({ M, N, K, transA, transB }: MatmulShape, target: Target): TileChoice[] {
  const found: (TileChoice & { cost: number })[] = []
  for (const { tile, share, resident, overhead } of HARDWARE_TILES.filter(({ tile }) => suits(tile, transA, transB) && fits(tile, target)))
    for (const splitK of [1, 2, 4, 8, 16, 32, 64]) {
      const part = ceilDiv(ceilDiv(K, splitK), tile.BK) * tile.BK
      if (splitK > 1 && (part < 128 || splitK * M * N > MOST_PARTS)) continue
      const groups = ceilDiv(M, tile.BM) * ceilDiv(N, tile.BN) * splitK
      const perCore = ceilDiv(groups, CORES)
      // A core with a single workgroup cannot hide its barriers.
      const hiding = Math.min(1, 0.5 + (0.5 * Math.min(perCore, resident)) / Math.min(2, resident))
      const compute = (perCore * tile.BM * tile.BN * (part + overhead)) / (FMA_PER_CORE * share * hiding)
      const reduce = splitK > 1 ? ((splitK * 2 + 1) * M * N) / (ELEMENTS_PER_CYCLE * CORES) + 3000 : 0
      found.push({ tile, splitK, cost: compute + reduce })
    }
  return found.sort((a, b) => a.cost - b.cost)
}

/** The tile and split with the least estimated time: the choice where nothing was measured. */
export const chooseTile = (shape: MatmulShape, target: Target): TileChoice => tileCandidates(shape, target)[0]

/** At most so many candidates, two splits of a tile among them: a driver takes a third of a second to compile one. */
const CANDIDATES = 6

/** What is worth measuring, the rule's choice first. */
export function tileCandidates(shape: MatmulShape, target: Target): TileChoice[] {
  if (target.software) return [{ tile: SOFTWARE, splitK: shape.K >= 1024 && shape.M * shape.N <= 4096 ? 4 : 1 }]
  const taken = new Map<Tile, number>()
  const { M, N } = shape
  return byEstimate(shape, target)
    .filter(({ tile }, i) => i === 0 || (tile.BM < 2 * M && tile.BN < 2 * N))
    .filter(({ tile }) => taken.set(tile, (taken.get(tile) ?? 0) + 1).get(tile)! <= 2)
    .slice(0, CANDIDATES)
}

/** How a choice is called in what was measured: "128×128×16 of 8×16 in patches of 8, K in 4 parts". */
export const tileName = ({ tile: { BM, BN, BK, TM, TN, LN }, splitK }: TileChoice): string =>
  `${BM}×${BN}×${BK} of ${TM}×${TN} in patches of ${LN}${splitK > 1 ? `, K in ${splitK} parts` : ''}`
