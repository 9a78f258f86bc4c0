import { createHash } from 'node:crypto'
import type { Labels } from '../../main/contract/dataset.ts'
import { LabelBook } from '../labels/labelBook.ts'
import { CELLS, CHUNK_BYTES, entryBytes, PACKED_CELLS, readCells, TARGETS, TIMES, TOKENS } from './cells.ts'
import { all, insertRows, releaseDisk, run, transaction, type WritableStore } from './connection.ts'
import { ChunkStream } from './chunkStream.ts'
import type { NewDataset, PlannedRecord, RecordList, RecordStart, Sealing } from './newDataset.ts'
import { RecordTable } from './recordTable.ts'
import { writeReport } from './reports.ts'
import { hashAll, hashVersion, insertRecords, nextVersion } from './versions.ts'

/** Names this process's unfinished imports, so that opening the project twice in one process sweeps only what is dead. */
const OWNER = `${process.pid}:${Math.random().toString(36).slice(2)}`

/**
 * A dataset being written. Cells go to disk in short transactions as they come (memory stays bounded, other writes go on);
 * the dataset is invisible until `seal`, and `abort` or the next opening of the project removes every trace.
 */
export class DatasetWriter {
  readonly id: number
  readonly spec: NewDataset
  /** Where labels come from beside the importer: set by ../importing before the first record. */
  complete: (record: RecordStart) => RecordStart = (record) => record
  private readonly store: WritableStore
  private readonly size: number
  private readonly chunkCells: number
  private readonly cells: ChunkStream
  private readonly times: ChunkStream
  private readonly targets: ChunkStream
  private readonly tokens: ChunkStream
  private readonly spans: { record: number; start: number; tokenStart: number; tokens: number }[] = []
  private readonly book = new LabelBook()
  private readonly table = new RecordTable()
  private settled: { labels: Labels | null } | null = null
  private current: { said: RecordStart; start: number } | null = null
  private finished: { length: number; bytes: number; digest: Buffer } | null = null
  private over = false

