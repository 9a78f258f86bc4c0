import { at, expectType, f32, type HostMatrix, set, type TensorType } from '../../tensor/tensor.ts'
import { type Attributes, num, type OpCase, requireShape } from '../op.ts'

/** The widest head: the gates' gradients of one head have to fit in 16 KB of workgroup memory. */
export const MAX_HEAD = 1024

export interface RecurrentSizes {
  readonly batch: number
  readonly seqlen: number
  readonly heads: number
  /** Units of one head. */
  readonly dh: number
  /** Units of all heads. */
  readonly d: number
  /** Pre-activations of one unit. */
  readonly gates: number
}

export function recurrentSizes(
  Wx: { rows: number; cols: number },
  R: { rows: number; cols: number },
  attrs: Attributes,
  gates: number,
): RecurrentSizes {
  const [d, heads] = [Wx.cols / gates, R.rows]
  return { batch: num(attrs, 'batch'), seqlen: num(attrs, 'seqlen'), heads, dh: d / heads, d, gates }
}

/** Checks Wx (batch·seqlen, gates·d), gate after gate · R (heads, gates·dh·dh) · bias (1, gates·d). */
export function checkRecurrent(op: string, [Wx, R, bias]: readonly TensorType[], attrs: Attributes, gates: number): RecurrentSizes {
  const sizes = recurrentSizes(Wx, R, attrs, gates)
  const { batch, seqlen, dh, d } = sizes
  requireShape(Wx.rows === batch * seqlen, `${op}: Wx has ${Wx.rows} rows, batch · seqlen is ${batch * seqlen}`)
  requireShape(Number.isInteger(dh), `${op}: ${Wx.cols} columns of Wx are not ${gates} gates of ${R.rows} heads`)
  requireShape(dh <= MAX_HEAD, `${op}: a head of ${dh} units is wider than ${MAX_HEAD}; use more heads`)
  expectType(`${op}: R`, R, f32(R.rows, gates * dh * dh))
  expectType(`${op}: bias`, bias, f32(1, gates * d))
  return sizes
}

/** One unit at one step: its inputs x and recurrent sums r (bias included) per gate, its state before → after; state[0] is the output h. */
export type Unit = (row: number, column: number, x: number[], r: number[], state: number[]) => number[]

/** Runs a cell over whole sequences in float64, from zeros, or from `state.before` (batch, size·d: h, then the rest) into `state.after`. */
export function runCell(
  { batch, seqlen, heads, dh, d, gates }: RecurrentSizes,
  [Wx, R, bias]: readonly HostMatrix[],
  size: number,
  unit: Unit,
  state?: { before: HostMatrix; after: HostMatrix },
): void {
  const each = <T>(n: number, f: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => f(i))
  for (let b = 0; b < batch; b++)
    for (let head = 0; head < heads; head++) {
      const column = (j: number): number => head * dh + j
      let states = each(dh, (j) => each(size, (i) => (state ? at(state.before, b, i * d + column(j)) : 0)))
      for (let row = b * seqlen; row < (b + 1) * seqlen; row++) {
        const before = states
        states = each(dh, (j) => {
          const x = each(gates, (g) => at(Wx, row, g * d + column(j)))
          const r = each(gates, (g) =>
            before.reduce((sum, [h], k) => sum + at(R, head, (g * dh + j) * dh + k) * h, at(bias, 0, g * d + column(j))),
          )
          return unit(row, column(j), x, r, before[j])
        })
      }
      if (state) states.forEach((values, j) => values.forEach((value, i) => set(state.after, b, i * d + column(j), value)))
    }
}

/**
 * One unit at one step, walking back: dh, the gradient that reaches its output; `carry` (what it hands to the step before, zeros at the
 * last step) is overwritten. Returns the gradients of its recurrent sums r, one per gate, and of h_{t−1} by other ways than R.
 */
export type UnitBack = (row: number, column: number, dh: number, first: boolean, carry: Float64Array) => { r: number[]; direct?: number }

export function runCellBack({ batch, seqlen, heads, dh, gates }: RecurrentSizes, dy: HostMatrix, R: HostMatrix, unit: UnitBack): void {
  for (let b = 0; b < batch; b++)
    for (let head = 0; head < heads; head++) {
      const carries = Array.from({ length: dh }, () => new Float64Array(2))
      let back = new Float64Array(dh)
      for (let t = seqlen - 1; t >= 0; t--) {
        const row = b * seqlen + t
        const units = carries.map((carry, j) => unit(row, head * dh + j, at(dy, row, head * dh + j) + back[j], t === 0, carry))
        back = new Float64Array(dh)
        units.forEach(({ r, direct = 0 }, j) => {
          back[j] += direct
          for (let g = 0; g < gates; g++) for (let k = 0; k < dh; k++) back[k] += r[g] * at(R, head, (g * dh + j) * dh + k)
        })
      }
    }
}

/** Shapes every recurrent cell is tested on: a single unit, odd heads, batches around the tile, a wide head, a long and a large one. */
export const recurrentCases = (gates: number): OpCase[] => {
  const one = (batch: number, seqlen: number, heads: number, dh: number, reach = 2, recurrent = 1 / Math.sqrt(dh)): OpCase => ({
    inputs: [f32(batch * seqlen, gates * heads * dh), f32(heads, gates * dh * dh), f32(1, gates * heads * dh)],
    attrs: { batch, seqlen },
    range: [
      [-reach, reach],
      [-recurrent, recurrent],
      [-1, 1],
    ],
  })
  return [
    one(1, 1, 1, 1),
    one(2, 13, 2, 3),
    one(5, 9, 3, 8),
    one(3, 5, 1, 19),
    one(1, 2, 1, 36),
    one(2, 3, 1, 66),
    one(1, 700, 1, 4),
    one(2, 20, 2, 4, 100),
  ]
}

/** Shapes of a step: `size` state values per unit, all zero before the first token. */
export const stepCases = (gates: number, size: number): OpCase[] => {
  const one = (batch: number, heads: number, dh: number, low: number, high: number): OpCase => ({
    inputs: [f32(batch, gates * heads * dh), f32(heads, gates * dh * dh), f32(1, gates * heads * dh), f32(batch, size * heads * dh)],
    attrs: {},
    range: [
      [-2, 2],
      [-0.5, 0.5],
      [-1, 1],
      [low, high],
    ],
  })
  return [one(1, 1, 1, 0, 0), one(3, 2, 5, 0.5, 2), one(2, 1, 65, 0.1, 1), one(2, 4, 32, 0.5, 2)]
}

export const logSigmoid = (x: number): number => Math.min(x, 0) - Math.log1p(Math.exp(-Math.abs(x)))
