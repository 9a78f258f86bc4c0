import { ilog, type VorbisBits } from './vorbisBits.ts'
import type { VorbisCodebook } from './vorbisCodebook.ts'

/** Decibels of 140/256 a step, the loudest is 1 (the table of section 10.1 as its formula). */
const LOUDNESS = Float32Array.from({ length: 256 }, (_, i) => 10 ** ((i - 255) * 0.02734375))

interface FloorClass {
  dimensions: number
  bits: number
  master: number
  books: number[]
}

/** The coarse spectrum of one channel as straight lines in decibels (Vorbis I, section 7). */
export class VorbisFloor {
  private readonly partitions: number[]
  private readonly classes: FloorClass[]
  private readonly multiplier: number
  private readonly x: number[]
  private readonly order: number[]
  private readonly low: number[]
  private readonly high: number[]

  /** Throws a string that says what is wrong. */
  constructor(bits: VorbisBits, books: number) {
    this.partitions = Array.from({ length: bits.read(5) }, () => bits.read(4))
    const kinds = Math.max(-1, ...this.partitions) + 1
    const book = (index: number): number => {
      if (index >= books) throw 'a floor names a codebook that is not there'
      return index
    }
    this.classes = Array.from({ length: kinds }, () => {
      const dimensions = bits.read(3) + 1
      const width = bits.read(2)
      const master = width > 0 ? book(bits.read(8)) : -1
      return { dimensions, bits: width, master, books: Array.from({ length: 1 << width }, () => book(bits.read(8) - 1)) }
    })
    this.multiplier = bits.read(2) + 1
    const width = bits.read(4)
    this.x = [0, 2 ** width]
    for (const kind of this.partitions) for (let i = 0; i < this.classes[kind].dimensions; i++) this.x.push(bits.read(width))
    const { x } = this
    if (x.length > 65 || new Set(x).size < x.length) throw 'the points of a floor are not distinct'
    this.order = x.map((_, i) => i).sort((a, b) => x[a] - x[b])
    const neighbour = (i: number, better: (a: number, b: number) => boolean): number => {
      let best = -1
      for (let j = 0; j < i; j++) if (better(x[i], x[j]) && (best < 0 || better(x[j], x[best]))) best = j
      return best
    }
    this.low = x.map((_, i) => neighbour(i, (a, b) => a > b))
    this.high = x.map((_, i) => neighbour(i, (a, b) => a < b))
  }

  /** The heights of a packet's channel; null: the channel is silent. */
  read(bits: VorbisBits, books: readonly VorbisCodebook[]): number[] | null {
    if (bits.read(1) === 0) return null
    const width = ilog([256, 128, 86, 64][this.multiplier - 1] - 1)
    const y = [bits.read(width), bits.read(width)]
    for (const kind of this.partitions) {
      const { dimensions, bits: step, master, books: subbooks } = this.classes[kind]
      let chosen = step > 0 ? books[master].decode(bits) : 0
      if (chosen < 0) return null
      for (let i = 0; i < dimensions; i++) {
        const book = subbooks[chosen & ((1 << step) - 1)]
        chosen >>= step
        const height = book >= 0 ? books[book].decode(bits) : 0
        if (height < 0) return null
        y.push(height)
      }
    }
    return bits.over ? null : y
  }

  /** Multiplies a spectrum by the curve. */
  apply(coded: readonly number[], spectrum: Float32Array, bins: number): void {
    const { x, order, multiplier } = this
    const { y, drawn } = this.heights(coded)
    let fromX = 0
    let fromY = y[0] * multiplier
    for (const point of order.slice(1)) {
      if (!drawn[point]) continue
      const toY = y[point] * multiplier
      line(fromX, fromY, x[point], toY, spectrum, bins)
      fromX = x[point]
      fromY = toY
    }
    for (let i = fromX; i < bins; i++) spectrum[i] *= LOUDNESS[fromY & 255]
  }

  /** Each point is coded as its distance from the line between its neighbours. */
  private heights(coded: readonly number[]): { y: number[]; drawn: boolean[] } {
    const { x, low, high, multiplier } = this
    const range = [256, 128, 86, 64][multiplier - 1]
    const y = [coded[0], coded[1]]
    const drawn = [true, true]
    for (let i = 2; i < x.length; i++) {
      const [a, b] = [low[i], high[i]]
      const slope = Math.trunc((Math.abs(y[b] - y[a]) * (x[i] - x[a])) / (x[b] - x[a]))
      const expected = y[b] < y[a] ? y[a] - slope : y[a] + slope
      const [above, below] = [range - expected, expected]
      const value = coded[i]
      drawn[i] = value !== 0
      if (value !== 0) drawn[a] = drawn[b] = true
      if (value >= 2 * Math.min(above, below)) y[i] = above > below ? value - below + expected : expected - value + above - 1
      else y[i] = value & 1 ? expected - (value + 1) / 2 : expected + value / 2
      if (value === 0) y[i] = expected
    }
    return { y, drawn }
  }
}

/** A line in whole steps, in the manner of Bresenham (section 9.2.7). */
function line(x0: number, y0: number, x1: number, y1: number, spectrum: Float32Array, bins: number): void {
  const dx = x1 - x0
  const base = Math.trunc((y1 - y0) / dx)
  const step = y1 < y0 ? base - 1 : base + 1
  const more = Math.abs(y1 - y0) - Math.abs(base) * dx
  let error = 0
  for (let x = x0, y = y0; x < Math.min(x1, bins); x++) {
    spectrum[x] *= LOUDNESS[y & 255]
    error += more
    if (error >= dx) {
      error -= dx
      y += step
    } else y += base
  }
}
