import { StrandError } from '../errors.ts'
import { count } from '../importing/source.ts'

const NEWLINE = 0x0a
const QUOTE = 0x22
/** 50,000 columns of 20 characters fit many times over; a "line" beyond this is not a table's. */
const LONGEST_LINE = 32 * 1_048_576

/** Called with a line's bytes in [start, end), without its end; valid until it returns. */
export type OnLine = (bytes: Buffer, start: number, end: number, quoted: boolean) => void

/** Cuts pieces of a table into its lines; a quoted field may run over several. `line` is the number of the file's line that ended last. */
export class TableLines {
  line = 0
  private readonly file: string
  private readonly onLine: OnLine
  private carry: Buffer[] = []
  private carried = 0
  private inQuotes = false
  private quotedFrom = 0

  constructor(file: string, onLine: OnLine) {
    this.file = file
    this.onLine = onLine
  }

  push(piece: Buffer): void {
    let start = 0
    let quote = piece.indexOf(QUOTE)
    for (;;) {
      const end = piece.indexOf(NEWLINE, start)
      if (end < 0) break
      let quotes = 0
      while (quote >= 0 && quote < end) {
        quotes++
        quote = piece.indexOf(QUOTE, quote + 1)
      }
      this.line++
      if (quotes & 1) this.toggleQuotes(this.line)
      if (this.inQuotes) this.keep(piece.subarray(start, end + 1))
      else if (this.carried > 0) {
        this.keep(piece.subarray(start, end))
        const whole = Buffer.concat(this.carry)
        this.carry = []
        this.carried = 0
        this.give(whole, 0, whole.length, whole.includes(QUOTE))
      } else this.give(piece, start, end, quotes > 0)
      start = end + 1
    }
    // quotes in the unfinished rest are counted when its line ends, from the piece that ends it: count them now
    let rest = 0
    for (; quote >= 0; quote = piece.indexOf(QUOTE, quote + 1)) rest++
    if (rest & 1) this.toggleQuotes(this.line + 1)
    if (start < piece.length) this.keep(piece.subarray(start))
  }

  end(): void {
    if (this.carried === 0) return
    if (this.inQuotes) this.unclosed()
    this.line++
    const whole = Buffer.concat(this.carry)
    this.carry = []
    this.carried = 0
    this.give(whole, 0, whole.length, whole.includes(QUOTE))
  }

  private give(bytes: Buffer, start: number, end: number, quoted: boolean): void {
    this.onLine(bytes, start, end > start && bytes[end - 1] === 0x0d ? end - 1 : end, quoted)
  }

  private toggleQuotes(line: number): void {
    this.inQuotes = !this.inQuotes
    if (this.inQuotes) this.quotedFrom = line
  }

  private keep(part: Buffer): void {
    this.carry.push(Buffer.from(part))
    this.carried += part.length
    if (this.carried <= LONGEST_LINE) return
    if (this.inQuotes) this.unclosed()
    throw new StrandError(
      'import/bad-record',
      `Line ${count(this.line + 1)} of ${this.file} is longer than ${count(LONGEST_LINE)} bytes, so it is not a row of a table. Nothing was imported; check the line ends of the file.`,
      { file: this.file, line: this.line + 1 },
    )
  }

  private unclosed(): never {
    const line = this.quotedFrom
    throw new StrandError(
      'import/bad-record',
      `A quote opened in line ${count(line)} of ${this.file} is never closed. Nothing was imported; correct that line.`,
      { file: this.file, line },
    )
  }
}
