import { ceilDiv, type Target } from '../../backends/webgpu/wgsl.ts'
import { share } from './parts.ts'

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
  /** Groups of threads that make the same results, each from its share of BK; their sums meet in order in workgroup memory. */
  readonly slices?: number
}

export interface TileChoice {
  readonly tile: Tile
  /** Parts of the inner dimension, summed afterwards in order. */
  readonly splitK: number
  /** Inputs that are laid out in strips first: a pass over them, for a loop that neither transposes nor checks bounds. */
  readonly turned?: 'A' | 'B' | 'AB'
  /** Workgroups that share the last tiles evenly, each a stretch of their steps of BK: the tiles alone would leave cores idle at the end. */
  readonly sharers?: number
}

export const threads = ({ BM, BN, TM, TN, slices = 1 }: Tile): number => (BM / TM) * (BN / TN) * slices

export interface MatmulShape {
  readonly M: number
  readonly N: number
  readonly K: number
  readonly transA: boolean
  readonly transB: boolean
}

/** Whether all threads get whole pieces of both inputs; a piece that is transposed is 4 × 4. */
export function suits(
  tile: Tile,
  { transA, transB }: Pick<MatmulShape, 'transA' | 'transB'>,
  turned: TileChoice['turned'] = undefined,
): boolean {
  const piece = (transposed: boolean): number => (transposed ? 16 : 4)
  return [
    (tile.BM * tile.BK) / piece(!transA && !turned?.includes('A')),
    (tile.BN * tile.BK) / piece(transB && !turned?.includes('B')),
  ].every((pieces) => pieces % threads(tile) === 0)
}

/** Bytes of workgroup memory, at most: transposed rows are skewed. */
const bytes = ({ BM, BN, BK }: Tile): number => 4 * BK * (BM + BN) + 256
/** Whether an adapter can run the tile. */
export const fits = (tile: Tile, { workgroupBytes, invocations }: Target): boolean =>
  bytes(tile) <= workgroupBytes && threads(tile) <= invocations

const SOFTWARE: Tile = { BM: 32, BN: 32, BK: 32, TM: 4, TN: 4, LN: 8, unroll: 1, band: 8 }

/**
 * Tiles with the share of peak they reach on large shapes, how many workgroups a core holds, and what starting and ending one costs in
 * steps of k. Measured on an H100 with many others (256 × 128 of 16 × 8, 128 × 256, patches of 16, depths of 8 and 32, two copies of the tiles, rows
 * kept along k in workgroup memory: never the fastest).
 */
export const HARDWARE_TILES: readonly { tile: Tile; share: number; resident: number; overhead: number }[] = [
  { tile: { BM: 128, BN: 128, BK: 16, TM: 8, TN: 16, LN: 8, unroll: 16, band: 12 }, share: 0.74, resident: 2, overhead: 48 },
  { tile: { BM: 256, BN: 128, BK: 16, TM: 8, TN: 16, LN: 4, unroll: 16, band: 8 }, share: 0.742, resident: 1, overhead: 64 },
  { tile: { BM: 128, BN: 128, BK: 24, TM: 8, TN: 16, LN: 8, unroll: 24, band: 8 }, share: 0.72, resident: 2, overhead: 48 },
  { tile: { BM: 256, BN: 128, BK: 24, TM: 8, TN: 16, LN: 4, unroll: 24, band: 8 }, share: 0.725, resident: 1, overhead: 64 },
  { tile: { BM: 64, BN: 64, BK: 16, TM: 8, TN: 8, LN: 8, unroll: 16, band: 8 }, share: 0.64, resident: 6, overhead: 24 },
  { tile: { BM: 64, BN: 64, BK: 32, TM: 8, TN: 8, LN: 8, unroll: 16, band: 8, slices: 2 }, share: 0.59, resident: 3, overhead: 32 },
  { tile: { BM: 128, BN: 64, BK: 16, TM: 8, TN: 8, LN: 8, unroll: 16, band: 8 }, share: 0.68, resident: 3, overhead: 32 },
  { tile: { BM: 64, BN: 32, BK: 32, TM: 8, TN: 4, LN: 8, unroll: 16, band: 8 }, share: 0.46, resident: 6, overhead: 24 },
  { tile: { BM: 32, BN: 64, BK: 32, TM: 4, TN: 8, LN: 8, unroll: 16, band: 8 }, share: 0.46, resident: 6, overhead: 24 },
]
/** What is left of the share for each input that the loop itself transposes, loads with bounds checks, or loads element by element. */
const TRANSPOSING = 0.975
const CHECKING = 0.9
const SINGLE = 0.6

/** The part of the share that an input of `width` (m or n) leaves when the loop reads it as it lies. */
function asItLies(W: number, BK: number, width: number, K: number, alongK: boolean): number {
  const vectors = (alongK ? K : width) % 4 === 0
  const whole = width % W === 0 && K % BK === 0
  return (alongK ? TRANSPOSING : 1) * (vectors ? (whole ? 1 : CHECKING) : SINGLE)
}

const CORES = 132
const FMA_PER_CORE = 128
/** Elements a core can move in the time of one multiply-add cycle. */
const ELEMENTS_PER_CYCLE = 3.2

