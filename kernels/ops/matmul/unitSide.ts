import type { Operand } from '../../graph/plan.ts'
import { range, type View } from '../../backends/webgpu/wgsl.ts'
import { pieces, UNIT, type UnitTile, unitThreads } from './unitTiles.ts'

interface UnitSide {
  /** 16-byte pieces of workgroup memory in a copy of the tile. */
  readonly size: number
  readonly setup: string
  load(dk: string, register: number): string
  store(copy: number, register: number): string
  /** The matrix of 16 steps of k and 16 columns from `first` on. */
  matrix(copy: number, k: number, first: string): string
}

/** Whether the kernel can read an input from where it lies: float16, whole tiles, rows that begin on 16 bytes. */
export const liesReady = (o: Operand, y: Operand, width: number, W: number, K: number, slab: number): boolean =>
  o.dtype === 'f16' && o.buffer !== y.buffer && o.offset % 8 === 0 && o.ld % 8 === 0 && width % W === 0 && K % slab === 0

/** Float16 in memory, two values at a time. */
export const pairs = (o: Operand): Operand => ({
  buffer: o.buffer,
  offset: o.offset / 2,
  rows: o.rows,
  cols: o.cols / 2,
  ld: o.ld / 2,
  dtype: 'f32',
})

/**
 * One input of the kernel on matrix units: from strips of `depth` steps, [k][w]; or from where it lies (`lies`), and then rows along k stay so
 * in workgroup memory, which the units read either way.
 */
export function unitSide(
  X: 'A' | 'B',
  view: View,
  tile: UnitTile,
  { depth, lies }: { depth: number; lies: { ld: number; offset: number; alongK: boolean } | null },
): UnitSide {
  const { BK, ahead } = tile
  const W = X === 'A' ? tile.BM : tile.BN
  const T = unitThreads(tile)
  const per = (W * BK) / 8 / T
  if (!Number.isInteger(per)) throw new Error(`matmul units: ${W} × ${BK} does not split over ${T} threads`)
  const alongK = lies?.alongK ?? false
  /** Pieces in a row, in memory and with the gap that keeps neighbouring rows in different banks. */
  const L = (alongK ? BK : W) / 8
  const S = pieces(8 * L)
  const size = (alongK ? W : BK) * S
  const perK = lies ? lies.ld / 8 : L
  const place = (e: string): string => {
    const [row, piece] = [`${e} / ${L}u`, `${e} % ${L}u`]
    if (!lies) return `(${X}0 / ${W}u * ${depth}u + kBegin) * ${L}u + ${e}`
    const first = `${lies.offset / 8}u + ${piece}`
    return alongK ? `${first} + (${X}0 + ${row}) * ${perK}u + kBegin / 8u` : `${first} + (kBegin + ${row}) * ${perK}u + ${X}0 / 8u`
  }
  const kind = X === 'A' ? 'left' : 'right'
  const major = (X === 'A') === alongK ? 'row_major' : 'col_major'
  return {
    size,
    setup: range(per)
      .map((q) => {
        const e = `(t + ${q * T}u)`
        const registers = range(ahead).map((r) => `var ${X}v${q}_${r} = vec4f();`)
        return `let ${X}i${q} = ${place(e)}; let ${X}s${q} = ${e} / ${L}u * ${S}u + ${e} % ${L}u; ${registers.join(' ')}`
      })
      .join('\n'),
    load: (dk, r) =>
      range(per)
        .map((q) => `${X}v${q}_${r} = ${view.load4(`${X}i${q} + (${dk}) ${alongK ? '/ 8u' : `* ${perK}u`}`)};`)
        .join(' '),
    store: (copy, r) =>
      range(per)
        .map((q) => `${X}t[${copy * size}u + ${X}s${q}] = bitcast<vec4u>(${X}v${q}_${r});`)
        .join(' '),
    matrix: (copy, k, first) =>
      `subgroupMatrixLoad<subgroup_matrix_${kind}<f16, 16, 16>, ${major}>(&${X}t, ${
        alongK ? `${copy * size + (UNIT / 8) * k}u + (${first}) * ${S}u` : `${copy * size + UNIT * k * S}u + (${first}) / 8u`
      }, ${S}u)`,
  }
}
