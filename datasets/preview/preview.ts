import type { DatasetPreview, PreviewRequest } from '../../main/contract/dataset.ts'
import { getRecord, getStoredDataset, type ReadableStore, type StoredDataset, type StoredRecord } from '../store/store.ts'
import { previewGenomics } from './genomicsPreview.ts'
import { previewSeries } from './seriesPreview.ts'
import { previewSound } from './soundPreview.ts'
import { previewText } from './textPreview.ts'

/** The stretch of one record a picture is asked for, within its borders. */
export interface PreviewWindow {
  record: StoredRecord
  start: number
  length: number
}

/** A bounded picture of a stretch of one record, whatever its size. Without `start` and `length`: from the record's start, as much as the domain shows at once. */
export function previewDataset(store: ReadableStore, request: PreviewRequest): DatasetPreview {
  const dataset = getStoredDataset(store, request.id)
  const record = getRecord(store, dataset.id, request.recordId)
  const start = Math.max(0, Math.min(Math.floor(request.start ?? 0), Math.max(0, record.length - 1)))
  const wanted = Math.max(1, Math.floor(request.length ?? usual(dataset, record)))
  const window = { record, start, length: Math.min(wanted, record.length - start) }
  switch (dataset.domain) {
    case 'genomics':
      return previewGenomics(store, dataset, window)
    case 'audio':
      return previewSound(store, dataset, window)
    case 'timeseries':
      return previewSeries(store, dataset, window)
    case 'text':
      return previewText(store, dataset, window)
  }
}

function usual(dataset: StoredDataset, record: StoredRecord): number {
  if (dataset.domain === 'genomics') return 3000
  if (dataset.domain === 'text') return 2000
  if (dataset.domain === 'audio') return Math.min(record.length, 10 * (dataset.layout.sampleRate ?? 16_000))
  return record.length
}
