import { ceilDiv, type Target } from '../../backends/webgpu/wgsl.ts'
import type { MatmulShape } from './tiles.ts'

/** A workgroup of WM × WN subgroups makes BM × BN of y from BK of the inner dimension at a time. */
export interface UnitTile {
  readonly BM: number
  readonly BN: number
  readonly BK: number
  readonly WM: number
  readonly WN: number
  /** Copies of the workgroup tiles: with two, one is filled while the other is read. */
  readonly copies: 1 | 2
  /** Steps of BK that are on their way in registers. */
  readonly ahead: 1 | 2
  /** As in Tile. */
  readonly band: number
}

export interface UnitChoice {
  readonly units: UnitTile
  /** Parts of the inner dimension, summed afterwards in order. */
  readonly splitK: number
  /** Inputs that are float16 are read from where they lie, as far as they fill whole tiles; otherwise they too are laid in strips first. */
  readonly asTheyLie?: boolean
}

/** Rows and columns of the matrices that the units multiply. */
export const UNIT = 16

/** 16-byte pieces in a row of W columns in workgroup memory; an odd number, so that neighbouring rows lie in different banks. */
export const pieces = (W: number): number => W / 8 + 1
/** Steps of BK that the loop writes out. */
export const stages = ({ copies, ahead }: UnitTile): number => Math.max(copies, ahead)
export const unitThreads = ({ WM, WN }: UnitTile): number => 32 * WM * WN
export const unitBytes = (tile: UnitTile): number => 16 * tile.copies * tile.BK * (pieces(tile.BM) + pieces(tile.BN))

const fits = (tile: UnitTile, { workgroupBytes, invocations }: Target): boolean =>
  unitBytes(tile) <= workgroupBytes && unitThreads(tile) <= invocations

/** How a choice is called in what was measured: "float16 128×256×32 of 64×64, K in 4 parts". */
export const unitName = ({ units: { BM, BN, BK, WM, WN, copies, ahead }, splitK, asTheyLie }: UnitChoice): string =>
  [
    `float16 ${BM}×${BN}×${BK} of ${BM / WM}×${BN / WN}`,
    ...(copies > 1 ? ['two copies'] : []),
    ...(ahead > 1 ? ['two steps ahead'] : []),
    ...(splitK > 1 ? [`K in ${splitK} parts`] : []),
    ...(asTheyLie ? ['inputs as they lie'] : []),
  ].join(', ')

const PLAIN = { copies: 1, ahead: 1, band: 4 } as const
/** Likeliest first. Two copies of the tiles, two steps ahead, other depths and shapes of subgroups were slower on an H100. */
export const UNIT_TILES: readonly UnitTile[] = [
  { BM: 128, BN: 128, BK: 32, WM: 2, WN: 2, ...PLAIN },
  { BM: 128, BN: 128, BK: 48, WM: 2, WN: 2, ...PLAIN },
  { BM: 128, BN: 256, BK: 32, WM: 2, WN: 4, ...PLAIN },
  { BM: 256, BN: 128, BK: 32, WM: 4, WN: 2, ...PLAIN },
  { BM: 64, BN: 64, BK: 64, WM: 2, WN: 2, ...PLAIN },
]
/** Share of the units' speed that a tile of so many results reaches. */
const share = ({ BM, BN }: UnitTile): number => (BM * BN >= 2 ** 15 ? 0.97 : BM * BN >= 2 ** 14 ? 1 : 0.45)

/** Rounding the inputs costs a pass over them: it pays where each is used often enough, and there is more to do than to start three kernels. */
export const unitsPay = ({ M, N, K }: MatmulShape): boolean => (M * N) / (M + N) >= 64 && M * N * K >= 2 ** 25

const CORES = 132

/** What is worth measuring, the likeliest first: for each tile the split that fills the card, and its half; `halves`: inputs lie in memory as float16. */
export function unitCandidates({ M, N, K }: MatmulShape, target: Target, halves = false): UnitChoice[] {
  const found: (UnitChoice & { cost: number })[] = []
  for (const units of UNIT_TILES.filter((tile) => fits(tile, target)))
    for (const splitK of [1, 2, 4, 8, 16]) {
      if (splitK > 1 && (K / splitK < 256 || splitK * M * N > 2 ** 27)) continue
      const groups = ceilDiv(M, units.BM) * ceilDiv(N, units.BN) * splitK
      const rounds = ceilDiv(groups, CORES)
      const compute = (rounds * units.BM * units.BN * (ceilDiv(K, splitK) + 64)) / share(units)
      const reduce = splitK > 1 ? (splitK * 2 + 1) * M * N * 2 : 0
      found.push({ units, splitK, cost: compute + reduce })
    }
  const likeliest = found.sort((a, b) => a.cost - b.cost).slice(0, halves ? 4 : 6)
  return halves ? [...likeliest, ...likeliest.map((one) => ({ ...one, asTheyLie: true }))] : likeliest
}
