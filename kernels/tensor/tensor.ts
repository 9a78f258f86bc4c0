/**
 * Every operand of every op is a matrix: `rows` rows of `cols` contiguous elements, `ld` elements from one row to the next.
 * A (B, L, D) activation is the matrix (B·L, D); ops that need B and L get them as attributes.
 * So a split along the last axis, a reshape and "the last position of each sequence" are views that cost nothing.
 */
/** f16: how a plan may store an activation (graph/halves.ts); ops and graphs know f32 and i32. */
export type DType = 'f32' | 'i32' | 'f16'

export interface TensorType {
  readonly rows: number
  readonly cols: number
  readonly dtype: DType
}

/** An operand that does not fit its op. The message names the op, the operand and both shapes. */
export class ShapeError extends Error {
  override name = 'ShapeError'
}

export const f32 = (rows: number, cols: number): TensorType => ({ rows, cols, dtype: 'f32' })
export const i32 = (rows: number, cols: number): TensorType => ({ rows, cols, dtype: 'i32' })
export const elements = (type: TensorType): number => type.rows * type.cols
/** float16 is a way to store float32. */
export const sameType = (a: TensorType, b: TensorType): boolean =>
  a.rows === b.rows && a.cols === b.cols && (a.dtype === 'i32') === (b.dtype === 'i32')
export const describe = (type: TensorType): string => `(${type.rows}, ${type.cols}) ${type.dtype}`

/** Throws ShapeError unless `actual` is `expected`. `where` reads like "selective_scan: delta". */
export function expectType(where: string, actual: TensorType, expected: TensorType): void {
  if (!sameType(actual, expected)) throw new ShapeError(`${where} is ${describe(actual)}, expected ${describe(expected)}`)
}

/** A matrix on the host in float64 (or int32), as the reference definitions see it. */
export interface HostMatrix {
  readonly data: Float64Array | Int32Array
  readonly offset: number
  readonly rows: number
  readonly cols: number
  readonly ld: number
}

export const at = (m: HostMatrix, row: number, col: number): number => m.data[m.offset + row * m.ld + col]
export const set = (m: HostMatrix, row: number, col: number, value: number): void => {
  m.data[m.offset + row * m.ld + col] = value
}
