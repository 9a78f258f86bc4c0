import type { DatasetPreview } from '../../main/contract/dataset.ts'
import { tokenCodecFromJSON } from '../codecs.ts'
import { readCells, TARGETS, type ReadableStore, type StoredDataset } from '../store/store.ts'
import type { PreviewWindow } from './preview.ts'

const MOST_TOKENS = 4000

export function previewText(store: ReadableStore, dataset: StoredDataset, { record, start, length }: PreviewWindow): DatasetPreview {
  const shown = Math.min(length, MOST_TOKENS)
  const codec = tokenCodecFromJSON(dataset.codec)
  const cells = readCells(store, dataset, record.start + start, shown)
  const room = new Int32Array(shown)
  // fewer than cells where a token holds several
  const ids = room.subarray(0, codec.encodeCells(dataset.cell === 'i16' ? new Int16Array(cells.buffer) : cells, room))
  const answers = dataset.layout.targets ? answersOf(store, dataset, record.start + start, shown) : null
  const tokens = Array.from(ids, (id, i) => ({
    text: codec.symbols ? codec.symbols[id] : byteName(id),
    id,
    ...(answers && answers[i] >= 0 ? { answer: codec.symbols![answers[i]] } : {}),
  }))
  return { kind: 'text', record: record.name, start, length: shown, text: codec.decode(ids), tokens }
}

const answersOf = (store: ReadableStore, dataset: StoredDataset, start: number, count: number): Int16Array =>
  new Int16Array(readCells(store, dataset, start, count, TARGETS).buffer)

/** A byte as its letter where it is one by itself, else in hexadecimal: part of a longer character. */
function byteName(id: number): string {
  return id < 0x80 ? String.fromCharCode(id) : `<${id.toString(16).toUpperCase()}>`
}
