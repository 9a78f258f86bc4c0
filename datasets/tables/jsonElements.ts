import { StrandError } from '../errors.ts'
import { count } from '../importing/source.ts'

/** One object longer than this is refused, so that memory stays bounded. */
const LONGEST = 64 * 1_048_576

/**
 * Cuts a stream of JSON into its records without reading it whole: lines, or the elements of the outer list. Around the list there may be one
 * object ({"data": [{…}, …], …}): the first list of objects in it counts. An object without one is itself the only record.
 */
export class JsonElements {
  private readonly file: string
  private readonly lines: boolean
  private line = 1
  private startLine = 1
  private parts: Buffer[] = []
  private length = 0
  private depth = 0
  private inString = false
  private escaped = false
  /** Depth of the list's elements; 0 while it is not known, −1 when the list is over. */
  private level = 0
  private rootIsObject = false
  private inElement = false
  private listAt = 0

  constructor(file: string, format: 'JSON lines' | 'JSON') {
    this.file = file
    this.lines = format === 'JSON lines'
  }

  *push(piece: Buffer): Generator<{ text: string; line: number }> {
    yield* this.lines ? this.pushLines(piece) : this.pushList(piece)
  }

  *end(): Generator<{ text: string; line: number }> {
    const text = this.take()
    if (this.lines) {
      if (text.trim() !== '') yield { text, line: this.line }
    } else if (this.level === 0 && this.rootIsObject) yield { text, line: 1 }
    else if (this.level > 0)
      throw new StrandError(
        'import/truncated',
        `${this.file} is cut off: its list is never closed (the last record begins in line ${count(this.startLine)}). Nothing was imported; copy or download the file again.`,
        { file: this.file, line: this.startLine },
      )
  }

  private *pushLines(piece: Buffer): Generator<{ text: string; line: number }> {
    let start = 0
    for (;;) {
      const end = piece.indexOf(0x0a, start)
      if (end < 0) break
      this.keep(piece.subarray(start, end))
      const text = this.take()
      if (text.trim() !== '') yield { text, line: this.line }
      this.line++
      this.startLine = this.line
      start = end + 1
    }
    this.keep(piece.subarray(start))
  }

  private *pushList(piece: Buffer): Generator<{ text: string; line: number }> {
    let from = this.inElement || (this.level === 0 && this.rootIsObject) ? 0 : -1
    for (let i = 0; i < piece.length; i++) {
      const byte = piece[i]
      if (byte === 0x0a) this.line++
      if (this.inString) {
        if (this.escaped) this.escaped = false
        else if (byte === 0x5c) this.escaped = true
        else if (byte === 0x22) this.inString = false
        continue
      }
      if (byte <= 0x20) continue
      if (this.depth === this.level && this.inElement && (byte === 0x2c || byte === 0x5d)) {
        this.keep(piece.subarray(from, i))
        yield { text: this.take(), line: this.startLine }
        this.inElement = false
        from = -1
      }
      const closing = byte === 0x7d || byte === 0x5d
      if (closing) {
        if (this.depth === this.level && this.level > 0) this.level = -1
        this.depth--
        continue
      }
      if (this.level > 0 && this.depth === this.level && !this.inElement && byte !== 0x2c) {
        this.inElement = true
        this.startLine = this.line
        from = i
      }
      if (byte === 0x22) this.inString = true
      else if (byte === 0x7b || byte === 0x5b) {
        this.open(byte === 0x5b)
        if (this.level > 0 && this.rootIsObject && this.depth === this.level + 1 && !this.inElement) {
          // the object that showed the list to be one of objects is its first element
          this.parts = []
          this.length = 0
          this.inElement = true
          this.startLine = this.line
          from = i
        }
        if (this.depth === 1 && this.rootIsObject) from = i
      } else if (this.listAt > 0 && this.level === 0) this.listAt = 0
    }
    if (from >= 0 && (this.inElement || (this.level === 0 && this.rootIsObject))) this.keep(piece.subarray(from))
  }

  private open(list: boolean): void {
    this.depth++
    if (this.depth === 1) {
      if (list) this.level = 1
      else this.rootIsObject = true
    } else if (this.level === 0 && this.depth === 2) this.listAt = list ? 2 : 0
    else if (this.level === 0 && this.depth === 3 && this.listAt === 2 && !list) this.level = 2
  }

  private keep(part: Buffer): void {
    if (part.length === 0) return
    this.parts.push(Buffer.from(part))
    this.length += part.length
    if (this.length > LONGEST)
      throw new StrandError(
        'import/bad-record',
        `The record that begins in line ${count(this.startLine)} of ${this.file} is longer than ${count(LONGEST)} bytes. Nothing was imported; check the file.`,
        { file: this.file, line: this.startLine },
      )
  }

  private take(): string {
    const text = Buffer.concat(this.parts).toString('utf8')
    this.parts = []
    this.length = 0
    return text
  }
}
