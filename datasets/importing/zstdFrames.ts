type Part = 'magic' | 'skippable size' | 'skipped' | 'descriptor' | 'header' | 'block' | 'body' | 'end'

/**
 * Finds where one Zstandard frame ends and the next begins (RFC 8878 §3.1): Node's decompressor stops, without a word, after the first,
 * and parallel or seekable writers make many. Fed raw bytes in any pieces; answers them cut at the borders, skippable frames left out.
 */
export class ZstdFrames {
  private part: Part = 'magic'
  private small: number[] = []
  private need = 4
  /** Bytes of the present part still to pass over. */
  private skip = 0
  private checksum = false

  private expect(part: Part, need: number): void {
    this.part = part
    this.need = need
    this.small = []
  }

  *push(piece: Buffer): Generator<{ bytes: Buffer; ends: boolean }> {
    let from = 0
    let i = 0
    for (;;) {
      if (this.skip > 0) {
        const step = Math.min(this.skip, piece.length - i)
        this.skip -= step
        i += step
        if (this.skip > 0) break
      }
      if (this.part === 'end') {
        yield { bytes: piece.subarray(from, i), ends: true }
        from = i
        this.expect('magic', 4)
      } else if (this.part === 'skipped') {
        from = i
        this.expect('magic', 4)
      } else if (this.part === 'body') this.expect('block', 3)
      if (i >= piece.length) break
      this.small.push(piece[i++])
      if (this.small.length < this.need) continue
      // a magic number is held back until it says whether its frame counts
      const held = this.part === 'magic' ? Buffer.from(this.small) : null
      this.read()
      if (held) from = i
      if (held && this.part === 'descriptor') yield { bytes: held, ends: false }
    }
    if (from < piece.length && this.part !== 'magic' && this.part !== 'skippable size' && this.part !== 'skipped')
      yield { bytes: piece.subarray(from), ends: false }
  }

  /** Acts on the few bytes collected. */
  private read(): void {
    const { small, part } = this
    if (part === 'magic') {
      if ((small[0] & 0xf0) === 0x50 && small[1] === 0x2a && small[2] === 0x4d && small[3] === 0x18) this.expect('skippable size', 4)
      else this.expect('descriptor', 1)
    } else if (part === 'skippable size') {
      this.skip = small[0] + small[1] * 256 + small[2] * 65_536 + small[3] * 16_777_216
      this.part = 'skipped'
    } else if (part === 'descriptor') {
      const single = (small[0] >> 5) & 1
      this.checksum = ((small[0] >> 2) & 1) === 1
      // window, dictionary id and content size
      const rest = 1 - single + [0, 1, 2, 4][small[0] & 3] + [single, 2, 4, 8][small[0] >> 6]
      this.expect('header', rest)
      if (rest === 0) this.expect('block', 3)
    } else if (part === 'header') this.expect('block', 3)
    else {
      const header = small[0] + small[1] * 256 + small[2] * 65_536
      const last = (header & 1) === 1
      // a run-length block stores one byte whatever its size
      this.skip = (((header >> 1) & 3) === 1 ? 1 : header >> 3) + (last && this.checksum ? 4 : 0)
      this.expect(last ? 'end' : 'body', 0)
    }
  }
}
