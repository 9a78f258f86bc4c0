import { StrandError } from '../errors.ts'
import { agree, count, plural } from '../importing/source.ts'
import type { Place, ReportBuilder } from '../importing/report.ts'
import type { MissingPolicy } from './seriesWriter.ts'

/** A hole longer than this many steps is told, but not filled with missing rows. */
const LONGEST_GAP = 100_000

export interface TimedTable {
  file: string
  report: ReportBuilder
  policy: MissingPolicy
  /** What places are told in; default lines. */
  counts?: 'line' | 'row'
  /** Rows are being put in order of time, or were. */
  sorted?: boolean
  dialect: { stepMs: number | null; columns: readonly string[]; timeColumn: number }
}

/** Watches the times of a table's rows: holes, uneven steps, steps back. Nothing of the kind passes untold. */
export class TableTimes {
  private readonly input: TimedTable
  /** The last time of each record, by its name. */
  private readonly last = new Map<string, number>()
  private record = ''
  private before = NaN
  private readonly gaps = { count: 0, rows: 0, line: 0 }
  private readonly backwards = { count: 0, line: 0 }
  private rows = 0
  private readonly uneven = { count: 0, line: 0 }

  constructor(input: TimedTable) {
    this.input = input
  }

  /** The rows that follow belong to this record. */
  of(record: string): void {
    if (this.before === this.before) this.last.set(this.record, this.before)
    this.record = record
    this.before = this.last.get(record) ?? NaN
  }

  /** The time of the next row. Answers how many rows are missing before it, 'hole' where they are not to be filled in, 'bad' where it is no time. */
  next(time: number, line: number): number | 'hole' | 'bad' {
    const { file, dialect, report, policy } = this.input
    const { stepMs } = dialect
    if (time !== time) {
      const what = `${this.unit('L')} ${count(line)} of ${file} has no readable time in column "${dialect.columns[dialect.timeColumn]}".`
      report.bad('table/time', this.place(line), report.onProblem === 'stop' ? what : `${what} The row was left out.`)
      return 'bad'
    }
    const ahead = time - this.before
    this.before = time
    this.rows++
    if (ahead <= 0 && this.backwards.count++ === 0) this.backwards.line = line
    if (stepMs === null || ahead !== ahead || Math.abs(ahead - stepMs) < 0.01 * stepMs || ahead <= 0) return 0
    const steps = Math.round(ahead / stepMs)
    const whole = steps > 1 && Math.abs(ahead - steps * stepMs) < 0.01 * stepMs
    if (policy === 'stop') this.stop(whole ? steps - 1 : 0, line)
    if (!whole) {
      if (this.uneven.count++ === 0) this.uneven.line = line
      return policy === 'split' && ahead > stepMs ? 'hole' : 0
    }
    if (steps - 1 > LONGEST_GAP) {
      report.add(
        'note',
        'table/long-gap',
        this.place(line),
        `${this.missing(steps - 1, line)}, too many to keep as missing; ${policy === 'split' ? 'a new record begins there' : 'the series goes on without them'}.`,
      )
      return 'hole'
    }
    if (this.gaps.count++ === 0) this.gaps.line = line
    this.gaps.rows += steps - 1
    return policy === 'split' ? 'hole' : steps - 1
  }

  private unit(first: 'l' | 'L'): string {
    const unit = this.input.counts ?? 'line'
    return first === 'L' ? unit[0].toUpperCase() + unit.slice(1) : unit
  }

  private place(line: number): Place {
    const { file, counts } = this.input
    return counts === 'row' ? { file } : { file, line }
  }

  private missing(rows: number, line: number): string {
    return `${plural(rows, 'row')} ${rows === 1 ? 'is' : 'are'} missing before ${this.unit('l')} ${count(line)} of ${this.input.file}`
  }

  private stop(rows: number, line: number): never {
    const { file } = this.input
    const what =
      rows > 0 ? this.missing(rows, line) : `${this.unit('L')} ${count(line)} of ${file} does not keep the step in time of the rows before`
    throw new StrandError('import/bad-record', `${what}, and you chose to stop at missing values. Nothing was imported.`, {
      file,
      [this.unit('l')]: line,
    })
  }

  summarise(): void {
    const { gaps, backwards, uneven } = this
    const { file, report, policy } = this.input
    if (gaps.count > 0) report.add('note', 'table/gaps', this.place(gaps.line), this.tellGaps())
    if (uneven.count > 0)
      report.add(
        'note',
        'table/uneven',
        this.place(uneven.line),
        `${plural(uneven.count, 'row')} of ${file} ${agree(uneven.count, 'does', 'do')} not keep the step in time of the others, ${agree(uneven.count, '', 'the first ')}at ${this.unit('l')} ${count(uneven.line)}; ${policy === 'split' ? 'a new record begins where time jumps ahead' : agree(uneven.count, 'the row is kept as it is', 'the rows are kept as they are')}.`,
      )
    if (backwards.count > 0) report.add('note', 'table/backwards', this.place(backwards.line), this.tellBackwards())
  }

  private tellGaps(): string {
    const { count: holes, rows, line } = this.gaps
    const { file, policy } = this.input
    const first = holes === 1 ? '' : 'the first '
    const where = `${plural(holes, 'gap')} in time, ${first}before ${this.unit('l')} ${count(line)} of ${file}`
    if (policy === 'split')
      return `${where}: ${plural(rows, 'row')} ${agree(rows, 'is', 'are')} missing; a new record begins behind ${holes === 1 ? 'the' : 'each'} gap.`
    const fate = {
      mask: agree(rows, 'it is kept as missing', 'they are kept as missing'),
      previous: agree(rows, 'it repeats the last value', 'they repeat the last value'),
      linear: agree(rows, 'it lies on the line between its neighbours', 'they lie on the line between their neighbours'),
      stop: '',
    }[policy]
    return `${where}: ${plural(rows, 'row')} ${agree(rows, 'was', 'were')} added; ${fate}.`
  }

  private tellBackwards(): string {
    const { backwards, rows } = this
    const { file, sorted } = this.input
    const first = `${agree(backwards.count, '', 'the first ')}at ${this.unit('l')} ${count(backwards.line)} of ${file}`
    if (sorted)
      return `${plural(backwards.count, 'row')} ${agree(backwards.count, 'has', 'have')} the time of the row before, ${first}; ${agree(backwards.count, 'it is', 'all are')} kept.`
    if (backwards.count > 0.8 * (rows - 1) && rows > 2)
      return `The rows of ${file} run from the newest to the oldest, and are kept so: a split by time would then train on the future. Choose to have the rows put in order of time (--order time).`
    return `${plural(backwards.count, 'row')} ${agree(backwards.count, 'does', 'do')} not come after the row before in time, ${first}; the file's order is kept.`
  }
}
