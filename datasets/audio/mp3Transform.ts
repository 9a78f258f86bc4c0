import type { Granule } from './mp3Frame.ts'
import { LINES, type Mp3Spectrum } from './mp3Spectrum.ts'
import { WINDOW } from './mp3Tables.ts'

const SUBBANDS = 32
/** Lines of a subband, and samples it gives in a granule. */
const SLOTS = 18

const ALIAS = [-0.6, -0.535, -0.33, -0.185, -0.095, -0.041, -0.0142, -0.0037].map((c) => ({
  cs: 1 / Math.sqrt(1 + c * c),
  ca: c / Math.sqrt(1 + c * c),
}))

/** cos of the modified discrete cosine transform of n values to 2n (2.4.3.4.10): [i · n + k] */
const cosines = (n: number): Float64Array =>
  Float64Array.from({ length: 2 * n * n }, (_, at) => {
    const [i, k] = [Math.floor(at / n), at % n]
    return Math.cos((Math.PI / (4 * n)) * (2 * i + 1 + n) * (2 * k + 1))
  })
const COS_LONG = cosines(18)
const COS_SHORT = cosines(6)

const sine = (i: number, n: number): number => Math.sin((Math.PI / n) * (i + 0.5))
/** Windows of block types 0 (normal), 1 (start) and 3 (stop), and of a short block at 2. */
const WINDOWS = [
  Float64Array.from({ length: 36 }, (_, i) => sine(i, 36)),
  Float64Array.from({ length: 36 }, (_, i) => (i < 18 ? sine(i, 36) : i < 24 ? 1 : i < 30 ? sine(i - 18, 12) : 0)),
  Float64Array.from({ length: 12 }, (_, i) => sine(i, 12)),
  Float64Array.from({ length: 36 }, (_, i) => (i < 6 ? 0 : i < 12 ? sine(i - 6, 12) : i < 18 ? 1 : sine(i, 36))),
]

/** cos of the 32-point transform of the synthesis filter, split once into even and odd: [m · 16 + k] */
const EVEN = Float64Array.from({ length: 256 }, (_, at) => Math.cos((((at >> 4) * 2 * (2 * (at & 15) + 1)) / 64) * Math.PI))
const ODD = Float64Array.from({ length: 256 }, (_, at) => Math.cos((((at >> 4) * 2 + 1) * (2 * (at & 15) + 1) * Math.PI) / 64))

/** The synthesis window D (table B.3): the prototype mirrored, with the sign of every second block of 64 changed. */
const D = Float64Array.from({ length: 512 }, (_, i) => (WINDOW[i <= 256 ? i : 512 - i] / 65_536) * ((i >> 6) & 1 ? -1 : 1))

/** From frequency lines to samples, for one channel; keeps what overlaps into the next granule. */
export class Mp3Synthesis {
  private readonly overlap = new Float64Array(LINES)
  /** [slot · 32 + subband] */
  private readonly bands = new Float64Array(LINES)
  private readonly block = new Float64Array(36)
  private readonly v = new Float64Array(1024)
  private head = 0

  reset(): void {
    this.overlap.fill(0)
    this.v.fill(0)
  }

  /** Adds 576 samples, times `scale`, to `out` from `at`. */
  run(spectrum: Mp3Spectrum, granule: Granule, out: Float32Array, at: number, scale: number): void {
    this.hybrid(spectrum, granule)
    for (let slot = 0; slot < SLOTS; slot++) this.filter(slot, out, at + slot * SUBBANDS, scale)
  }

  private hybrid({ lines, used }: Mp3Spectrum, { blockType, mixed }: Granule): void {
    const { overlap, bands, block } = this
    let last = Math.ceil(used / SLOTS)
    const smoothed = blockType === 2 ? (mixed ? 1 : 0) : Math.min(SUBBANDS - 1, last)
    for (let border = 1; border <= smoothed; border++)
      for (let i = 0; i < 8; i++) {
        const below = border * SLOTS - 1 - i
        const above = border * SLOTS + i
        const [b, a] = [lines[below], lines[above]]
        lines[below] = b * ALIAS[i].cs - a * ALIAS[i].ca
        lines[above] = a * ALIAS[i].cs + b * ALIAS[i].ca
      }
    last = Math.min(SUBBANDS, last + 1)
    for (let band = 0; band < SUBBANDS; band++) {
      const from = band * SLOTS
      if (band < last) {
        const type = mixed && band < 2 ? 0 : blockType
        if (type === 2) this.shortBlock(lines, from)
        else this.longBlock(lines, from, WINDOWS[type])
      }
      for (let slot = 0; slot < SLOTS; slot++) {
        const value = overlap[from + slot] + (band < last ? block[slot] : 0)
        overlap[from + slot] = band < last ? block[SLOTS + slot] : 0
        // every second sample of every second subband is turned
        bands[slot * SUBBANDS + band] = slot & band & 1 ? -value : value
      }
    }
  }

  /** 18 lines → 36 samples; two halves of which each mirrors itself. */
  private longBlock(lines: Float64Array, from: number, window: Float64Array): void {
    const { block } = this
    const half = (start: number, sign: number): void => {
      for (let i = 0; i < 9; i++) {
        let sum = 0
        const row = (start + i) * SLOTS
        for (let k = 0; k < SLOTS; k++) sum += lines[from + k] * COS_LONG[row + k]
        block[start + i] = sum * window[start + i]
        block[start + 17 - i] = sign * sum * window[start + 17 - i]
      }
    }
    half(0, -1)
    half(18, 1)
  }

  private shortBlock(lines: Float64Array, from: number): void {
    const { block } = this
    block.fill(0)
    for (let w = 0; w < 3; w++)
      for (let i = 0; i < 12; i++) {
        let sum = 0
        for (let k = 0; k < 6; k++) sum += lines[from + 3 * k + w] * COS_SHORT[i * 6 + k]
        block[6 + 6 * w + i] += sum * WINDOWS[2][i]
      }
  }

  /** The polyphase synthesis filter (2.4.3.2.2): 32 subband samples → 32 samples. V is a ring of 16 vectors of 64. */
  private filter(slot: number, out: Float32Array, at: number, scale: number): void {
    const { v, bands } = this
    this.head = (this.head + 960) & 1023
    const { head } = this
    const from = slot * SUBBANDS
    for (let m = 0; m < 16; m++) {
      let even = 0
      let odd = 0
      for (let k = 0; k < 16; k++) {
        const a = bands[from + k]
        const b = bands[from + 31 - k]
        even += (a + b) * EVEN[m * 16 + k]
        odd += (a - b) * ODD[m * 16 + k]
      }
      this.place(head, 2 * m, even)
      this.place(head, 2 * m + 1, odd)
    }
    v[head + 16] = 0
    for (let j = 0; j < 32; j++) {
      let sum = 0
      for (let i = 0; i < 8; i++) {
        sum += v[(head + i * 128 + j) & 1023] * D[i * 64 + j]
        sum += v[(head + i * 128 + 96 + j) & 1023] * D[i * 64 + 32 + j]
      }
      out[at + j] += sum * scale
    }
  }

  /** Value m of the 32-point transform goes to the places of V that hold it or its opposite. */
  private place(head: number, m: number, value: number): void {
    const { v } = this
    v[head + 48 - m] = -value
    if (m >= 16) v[head + m - 16] = value
    else if (m > 0) v[head + 48 + m] = -value
  }
}
