/** Bits of a packet from the lowest up, as Vorbis packs them. Past the end it answers zeros and says `over`. */
export class VorbisBits {
  private readonly bytes: Uint8Array
  private at = 0
  over = false

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  /** n bits, 0 to 32. */
  read(n: number): number {
    if (n > 16) return this.read(16) + this.read(n - 16) * 65_536
    const value = this.peek(n)
    this.skip(n)
    return value
  }

  /** The next n bits, at most 16, without taking them. */
  peek(n: number): number {
    const byte = this.at >> 3
    const { bytes } = this
    const word = (bytes[byte] ?? 0) | ((bytes[byte + 1] ?? 0) << 8) | ((bytes[byte + 2] ?? 0) << 16)
    return (word >>> (this.at & 7)) & ((1 << n) - 1)
  }

  skip(n: number): void {
    this.at += n
    if (this.at > this.bytes.length * 8) this.over = true
  }
}

/** Bits that hold the numbers 0…n: the place of the highest one. */
export const ilog = (n: number): number => 32 - Math.clz32(n)
