import { StrandError } from '../errors.ts'
import type { ImportJob } from '../importing/job.ts'
import { agree, count, plural } from '../importing/source.ts'
import { FeatureTable, type Feature } from './featureTable.ts'
import { complement } from './sequenceLetters.ts'
import type { SequenceSink } from './sequenceRecords.ts'

/** A sequence is held whole while its features are cut out. */
const LONGEST = 1_000_000_000

/**
 * Stands before the dataset: instead of each sequence, its features go in, a record each, labelled with their type and grouped by their sequence,
 * so that a split by group keeps a chromosome whole.
 */
export class FeatureSink implements SequenceSink {
  readonly table: FeatureTable
  /** Features written. */
  written = 0
  private readonly job: Pick<ImportJob, 'options' | 'names' | 'report'>
  private readonly file: string
  private readonly sink: SequenceSink
  private features: Feature[] = []
  private name = ''
  private pieces: Uint8Array[] = []
  private length = 0

  constructor(job: Pick<ImportJob, 'options' | 'names' | 'report'>, file: string, sink: SequenceSink) {
    this.job = job
    this.file = file
    this.sink = sink
    this.table = new FeatureTable(job.options.labels?.features ?? null)
  }

  beginRecord({ name }: { name: string }): void {
    this.name = name
    this.features = this.table.take()
    this.pieces = []
    this.length = 0
  }

  append(bases: Uint8Array): void {
    this.length += bases.length
    if (this.length > LONGEST)
      throw new StrandError(
        'import/too-large',
        `"${this.name}" in ${this.file} is longer than ${count(LONGEST)} bases, too long to cut features out of. Import it whole.`,
        { file: this.file },
      )
    this.pieces.push(Uint8Array.from(bases))
  }

  discardRecord(): void {
    this.pieces = []
  }

  endRecord(): void {
    const bases = Buffer.concat(this.pieces)
    const before = this.written
    let left = 0
    for (const feature of this.features) {
      const { stretches, type } = feature
      if (stretches.length === 0 || stretches.some(({ to }) => to > bases.length)) {
        left++
        continue
      }
      const wanted = `${this.name} ${feature.name ?? `${type} ${count(stretches[0].from)}`}`
      this.sink.beginRecord({ name: this.job.names.take(wanted).name, label: type, group: this.name })
      for (const { from, to, reverse } of stretches) {
        const part = bases.subarray(from - 1, to)
        this.sink.append(reverse ? complement(part) : part)
      }
      this.sink.endRecord()
      this.written++
    }
    // the sequence itself was counted by its parser
    this.job.report.accept(this.written - before - 1)
    if (left > 0)
      this.job.report.add(
        'note',
        'feature/elsewhere',
        { file: this.file },
        `${plural(left, 'feature')} of "${this.name}" in ${this.file} ${agree(left, 'lies', 'lie')} on another sequence, between two bases or past the end; ${agree(left, 'it was', 'they were')} left out.`,
      )
    this.pieces = []
  }
}
