import type { Split } from '../../main/contract/dataset.ts'
import type { PlannedRecord, RecordList } from './newDataset.ts'

const SPLITS = ['train', 'validation', 'test'] as const

/** Records of a block: large enough that a block costs nothing, small enough that the open one does neither. */
const BLOCK = 16_384

/** Some records in columns. Cells of records follow one another, so that where one ends the next begins. */
interface Block {
  /** First cell behind each record, in the dataset. */
  ends: Float64Array
  /** First byte behind each name, in `names`. */
  nameEnds: Uint32Array
  names: Buffer
  labels: Float64Array | null
  groups: Int32Array | null
  fixed: Int8Array | null
}

/**
 * The records of an import in columns: a million short reads, each an object with a name of its own, would take some 200 MB; here they take 12 bytes and
 * the name each, in blocks, so that nothing is ever copied into something twice as large. Labels, groups and published splits cost nothing where there
 * are none.
 */
export class RecordTable implements RecordList {
  private count = 0
  private readonly blocks: Block[] = []
  private readonly groupNames: string[] = []
  private readonly groupIds = new Map<string, number>()

  get length(): number {
    return this.count
  }

  push({ name, start, length, label, group, fixed }: PlannedRecord): void {
    const i = this.count % BLOCK
    if (i === 0) this.open()
    const block = this.blocks[this.blocks.length - 1]
    if (start !== this.start(this.count)) throw new RangeError(`Record "${name}" does not begin where the one before it ends.`)
    block.ends[i] = start + length
    const from = i === 0 ? 0 : block.nameEnds[i - 1]
    const most = from + 3 * name.length
    // not filled with zeros: memory that no name is in yet costs nothing
    if (most > block.names.length) block.names = larger(block.names, Buffer.allocUnsafeSlow(Math.max(most, 2 * block.names.length)))
    block.nameEnds[i] = from + block.names.write(name, from)
    if (label !== null) (block.labels ??= new Float64Array(BLOCK).fill(NaN))[i] = label
    if (group !== null && group !== '') (block.groups ??= new Int32Array(BLOCK).fill(-1))[i] = this.groupId(group)
    if (fixed !== null) (block.fixed ??= new Int8Array(BLOCK).fill(-1))[i] = SPLITS.indexOf(fixed)
    this.count++
  }

  private open(): void {
    const full = this.blocks.at(-1)
    // its names take what they need from now on
    if (full) full.names = larger(full.names.subarray(0, full.nameEnds[BLOCK - 1]), Buffer.allocUnsafeSlow(full.nameEnds[BLOCK - 1]))
    this.blocks.push({
      ends: new Float64Array(BLOCK),
      nameEnds: new Uint32Array(BLOCK),
      names: Buffer.allocUnsafeSlow(full ? full.names.length + 4096 : 16 * 1024),
      labels: null,
      groups: null,
      fixed: null,
    })
  }

  /** Every label replaced by `place[label]`. */
  relabel(place: ArrayLike<number>): void {
    for (const { labels } of this.blocks)
      if (labels) for (let i = 0; i < BLOCK; i++) if (!Number.isNaN(labels[i])) labels[i] = place[labels[i]]
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
    const { names, nameEnds } = this.block(i)
    const at = i % BLOCK
    return names.toString('utf8', at === 0 ? 0 : nameEnds[at - 1], nameEnds[at])
  }
  /** Of the record behind the last, where it would begin. */
  start(i: number): number {
    return i === 0 ? 0 : this.block(i - 1).ends[(i - 1) % BLOCK]
  }
  cells(i: number): number {
    return this.block(i).ends[i % BLOCK] - this.start(i)
  }
  label(i: number): number | null {
    const label = this.block(i).labels?.[i % BLOCK] ?? NaN
    return Number.isNaN(label) ? null : label
  }
  group(i: number): string | null {
    const group = this.block(i).groups?.[i % BLOCK] ?? -1
    return group < 0 ? null : this.groupNames[group]
  }
  fixedSplit(i: number): Split | null {
    const split = this.block(i).fixed?.[i % BLOCK] ?? -1
    return split < 0 ? null : SPLITS[split]
  }

  private block(i: number): Block {
    return this.blocks[Math.floor(i / BLOCK)]
  }

  private groupId(group: string): number {
    let id = this.groupIds.get(group)
    if (id === undefined) {
      this.groupIds.set(group, (id = this.groupNames.length))
      this.groupNames.push(group)
    }
    return id
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
