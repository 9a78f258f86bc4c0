import type { ImportOptions, ImportReport, Problem } from '../../main/contract/importing.ts'
import { shortened, StrandError } from '../errors.ts'

const KEPT = 1000
/** Of one kind of problem; more of the same only counts, so one bad habit of a file does not crowd out the rest. */
const KEPT_OF_A_KIND = 100

/** Where in a file; line and byte are 1-based. */
export interface Place {
  file: string
  line?: number
  byte?: number
}

/** Collects what an import met. Counts are complete, the list holds the first of each kind. */
export class ReportBuilder {
  readonly onProblem: NonNullable<ImportOptions['onProblem']>
  private readonly kinds = new Map<string, number>()
  private readonly counts = { accepted: 0, repaired: 0, skipped: 0, refused: 0 }
  private readonly problems: Problem[] = []

  constructor(onProblem: NonNullable<ImportOptions['onProblem']>) {
    this.onProblem = onProblem
  }

  accept(records = 1): void {
    this.counts.accepted += records
  }

  /** A repair that loses nothing, a hint, or a record left out whatever the policy (an empty one). `times` counts repeats already summed up. */
  add(severity: Problem['severity'], kind: string, place: Place, message: string, times = 1): void {
    if (severity !== 'note') this.counts[severity] += times
    const seen = this.kinds.get(kind) ?? 0
    this.kinds.set(kind, seen + 1)
    if (seen < KEPT_OF_A_KIND && this.problems.length < KEPT) {
      const { file, line, byte } = place
      this.problems.push({
        severity,
        file,
        ...(line === undefined ? {} : { line }),
        ...(byte === undefined ? {} : { byte }),
        message: shortened(message),
      })
    }
  }

  /**
   * A record that cannot be kept: ends the import, or is left out and listed, as the user chose. `fix`: what is done instead where the user
   * chose to have mended what can be; answers true when it is to be mended.
   */
  bad(kind: string, place: Place, message: string, fix?: string): boolean {
    if (fix !== undefined && this.onProblem === 'fix') {
      this.add('repaired', kind, place, `${message} ${fix}`)
      return true
    }
    if (this.onProblem === 'stop') {
      const { file, line, byte } = place
      throw new StrandError(
        'import/bad-record',
        `${message} Nothing was imported. Correct the file, or import again and skip bad records.`,
        {
          file,
          ...(line === undefined ? {} : { line }),
          ...(byte === undefined ? {} : { byte }),
        },
      )
    }
    this.add('skipped', kind, place, message)
    return false
  }

  /** One of the same policy that tells nothing: for a second look at what was told already. */
  quiet(): ReportBuilder {
    return new ReportBuilder(this.onProblem)
  }

  build(): ImportReport {
    return { ...this.counts, problems: [...this.problems] }
  }
}
