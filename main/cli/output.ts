/** Where a command's words go: people read lines and one progress line, scripts read one JSON object a line. */
export interface Output {
  readonly json: boolean
  /** A line for people. */
  line(text: string): void
  /** Text as it comes, without a line's end. */
  text(text: string): void
  /** An object for scripts; `type` says what it is. */
  object(type: string, value: object): void
  /** Replaces the last progress on a terminal; where there is none, a line at most every ten seconds. */
  progress(text: string): void
}

const QUIET_MS = 10_000

export function createOutput(json: boolean): Output {
  const terminal = process.stderr.isTTY === true
  let shown = false
  let last = performance.now()
  const clear = (): void => {
    if (shown) process.stderr.write('\r\x1b[K')
    shown = false
  }
  return {
    json,
    line(text) {
      if (json) return
      clear()
      process.stdout.write(`${text}\n`)
    },
    text(text) {
      if (json) return
      clear()
      process.stdout.write(text)
    },
    object(type, value) {
      if (json) process.stdout.write(`${JSON.stringify({ type, ...value })}\n`)
    },
    progress(text) {
      if (json) return
      if (terminal) {
        process.stderr.write(`\r\x1b[K${text.slice(0, (process.stderr.columns ?? 80) - 1)}`)
        shown = true
      } else if (performance.now() - last > QUIET_MS) {
        last = performance.now()
        process.stderr.write(`${text}\n`)
      }
    },
  }
}

/** Columns as wide as their widest cell; numbers to the right. */
export function table(head: string[], rows: (string | number)[][]): string {
  const cells = [head, ...rows.map((row) => row.map(String))]
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column].length)))
  const right = head.map((_, column) => rows.length > 0 && rows.every((row) => typeof row[column] === 'number'))
  return cells
    .map((row) =>
      row
        .map((cell, i) => (right[i] ? cell.padStart(widths[i]) : cell.padEnd(widths[i])))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`
  return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, '0')} min`
}

export const grouped = (value: number): string => Math.round(value).toLocaleString('en-US')
