/** Thrown when the bytes at hand end inside a frame: more are needed, or the file is cut off. */
export const OUT_OF_BYTES = Symbol('out of bytes')

/** Bits from the highest down, as FLAC writes them. */
export class FlacBits {
  private readonly bytes: Uint8Array
  /** The next byte to load. */
  private next: number
  /** Bits loaded and not yet read, at the top of 32. */
  private word = 0
  private have = 0

  constructor(bytes: Uint8Array, at: number) {
    this.bytes = bytes
    this.next = at
  }

  /** The byte the reader stands in; whole once `align` was called. */
  get at(): number {
    return this.next - (this.have >> 3)
  }

  /** Drops the bits up to the next whole byte. */
  align(): void {
    this.drop(this.have & 7)
  }

  private drop(n: number): void {
    this.word = n === 32 ? 0 : this.word << n
    this.have -= n
  }

  private fill(): void {
    while (this.have <= 24 && this.next < this.bytes.length) {
      this.word |= this.bytes[this.next++] << (24 - this.have)
      this.have += 8
    }
  }

  /** n bits, 0 to 32, without a sign. */
  read(n: number): number {
    if (n === 0) return 0
    if (n > 24) return this.read(n - 16) * 65_536 + this.read(16)
    if (this.have < n) {
      this.fill()
      if (this.have < n) throw OUT_OF_BYTES
    }
    const value = this.word >>> (32 - n)
    this.drop(n)
    return value
  }

  /** n bits, 1 to 33, in two's complement. */
  readSigned(n: number): number {
    if (n > 32) return this.read(n - 32) === 1 ? this.read(32) - 2 ** 32 : this.read(32)
    const value = this.read(n)
    return value >= 2 ** (n - 1) ? value - 2 ** n : value
  }

  /** Zeros before the next one. */
  unary(): number {
    for (let zeros = 0; ;) {
      if (this.have === 0) {
        this.fill()
        if (this.have === 0) throw OUT_OF_BYTES
      }
      const leading = Math.clz32(this.word)
      if (leading < this.have) {
        this.drop(leading + 1)
        return zeros + leading
      }
      zeros += this.have
      this.word = 0
      this.have = 0
    }
  }

  /** Rice-coded numbers into out[from…to): a unary high part, `k` low bits, signs folded in. The hot loop of a FLAC decoder. */
  rice(out: Int32Array | Float64Array, from: number, to: number, k: number): void {
    const { bytes } = this
    let { next, word, have } = this
    const small = k < 31 ? 2 ** (30 - k) : 0
    for (let i = from; i < to; i++) {
      let high = 0
      for (;;) {
        while (have <= 24 && next < bytes.length) {
          word |= bytes[next++] << (24 - have)
          have += 8
        }
        if (have === 0) throw OUT_OF_BYTES
        const leading = Math.clz32(word)
        if (leading < have) {
          high += leading
          word = leading === 31 ? 0 : word << (leading + 1)
          have -= leading + 1
          break
        }
        high += have
        word = 0
        have = 0
      }
      let low = 0
      if (k > 0 && k <= 24) {
        while (have <= 24 && next < bytes.length) {
          word |= bytes[next++] << (24 - have)
          have += 8
        }
        if (have < k) throw OUT_OF_BYTES
        low = word >>> (32 - k)
        word <<= k
        have -= k
      } else if (k > 24) {
        Object.assign(this, { next, word, have })
        low = this.read(k)
        next = this.next
        word = this.word
        have = this.have
      }
      if (high < small) {
        const folded = (high << k) | low
        out[i] = (folded >>> 1) ^ -(folded & 1)
      } else {
        const folded = high * 2 ** k + low
        out[i] = folded % 2 === 1 ? -(folded + 1) / 2 : folded / 2
      }
    }
    this.next = next
    this.word = word
    this.have = have
  }
}

function table(bits: number, polynomial: number): Uint16Array {
  const top = 1 << (bits - 1)
  return Uint16Array.from({ length: 256 }, (_, byte) => {
    let value = byte << (bits - 8)
    for (let i = 0; i < 8; i++) value = value & top ? (value << 1) ^ polynomial : value << 1
    return value & (2 ** bits - 1)
  })
}

const CRC8 = table(8, 0x07)
const CRC16 = table(16, 0x8005)

/** The checksum of a frame's header. */
export function crc8(bytes: Uint8Array, from: number, to: number): number {
  let crc = 0
  for (let i = from; i < to; i++) crc = CRC8[crc ^ bytes[i]]
  return crc
}

/** The checksum of a whole frame. */
export function crc16(bytes: Uint8Array, from: number, to: number): number {
  let crc = 0
  for (let i = from; i < to; i++) crc = ((crc << 8) & 0xffff) ^ CRC16[(crc >> 8) ^ bytes[i]]
  return crc
}
