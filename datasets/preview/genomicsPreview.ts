import type { DatasetPreview } from '../../main/contract/dataset.ts'
import { readCells, type ReadableStore, type StoredDataset } from '../store/store.ts'
import type { PreviewWindow } from './preview.ts'

/** Letters sent at most. */
const LETTERS = 20_000
/** Points of the overview of the whole record. */
const BINS = 400
/** Bases read for the overview: all of a bacterium; of a chromosome, a stretch in each bin. */
const OVERVIEW_BASES = 8_000_000

export function previewGenomics(store: ReadableStore, dataset: StoredDataset, { record, start, length }: PreviewWindow): DatasetPreview {
  const shown = Math.min(length, LETTERS)
  const sequence = Buffer.from(readCells(store, dataset, record.start + start, shown)).toString('latin1')
  return { kind: 'genomics', record: record.name, start, length: shown, sequence, overview: overview(store, dataset, record) }
}

/** GC share of the known bases and share of N, along the record. */
function overview(store: ReadableStore, dataset: StoredDataset, record: PreviewWindow['record']): { gc: number[]; n: number[] } {
  const bins = Math.max(1, Math.min(BINS, record.length))
  const sample = Math.max(1, Math.floor(OVERVIEW_BASES / bins))
  const gc: number[] = []
  const n: number[] = []
  for (let bin = 0; bin < bins; bin++) {
    const from = Math.floor((bin * record.length) / bins)
    const to = Math.floor(((bin + 1) * record.length) / bins)
    const cells = readCells(store, dataset, record.start + from, Math.min(sample, to - from))
    let strong = 0
    let known = 0
    for (const base of cells) {
      if (base === 0x47 || base === 0x43) strong++
      if (base === 0x41 || base === 0x43 || base === 0x47 || base === 0x54) known++
    }
    gc.push(known > 0 ? +(strong / known).toFixed(4) : 0)
    n.push(cells.length > 0 ? +(1 - known / cells.length).toFixed(4) : 0)
  }
  return { gc, n }
}