  constructor(store: WritableStore, spec: NewDataset) {
    this.store = store
    this.spec = spec
    this.size = entryBytes(spec, CELLS)
    const { packed = false } = spec
    this.chunkCells = packed ? PACKED_CELLS : Math.max(1, Math.floor(CHUNK_BYTES / this.size))
    this.id = run(
      store,
      `INSERT INTO dataset (state, owner, name, domain, format, unit, cell, channels, chunk_cells, packed, created_at) VALUES ('importing', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      OWNER,
      spec.name,
      spec.domain,
      spec.format,
      spec.unit,
      spec.cell,
      spec.channels,
      this.chunkCells,
      Number(packed),
      new Date().toISOString(),
    ).id
    this.cells = new ChunkStream(store, this.id, CELLS, this.chunkCells * this.size, packed)
    this.times = new ChunkStream(store, this.id, TIMES, this.chunkCells * 8)
    this.targets = new ChunkStream(store, this.id, TARGETS, this.chunkCells * 2)
    this.tokens = new ChunkStream(store, this.id, TOKENS, CHUNK_BYTES)
  }

  /** Those ended so far. */
  get records(): RecordList {
    return this.table
  }

  /** Cells written so far, the open record included. */
  get length(): number {
    return this.cells.bytes / this.size
  }

  /** Before the first record: classes in the order the file lists them. */
  declareClasses(names: readonly string[]): void {
    this.book.declare(names)
  }

  beginRecord(record: string | RecordStart): void {
    this.current = { said: typeof record === 'string' ? { name: record } : record, start: this.length }
  }

  /** Whole cells, as bytes; copied before the call returns. */
  append(cells: Uint8Array): void {
    this.cells.append(cells)
  }

  /** float64 milliseconds, one for each row appended. */
  appendTimes(times: Float64Array): void {
    this.times.append(new Uint8Array(times.buffer, times.byteOffset, times.byteLength))
  }

  /** The id to answer at each cell appended, -1 where none is scored; copied before the call returns. */
  appendTargets(targets: Int16Array): void {
    this.targets.append(new Uint8Array(targets.buffer, targets.byteOffset, targets.byteLength))
  }

  endRecord(late: Partial<RecordStart> = {}): PlannedRecord {
    const { said, start } = this.current!
    const { name, label, group, split } = this.complete({ ...said, ...late })
    const record = {
      name,
      start,
      length: this.length - start,
      label: label === undefined || label === null ? null : this.book.add(label),
      group: group || null,
      fixed: split ?? null,
    }
    this.table.push(record)
    this.current = null
    return record
  }

  /** What the records are labelled with, once all are in; from then on each record's label is its place among the classes. */
  labels(): Labels | null {
    if (this.settled) return this.settled.labels
    const found = this.book.settle()
    if (found?.place) this.table.relabel(found.place)
    this.settled = { labels: found?.labels ?? null }
    return this.settled.labels
  }

  /** Drops the open record and all its cells. */
  discardRecord(): void {
    const { start } = this.current!
    this.cells.truncate(start * this.size)
    if (this.times.bytes > 0) this.times.truncate(start * 8)
    if (this.targets.bytes > 0) this.targets.truncate(start * 2)
    this.current = null
  }

  /** Reads what was written, once all records are in: for codecs that are fitted on the data. */
  readBack(start: number, count: number, stream: number): Uint8Array {
    const { length } = this.finish()
    const { name, unit, cell, channels, packed = false } = this.spec
    const space = { cellsId: this.id, name, unit, cell, channels, chunkCells: this.chunkCells, packed, length }
    return readCells(this.store, space, start, count, stream)
  }

  /** Ids of tokens that were cut from the cells at import, in the order of the spans they belong to. */
  appendTokens(ids: Uint16Array): void {
    this.tokens.append(new Uint8Array(ids.buffer, ids.byteOffset, ids.byteLength))
  }

  /** Cells of a token on average, where tokens were cut at import. */
  get unitsPerToken(): number | null {
    const last = this.spans.at(-1)
    return last ? this.finish().length / (last.tokenStart + last.tokens) : null
  }

  /** The tokens appended since the span before are those of a stretch: of record number `record`, from its cell `start` on. */
  endSpan(record: number, start: number): number {
    const before = this.spans.at(-1)
    const tokenStart = before ? before.tokenStart + before.tokens : 0
    const tokens = this.tokens.bytes / 2 - tokenStart
    this.spans.push({ record, start, tokenStart, tokens })
    return tokens
  }

  private finish(): { length: number; bytes: number; digest: Buffer } {
    if (this.finished) return this.finished
    // the length first: finishing closes the last, short chunk
    const { length } = this
    const streams = [this.times, this.cells, this.targets].filter((stream) => stream.bytes > 0)
    const digest = Buffer.concat(streams.map((stream) => stream.finish()))
    this.finished = { length, bytes: streams.reduce((sum, { stored }) => sum + stored, 0), digest }
    return this.finished
  }

  /** Makes the dataset exist, whole. Answers its id. */
  seal(sealing: Sealing): number {
    const { length, bytes, digest } = this.finish()
    const labels = this.labels()
    const { plan } = sealing
    const content = this.contentHash(digest, sealing, labels)
    const hash = hashVersion(content, sealing.codec, plan)
    const place = nextVersion(this.store, this.id, hash, sealing)
    if ('same' in place) {
      this.abort()
      return place.same
    }
    const tokenBytes = this.tokens.bytes
    if (tokenBytes > 0) this.tokens.finish()
    transaction(this.store, () => {
      const firstId = insertRecords(this.store, this.id, this.table, plan)
      const spans = this.spans.map(({ record, start, tokenStart, tokens }) => [firstId + record, start, tokenStart, tokens])
      insertRows(this.store, 'token_span', ['record_id', 'start', 'token_start', 'tokens'], spans)
      sealing.sources.forEach((source, position) => {
        run(this.store, 'INSERT INTO source VALUES (?, ?, ?, ?, ?)', this.id, position, source.name, source.bytes, source.sha256)
      })
      writeReport(this.store, this.id, sealing.report)
      run(
        this.store,
        `UPDATE dataset SET state = 'ready', owner = '', length = ?, records = ?, bytes = ?, hash = ?, content_hash = ?, labels = ?,
           lineage = ?, version = ?, change = ?, codec = ?, layout = ?, options = ?, facts = ?, split_rule = ?, folds = ?, fold_codecs = ?, format = ?, unit = ? WHERE id = ?`,
        length,
        this.records.length,
        bytes + tokenBytes,
        hash,
        content,
        labels && JSON.stringify(labels),
        place.lineage,
        place.version,
        place.change,
        JSON.stringify(sealing.codec),
        JSON.stringify(sealing.layout),
        JSON.stringify(sealing.options),
        JSON.stringify(sealing.facts),
        plan.rule,
        plan.folds?.count ?? 0,
        sealing.foldCodecs ? JSON.stringify(sealing.foldCodecs) : null,
        sealing.format ?? this.spec.format,
        sealing.unit ?? this.spec.unit,
        this.id,
      )
    })
    this.over = true
    return this.id
  }

  /** Over cells, times, targets, records and labels: the same for two imports of the same file. */
  private contentHash(digest: Buffer, { layout }: Sealing, labels: Labels | null): string {
    const { domain, cell, channels } = this.spec
    const content = createHash('sha256').update(digest)
    content.update(JSON.stringify([domain, cell, channels, layout, labels]))
    hashAll(content, this.contents())
    return content.digest('hex')
  }

  private *contents(): Generator<unknown> {
    for (const { name, length, label, group } of this.table) yield [name, length, label, group]
  }

  /** Removes every trace, and gives the disk back. Safe to call after `seal`: then it does nothing. */
  abort(): void {
    if (this.over) return
    this.over = true
    removeUnfinished(this.store, this.id)
  }
}

function removeUnfinished(store: WritableStore, id: number): void {
  run(store, `DELETE FROM dataset WHERE id = ? AND state = 'importing'`, id)
  releaseDisk(store)
}

/** On opening: imports whose process is gone are removed. An import of a living process, or of this one, is left alone. */
export function sweepUnfinished(store: WritableStore): void {
  const rows = all<{ id: number; owner: string }>(store, `SELECT id, owner FROM dataset WHERE state = 'importing'`)
  for (const { id, owner } of rows) if (owner !== OWNER && !alive(Number(owner.split(':')[0]))) removeUnfinished(store, id)
}

function alive(pid: number): boolean {
  // our own number under another token: the process before us had it (a container starts counting anew)
  if (pid === process.pid) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
