import type { Cell, CellBatch } from './cellTable.ts'

/** Gathers rows into batches of columns. */
export class RowBatch {
  private readonly wanted: readonly number[]
  private columns: Cell[][]
  private lines: number[] = []

  constructor(wanted: readonly number[]) {
    this.wanted = wanted
    this.columns = wanted.map(() => [])
  }

  get rows(): number {
    return this.lines.length
  }

  /** `cells`: of the whole row; `line` of the file it stands in. */
  push(cells: readonly Cell[], line: number): void {
    this.wanted.forEach((column, c) => this.columns[c].push(cells[column]))
    this.lines.push(line)
  }

  /** What was gathered; the next rows begin a new batch. */
  take(): CellBatch {
    const { columns, lines } = this
    this.columns = this.wanted.map(() => [])
    this.lines = []
    return { rows: lines.length, columns, line: (row) => lines[row] }
  }
}