/** Cycles that one more dispatch takes. */
const STARTING = 3000
/** Steps that a workgroup must get of shared tiles, at least, for sharing to be worth it. */
const SHORTEST = 16
/** Results of a tile, at least: smaller ones are split instead, in fewer pieces. */
const LEAST_SHARED = 2 ** 14
/** Threads with which a core hides the barriers of its workgroups, and the share of the time that these take otherwise. */
const ENOUGH_THREADS = 256
const BARRIERS = 0.5

/** Elements that the parts of a split inner dimension may take together. */
const MOST_PARTS = 2 ** 27

/**
 * Every tile with every split that makes sense, by estimated time. Depends on the shape alone, so that sums run in the same order
 * everywhere. WebGPU does not tell how many cores an adapter has; the estimate is for a large card, on a small one it only over-splits.
 */
function byEstimate(shape: MatmulShape, target: Target): (TileChoice & { cost: number })[] {
  const { M, N, K } = shape
  const found: (TileChoice & { cost: number })[] = []
  for (const turned of [undefined, 'A', 'B', 'AB'] as const) {
    const [turnsA, turnsB] = [turned?.includes('A') ?? false, turned?.includes('B') ?? false]
    const moved = (turnsA ? M * K : 0) + (turnsB ? K * N : 0)
    const turning = moved ? (2 * moved) / (ELEMENTS_PER_CYCLE * CORES) + STARTING * Number(turnsA) + STARTING * Number(turnsB) : 0
    for (const { tile, share: speed, resident, overhead } of HARDWARE_TILES) {
      if (!suits(tile, shape, turned) || !fits(tile, target)) continue
      const left =
        (turnsA ? 1 : asItLies(tile.BM, tile.BK, M, K, !shape.transA)) * (turnsB ? 1 : asItLies(tile.BN, tile.BK, N, K, shape.transB))
      const tiles = ceilDiv(M, tile.BM) * ceilDiv(N, tile.BN)
      // A core with a single workgroup of 128 threads cannot hide its barriers.
      const enough = Math.min(resident, Math.max(1, ENOUGH_THREADS / threads(tile)))
      const busy = (groups: number): number => 1 - BARRIERS * (1 - Math.min(1, groups / enough)) ** 2
      const compute = (tilesPerCore: number, k: number, hiding: number): number =>
        (tilesPerCore * tile.BM * tile.BN * (k + overhead)) / (FMA_PER_CORE * speed * left * hiding)
      const variant = { tile, ...(turned ? { turned } : {}) }
      for (const splitK of [1, 2, 4, 8, 16, 32, 64]) {
        const k = ceilDiv(ceilDiv(K, splitK), tile.BK) * tile.BK
        if (splitK > 1 && (k < 128 || splitK * M * N > MOST_PARTS)) continue
        const perCore = ceilDiv(tiles * splitK, CORES)
        const reduce = splitK > 1 ? ((splitK * 2 + 1) * M * N) / (ELEMENTS_PER_CYCLE * CORES) + STARTING : 0
        found.push({ ...variant, splitK, cost: compute(perCore, k, busy(perCore)) + reduce + turning })
      }
      const sharers = CORES * enough
      // Where inputs are turned first, a core that holds one workgroup gained nothing by sharing.
      if (turned && enough === 1) continue
      if (tile.BM * tile.BN < LEAST_SHARED || tiles * ceilDiv(K, tile.BK) < SHORTEST * sharers) continue
      const { whole } = share(tiles, ceilDiv(K, tile.BK), sharers)
      const meeting = (2 * (sharers + tiles - whole) * tile.BM * tile.BN) / (ELEMENTS_PER_CYCLE * CORES) + STARTING
      found.push({
        ...variant,
        splitK: 1,
        sharers,
        cost: compute(Math.max(tiles, sharers) / CORES, (K * tiles) / Math.max(tiles, sharers), 1) + meeting + turning,
      })
    }
  }
  return found.sort((a, b) => a.cost - b.cost)
}

/** At most so many candidates: a driver takes longer to compile one than it takes to time it. */
const CANDIDATES = 6
/** Candidates whose estimate is so much above the least are not worth a look. */
const HOPELESS = 1.4

/**
 * What is worth measuring, the rule's choice first. The rule leaves inputs as they are: turning them costs memory, which only a measured
 * gain repays.
 */
export function tileCandidates(shape: MatmulShape, target: Target): TileChoice[] {
  if (target.software) return [{ tile: SOFTWARE, splitK: shape.K >= 1024 && shape.M * shape.N <= 4096 ? 4 : 1 }]
  const all = byEstimate(shape, target)
  const rule = all.find(({ turned }) => !turned)!
  const others = all.filter(
    (one) => one !== rule && one.cost < HOPELESS * all[0].cost && one.tile.BM < 2 * shape.M && one.tile.BN < 2 * shape.N,
  )
  return [rule, ...others.slice(0, CANDIDATES - 1)]
}

/** How a choice is called in what was measured: "128×128×16 of 8×16 in patches of 8, K in 4 parts". */
export const tileName = ({ tile: { BM, BN, BK, TM, TN, LN, slices }, splitK, turned, sharers }: TileChoice): string =>
  [
    `${BM}×${BN}×${BK} of ${TM}×${TN} in patches of ${LN}`,
    ...(slices ? [`slabs in ${slices} slices`] : []),
    ...(turned ? [`${[...turned].join(' and ')} turned`] : []),
    ...(splitK > 1 ? [`K in ${splitK} parts`] : []),
    ...(sharers ? [`the last tiles shared by ${sharers}`] : []),
  ].join(', ')
