import { describeQualities } from './qualityScale.ts'

/** Qualities are the printable characters from "!" to "~". */
const LOWEST = 0x21
const HIGHEST = 0x7e

/** What all qualities of a file say together: their scale and their mean. */
export class QualityStatistics {
  private lowest = 255
  private highest = 0
  /** Characters added up, and their number. */
  private sum = 0
  private counted = 0

  /** Takes bytes [from, to) of a line where all are qualities; else none of them, and answers false. */
  take(piece: Buffer, from: number, to: number): boolean {
    let low = 255
    let high = 0
    let sum = 0
    for (let i = from; i < to; i++) {
      const byte = piece[i]
      sum += byte
      if (byte < low) low = byte
      if (byte > high) high = byte
    }
    if (low < LOWEST || high > HIGHEST) return false
    if (low < this.lowest) this.lowest = low
    if (high > this.highest) this.highest = high
    this.sum += sum
    this.counted += to - from
    return true
  }

  /** What the characters seen say about the scale. */
  get scale(): { name: string; offset: 33 | 64 } {
    return describeQualities(this.lowest, this.highest)
  }

  /** Null before the first. */
  mean(offset = this.scale.offset): number | null {
    return this.counted === 0 ? null : this.sum / this.counted - offset
  }
}
