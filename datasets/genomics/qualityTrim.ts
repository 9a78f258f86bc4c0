import type { ImportJob } from '../importing/job.ts'
import { Names } from '../importing/names.ts'
import { ReportBuilder } from '../importing/report.ts'
import { StrandError } from '../errors.ts'
import type { Source } from '../importing/source.ts'
import { FastqParser } from './fastqParser.ts'

/** What low qualities do to a read. */
export interface QualityTrim {
  /** Ends of a read below this quality are cut off. */
  quality: number
  /** Reads shorter than this, after that, are left out. */
  length: number
  /** What is taken off a character to have its quality. */
  offset: 33 | 64
}

/** Looked at to tell the scale of the qualities. */
const HEAD_BYTES = 4 * 1_048_576

/** The trimming that an import asks for; undefined where it asks for none. The scale is told from the first reads where it is not given. */
export async function trimFor({ options }: Pick<ImportJob, 'options'>, source: Source): Promise<QualityTrim | undefined> {
  const { minQuality = 0, minLength = 1, phred } = options
  if (minQuality === 0 && minLength <= 1) return undefined
  if (minQuality < 0 || minQuality > 93) throw new StrandError('bad-input', `A quality lies between 0 and 93; you asked for ${minQuality}.`)
  return { quality: minQuality, length: Math.max(1, minLength), offset: phred ?? (await offsetOf(source)) }
}

async function offsetOf(source: Source): Promise<33 | 64> {
  const { bytes } = await source.head(HEAD_BYTES)
  const sink = { beginRecord: () => undefined, append: () => undefined, endRecord: () => undefined, discardRecord: () => undefined }
  const parser = new FastqParser({ file: source.name, stem: source.stem, sink, report: new ReportBuilder('skip'), names: new Names() })
  parser.push(bytes)
  return parser.offsetSeen
}

/**
 * How many bases of a read stay when its end is trimmed, as BWA does (Li 2009): from the end, quality − threshold is added up, and the read is
 * cut where the sum is lowest, so that a single good base in a bad end does not save it. `qualities` are characters.
 */
export function keptBases(qualities: Uint8Array, n: number, { quality, offset }: QualityTrim): number {
  let sum = 0
  let lowest = 0
  let kept = n
  for (let i = n - 1; i >= 0; i--) {
    sum += qualities[i] - offset - quality
    if (sum > 0) break
    if (sum < lowest) {
      lowest = sum
      kept = i
    }
  }
  return kept
}
