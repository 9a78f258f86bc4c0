import type { Split } from '../../main/contract/dataset.ts'
import type { PlannedRecord, RecordList } from './newDataset.ts'

const SPLITS = ['train', 'validation', 'test'] as const

/**
 * The records of an import in columns: a million short reads, each an object with a name of its own, would take some 200 MB; here they take 60.
 * Labels, groups and published splits cost nothing where there are none.
 */
export class RecordTable implements RecordList {
  private count = 0
  private starts = new Float64Array(1024)
  private lengths = new Float64Array(1024)
  private nameEnds = new Float64Array(1024)
  private names = Buffer.allocUnsafe(16 * 1024)
  private labels: Float64Array | null = null
  private groups: Int32Array | null = null
  private fixed: Int8Array | null = null
  private readonly groupNames: string[] = []
  private readonly groupIds = new Map<string, number>()

  get length(): number {
    return this.count
  }

  push({ name, start, length, label, group, fixed }: PlannedRecord): void {
    const i = this.count
    if (i === this.starts.length) this.grow()
    this.starts[i] = start
    this.lengths[i] = length
    const from = i === 0 ? 0 : this.nameEnds[i - 1]
    const most = from + 3 * name.length
    // not filled with zeros: memory that no name is in yet costs nothing
    if (most > this.names.length) this.names = larger(this.names, Buffer.allocUnsafeSlow(Math.max(most, 2 * this.names.length)))
    this.nameEnds[i] = from + this.names.write(name, from)
    if (label !== null) (this.labels ??= new Float64Array(this.starts.length).fill(NaN))[i] = label
    if (group !== null && group !== '') (this.groups ??= new Int32Array(this.starts.length).fill(-1))[i] = this.groupId(group)
    if (fixed !== null) (this.fixed ??= new Int8Array(this.starts.length).fill(-1))[i] = SPLITS.indexOf(fixed)
    this.count++
  }

  /** Every label replaced by `place[label]`. */
  relabel(place: ArrayLike<number>): void {
    const { labels } = this
    if (labels) for (let i = 0; i < this.count; i++) if (!Number.isNaN(labels[i])) labels[i] = place[labels[i]]
  }

  at(i: number): PlannedRecord | undefined {
    return i >= 0 && i < this.count ? this.record(i) : undefined
  }
  *[Symbol.iterator](): Iterator<PlannedRecord> {
    for (let i = 0; i < this.count; i++) yield this.record(i)
  }
  forEach(use: (record: PlannedRecord, i: number) => void): void {
    for (let i = 0; i < this.count; i++) use(this.record(i), i)
  }
  map<T>(use: (record: PlannedRecord, i: number) => T): T[] {
    return Array.from({ length: this.count }, (_, i) => use(this.record(i), i))
  }
  flatMap<T>(use: (record: PlannedRecord, i: number) => readonly T[]): T[] {
    const all: T[] = []
    this.forEach((record, i) => all.push(...use(record, i)))
    return all
  }
  findIndex(test: (record: PlannedRecord, i: number) => boolean): number {
    for (let i = 0; i < this.count; i++) if (test(this.record(i), i)) return i
    return -1
  }
  find(test: (record: PlannedRecord, i: number) => boolean): PlannedRecord | undefined {
    return this.at(this.findIndex(test))
  }
  every(test: (record: PlannedRecord, i: number) => boolean): boolean {
    return this.findIndex((record, i) => !test(record, i)) < 0
  }
  reduce<T>(use: (before: T, record: PlannedRecord, i: number) => T, start: T): T {
    let value = start
    this.forEach((record, i) => (value = use(value, record, i)))
    return value
  }

  /** Made anew at each look; its name is read only where it is asked for. */
  private record(i: number): PlannedRecord {
    return new RecordView(this, i)
  }

  name(i: number): string {
    return this.names.toString('utf8', i === 0 ? 0 : this.nameEnds[i - 1], this.nameEnds[i])
  }
  start(i: number): number {
    return this.starts[i]
  }
  cells(i: number): number {
    return this.lengths[i]
  }
  label(i: number): number | null {
    return this.labels === null || Number.isNaN(this.labels[i]) ? null : this.labels[i]
  }
  group(i: number): string | null {
    return this.groups === null || this.groups[i] < 0 ? null : this.groupNames[this.groups[i]]
  }
  fixedSplit(i: number): Split | null {
    return this.fixed === null || this.fixed[i] < 0 ? null : SPLITS[this.fixed[i]]
  }

  private groupId(group: string): number {
    let id = this.groupIds.get(group)
    if (id === undefined) {
      this.groupIds.set(group, (id = this.groupNames.length))
      this.groupNames.push(group)
    }
    return id
  }

  private grow(): void {
    const size = 2 * this.starts.length
    this.starts = larger(this.starts, new Float64Array(size))
    this.lengths = larger(this.lengths, new Float64Array(size))
    this.nameEnds = larger(this.nameEnds, new Float64Array(size))
    if (this.labels) this.labels = larger(this.labels, new Float64Array(size).fill(NaN))
    if (this.groups) this.groups = larger(this.groups, new Int32Array(size).fill(-1))
    if (this.fixed) this.fixed = larger(this.fixed, new Int8Array(size).fill(-1))
  }
}

function larger<T extends { set(from: T): void }>(from: T, into: T): T {
  into.set(from)
  return into
}

class RecordView implements PlannedRecord {
  private readonly table: RecordTable
  private readonly index: number
  constructor(table: RecordTable, index: number) {
    this.table = table
    this.index = index
  }
  get name(): string {
    return this.table.name(this.index)
  }
  get start(): number {
    return this.table.start(this.index)
  }
  get length(): number {
    return this.table.cells(this.index)
  }
  get label(): number | null {
    return this.table.label(this.index)
  }
  get group(): string | null {
    return this.table.group(this.index)
  }
  get fixed(): Split | null {
    return this.table.fixedSplit(this.index)
  }
}
