import type { Domain } from '../../main/contract/dataset.ts'
import type { ImportOptions } from '../../main/contract/importing.ts'
import { levelCodec } from '../audio/levelCodec.ts'
import type { CodecJson } from '../codec.ts'
import { tokenCodecFromJSON, tokensInWords } from '../codecs.ts'
import { StrandError } from '../errors.ts'
import { kmerCodec } from '../genomics/kmerCodec.ts'
import type { RecordList, SplitPlan } from '../store/store.ts'
import type { ReportBuilder } from './report.ts'
import { plural } from './source.ts'

type Tokens = NonNullable<ImportOptions['tokens']>

/** What cells of a domain can be read as, the default first. A series has no tokens. */
export const TOKENS_OF: { readonly [K in Domain]: readonly Tokens[] } = {
  text: ['char', 'byte', 'bpe'],
  genomics: ['nucleotide', 'kmer', 'codon', 'amino-acid', 'protein', 'bpe'],
  audio: ['mu-law', 'linear', 'continuous'],
  timeseries: [],
}

/** The kind of tokens an import asks for. Throws 'bad-input' where the domain has no such kind. */
export function wantedTokens({ tokens }: ImportOptions, domain: Domain): Tokens {
  const known = TOKENS_OF[domain]
  if (tokens === undefined || known.includes(tokens)) return tokens ?? known[0]
  const instead = known.length > 0 ? `Choose ${known.slice(0, -1).join(', ')} or ${known.at(-1)}.` : 'Leave the tokens out.'
  throw new StrandError('bad-input', `These files are ${domain} and cannot be read as "${tokens}" tokens. ${instead}`, { tokens })
}

/** The codec of a sequence file; null for BPE, which is learned when the splits are known. */
export function sequenceCodec(options: ImportOptions): CodecJson | null {
  const { k = 6, overlap = false, frame = 0 } = options
  switch (wantedTokens(options, 'genomics')) {
    case 'kmer':
      return kmerCodec(k, overlap).toJSON()
    case 'codon':
      return { kind: 'codon', frame }
    case 'amino-acid':
      return { kind: 'amino-acid', frame }
    case 'protein':
      return { kind: 'protein' }
    case 'bpe':
      return null
    default:
      return { kind: 'nucleotide' }
  }
}

/** The codec of a sound; null for numbers, whose scale is known when all of it was read. */
export function soundCodec(options: ImportOptions): CodecJson | null {
  const kind = wantedTokens(options, 'audio')
  if (kind === 'continuous') return null
  return levelCodec(kind === 'linear' ? 'linear' : 'mu-law', 2 ** (options.bits ?? 8)).toJSON()
}

/** Cells that fill no token: at the ends of stretches, and before a reading frame. They stay in the dataset, no token shows them. */
export function reportTrimmed(report: ReportBuilder, json: CodecJson, file: string, records: RecordList, plan: SplitPlan): void {
  if (json.kind === 'series') return
  const { cut } = tokenCodecFromJSON(json)
  if (!cut || cut.width === 1) return
  const { width, stride, frame } = cut
  let cells = 0
  let stretches = 0
  records.forEach(({ length }, i) => {
    const part = plan.records[i]
    for (const { start, stop } of typeof part === 'string' ? [{ start: 0, stop: length }] : part) {
      const skip = frame === null ? 0 : (((frame - start) % width) + width) % width
      const tokens = Math.max(0, Math.floor((stop - start - skip - width) / stride) + 1)
      const left = stop - start - (tokens === 0 ? 0 : (tokens - 1) * stride + width)
      cells += left
      if (left > 0) stretches++
    }
  })
  if (cells === 0) return
  const message = `${plural(cells, 'base')} at the ends of ${plural(stretches, 'stretch').replace('stretchs', 'stretches')} ${cells === 1 ? 'fills' : 'fill'} no token of ${width} bases and ${cells === 1 ? 'is' : 'are'} not read by a model (${tokensInWords(json)}).`
  report.add('note', 'tokens/trimmed', { file }, message)
}

/** What the dataset's facts say about tokens: how much of the data one holds, where that is not told by the codec itself. */
export const tokenFacts = (unitsPerToken: number | null): Record<string, number> =>
  unitsPerToken === null ? {} : { 'per token': +unitsPerToken.toFixed(2) }
