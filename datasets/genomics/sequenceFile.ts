import { closeSync, ftruncateSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { RecordStart } from '../store/store.ts'
import type { SequenceSink } from './sequenceRecords.ts'

/** Bases held before they are written. */
const HELD = 1 << 20

/**
 * Sequences on disk while an import cuts regions out of them, in any order: one byte a base, in a folder of its own that `close` removes.
 * Memory does not grow with a genome.
 */
export class SequenceFile implements SequenceSink {
  private readonly folder: string
  private readonly file: number
  private readonly places = new Map<string, { start: number; length: number }>()
  private readonly held = Buffer.allocUnsafe(HELD)
  private filled = 0
  private written = 0
  private open: { name: string; start: number } | null = null

  /** `within`: a folder on the project's disk. */
  constructor(within: string) {
    this.folder = mkdtempSync(join(within, '.sequences-'))
    this.file = openSync(join(this.folder, 'bases'), 'w+')
  }

  beginRecord(record: RecordStart): void {
    this.open = { name: record.name, start: this.written + this.filled }
  }

  append(bases: Uint8Array): void {
    for (let at = 0; at < bases.length;) {
      const take = Math.min(bases.length - at, HELD - this.filled)
      this.held.set(bases.subarray(at, at + take), this.filled)
      this.filled += take
      at += take
      if (this.filled === HELD) this.flush()
    }
  }

  endRecord(): void {
    const { name, start } = this.open!
    this.places.set(name, { start, length: this.written + this.filled - start })
    this.open = null
  }

  discardRecord(): void {
    const { start } = this.open!
    this.flush()
    ftruncateSync(this.file, start)
    this.written = start
    this.open = null
  }

  get names(): string[] {
    return [...this.places.keys()]
  }

  /** Bases of a sequence; null where there is none of this name. */
  length(name: string): number | null {
    return this.places.get(name)?.length ?? null
  }

  /** Bases [from, to) of a sequence. */
  read(name: string, from: number, to: number): Buffer {
    if (this.filled > 0) this.flush()
    const out = Buffer.allocUnsafe(to - from)
    for (let at = 0; at < out.length;) at += readSync(this.file, out, at, out.length - at, this.places.get(name)!.start + from + at)
    return out
  }

  private flush(): void {
    for (let at = 0; at < this.filled;) at += writeSync(this.file, this.held, at, this.filled - at, this.written + at)
    this.written += this.filled
    this.filled = 0
  }

  close(): void {
    closeSync(this.file)
    rmSync(this.folder, { recursive: true, force: true })
  }
}
