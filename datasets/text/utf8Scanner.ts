/**
 * First pass over a text: is it UTF-8, which characters does it hold, how does it end its lines?
 * Fed bytes in any pieces; keeps only counters.
 */
export class Utf8Scanner {
  /** How often each single-byte character occurred. */
  readonly ascii = new Float64Array(128)
  /** Characters beyond one byte, and how often. */
  readonly others = new Map<number, number>()
  /** 1-based place of the first byte that breaks UTF-8, and of the first zero byte; 0 when there is none. */
  invalidAt = 0
  zeroAt = 0
  invalidLine = 0
  /** Bytes that break UTF-8, and characters beyond one byte that do not. */
  private broken = 0
  private whole = 0
  /** "\r\n" pairs. */
  crlf = 0
  bytes = 0
  private line = 1
  private needed = 0
  private leadAt = 0
  private codePoint = 0
  private lowest = 0
  private lastWasReturn = false

  push(piece: Uint8Array): void {
    const { ascii } = this
    for (let i = 0; i < piece.length; i++) {
      const byte = piece[i]
      if (this.needed === 0 && byte < 0x80 && byte > 0x0d) {
        ascii[byte]++
        this.lastWasReturn = false
      } else this.one(byte, this.bytes + i + 1)
    }
    this.bytes += piece.length
  }

  private one(byte: number, at: number): void {
    if (this.needed > 0 || byte >= 0x80) {
      this.multibyte(byte, at)
      return
    }
    this.ascii[byte]++
    if (byte === 0x0a) {
      this.line++
      if (this.lastWasReturn) this.crlf++
    } else if (byte === 0 && this.zeroAt === 0) this.zeroAt = at
    this.lastWasReturn = byte === 0x0d
  }

  end(): void {
    if (this.needed > 0) this.invalid(this.leadAt)
    this.needed = 0
  }

  /**
   * Not UTF-8 with some damage, but something else: most of what lies beyond ASCII breaks the rule. In texts of Chinese or Japanese code pages about
   * one pair of bytes in seven keeps it by chance.
   */
  get foreign(): boolean {
    return this.broken > this.whole
  }

  /** Characters, with each "\r\n" read as one. */
  get symbols(): number[] {
    const found = [...this.others.keys()]
    this.ascii.forEach((n, code) => {
      if (code === 0x0d ? n > this.crlf : n > 0) found.push(code)
    })
    return found.sort((a, b) => a - b)
  }

  private multibyte(byte: number, at: number): void {
    this.lastWasReturn = false
    if (this.needed === 0) {
      this.leadAt = at
      if (byte >= 0xc2 && byte <= 0xdf) this.lead(byte & 0x1f, 1, 0x80)
      else if (byte >= 0xe0 && byte <= 0xef) this.lead(byte & 0x0f, 2, 0x800)
      else if (byte >= 0xf0 && byte <= 0xf4) this.lead(byte & 0x07, 3, 0x10000)
      else this.invalid(at)
      return
    }
    if ((byte & 0xc0) !== 0x80) {
      this.needed = 0
      this.invalid(this.leadAt)
      // the byte that broke the character may begin another, or end a line
      this.one(byte, at)
      return
    }
    this.codePoint = (this.codePoint << 6) | (byte & 0x3f)
    if (--this.needed > 0) return
    const surrogate = this.codePoint >= 0xd800 && this.codePoint <= 0xdfff
    if (this.codePoint < this.lowest || surrogate || this.codePoint > 0x10ffff) this.invalid(this.leadAt)
    else {
      this.whole++
      this.others.set(this.codePoint, (this.others.get(this.codePoint) ?? 0) + 1)
    }
  }

  private lead(bits: number, needed: number, lowest: number): void {
    this.codePoint = bits
    this.needed = needed
    this.lowest = lowest
  }

  private invalid(at: number): void {
    this.broken++
    if (this.invalidAt > 0) return
    this.invalidAt = at
    this.invalidLine = this.line
  }
}
