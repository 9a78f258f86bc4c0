import { StrandError } from '../errors.ts'
import { count } from '../importing/source.ts'

/** A line of a text format longer than this is refused, so that memory stays bounded. */
const LONGEST_LINE = 64 * 1_048_576

/** Pieces of a text file → its lines without ends, with their numbers. */
export class LineFeed {
  line = 0
  private readonly file: string
  private carry: Buffer[] = []
  private carried = 0

  constructor(file: string) {
    this.file = file
  }

  /** The lines that end in this piece; each is valid until the next one is asked for. */
  *push(piece: Buffer): Generator<Buffer> {
    let start = 0
    for (;;) {
      const end = piece.indexOf(0x0a, start)
      if (end < 0) break
      this.line++
      if (this.carried > 0) {
        this.carry.push(piece.subarray(start, end))
        yield this.take()
      } else yield trimmed(piece.subarray(start, end))
      start = end + 1
    }
    if (start === piece.length) return
    this.carry.push(Buffer.from(piece.subarray(start)))
    this.carried += piece.length - start
    if (this.carried > LONGEST_LINE)
      throw new StrandError(
        'import/bad-record',
        `Line ${count(this.line + 1)} of ${this.file} is longer than ${count(LONGEST_LINE)} bytes. Nothing was imported; check the line ends of the file.`,
        { file: this.file, line: this.line + 1 },
      )
  }

  /** The last line, where the file does not end with a line end. */
  *end(): Generator<Buffer> {
    if (this.carried === 0) return
    this.line++
    yield this.take()
  }

  private take(): Buffer {
    const whole = trimmed(Buffer.concat(this.carry))
    this.carry = []
    this.carried = 0
    return whole
  }
}

const trimmed = (line: Buffer): Buffer => (line.length > 0 && line[line.length - 1] === 0x0d ? line.subarray(0, -1) : line)

/** All lines of a file, in order. */
export async function* linesOf(feed: LineFeed, pieces: AsyncIterable<Buffer>): AsyncGenerator<Iterable<Buffer>> {
  for await (const piece of pieces) yield feed.push(piece)
  yield feed.end()
}
