import type { Split } from '../../main/contract/dataset.ts'
import type { TokenCodec } from '../codec.ts'
import { listSegments, listTokenSpans, type ReadableStore, type Segment, type StoredDataset } from '../store/store.ts'

/** A contiguous stretch of one record that belongs to one split, as tokens. */
export interface TokenSegment extends Omit<Segment, 'start'> {
  /** In tokens; a stretch too short for one is left out. */
  length: number
  /** Cells from the first token's first to the last token's last. */
  cells: number
  /** Cell (or, where tokens are stored, entry of their stream) at which the first token lies in the dataset. */
  start: number
  /** First token's first cell within the record, from 0. */
  position: number
}

/** The stretches of a split as the codec cuts them, in record order. */
export function listTokenSegments(store: ReadableStore, { id }: StoredDataset, codec: TokenCodec, split: Split, fold = 0): TokenSegment[] {
  const segments = listSegments(store, id, split, fold)
  if (codec.cut === null) return storedTokens(store, id, segments)
  const { width, stride, frame } = codec.cut
  return segments.flatMap((segment) => {
    // a reading frame belongs to the record, wherever a split begins
    const skip = frame === null ? 0 : (((frame - segment.position) % width) + width) % width
    const length = Math.floor((segment.length - skip - width) / stride) + 1
    if (length < 1) return []
    const cells = (length - 1) * stride + width
    return [{ ...segment, start: segment.start + skip, position: segment.position + skip, length, cells }]
  })
}

function storedTokens(store: ReadableStore, id: number, segments: readonly Segment[]): TokenSegment[] {
  const spans = new Map(listTokenSpans(store, id).map((span) => [`${span.recordId} ${span.start}`, span]))
  return segments.flatMap((segment) => {
    const span = spans.get(`${segment.recordId} ${segment.position}`)
    return span && span.tokens > 0 ? [{ ...segment, start: span.tokenStart, length: span.tokens, cells: segment.length }] : []
  })
}
