import { stat } from 'node:fs/promises'
import type { ImportOptions, ImportPreview } from '../../main/contract/importing.ts'
import { soundBeginning } from '../audio/inspectSound.ts'
import type { SoundFormat } from '../audio/sound.ts'
import { StrandError } from '../errors.ts'
import { Labeller } from '../labels/labelSource.ts'
import type { AnnotationFormat } from '../genomics/annotations.ts'
import { ANNOTATIONS, needsSequences } from '../genomics/importRegions.ts'
import { openSources } from './containers.ts'
import { describeFound } from './describeFound.ts'
import { detect, type Detected } from './detect.ts'
import type { MemberFault } from './members.ts'
import { listFiles, suggestName, wantedDomain, withColumns, withoutCompanions, withTokens, type KnownFile } from './recognise.ts'
import { ReportBuilder } from './report.ts'
import type { Source } from './source.ts'

/** Files looked into; the rest of a folder only counts its bytes. */
const LOOKED_INTO = 20
const SHOWN_RECORDS = 8
const STATS_AT_ONCE = 256

/**
 * What the files are, from the first quarter megabyte of each, and how they would be read under these options: bounded work for any size.
 * Never throws for bad data: `refusal` then holds the sentence, so a front shows it in place.
 */
export async function inspectFiles(paths: readonly string[], options: ImportOptions = {}): Promise<ImportPreview> {
  const preview: ImportPreview = {
    domain: options.domain && options.domain !== 'auto' ? options.domain : 'text',
    format: 'unknown',
    reason: '',
    suggestedName: '',
    bytes: 0,
    compressed: false,
    records: null,
    firstRecords: [],
    problems: [],
  }
  try {
    await look(paths, options, preview)
  } catch (error) {
    if (!(error instanceof StrandError)) throw error
    preview.refusal = error.message
    preview.refusalCode = error.code
  }
  return preview
}

interface Opened {
  sources: Source[]
  /** All files, also those not opened. */
  total: number
}

/** The first files, those inside archives among them. */
async function openSome(paths: readonly string[], preview: ImportPreview): Promise<Opened> {
  const files = await listFiles(paths)
  const sources: Source[] = []
  const unopened: string[] = []
  let inside = 0
  const onFault = ({ name, fault, harmless }: MemberFault): void =>
    void preview.problems.push({ severity: harmless ? 'skipped' : 'refused', file: name, message: `${fault}; it will be left out.` })
  for (const path of files) {
    if (sources.length >= LOOKED_INTO) {
      unopened.push(path)
      continue
    }
    try {
      const found = await openSources(path, onFault, LOOKED_INTO + 1)
      preview.bytes += found[0].origin.plain ? found[0].bytes : (await stat(path)).size
      preview.compressed ||= found.some(({ compressed }) => compressed)
      inside += Math.max(0, sources.length + found.length - LOOKED_INTO)
      sources.push(...found.slice(0, LOOKED_INTO - sources.length))
    } catch (error) {
      if (!(error instanceof StrandError) || files.length === 1) throw error
      preview.problems.push({ severity: 'refused', file: path.split(/[\\/]/).at(-1)!, message: error.message })
    }
  }
  // side by side: one after the other, the sizes of thousands of files take longer than the look
  for (let i = 0; i < unopened.length; i += STATS_AT_ONCE)
    for (const { size } of await Promise.all(unopened.slice(i, i + STATS_AT_ONCE).map((path) => stat(path)))) preview.bytes += size
  preview.suggestedName = suggestName(paths, sources.length > 0 ? sources.map((source) => ({ source })) : [])
  return { sources, total: sources.length + inside + unopened.length }
}

/** Regions and variants need sequences, of another file or (GFF3) after them in their own. */
function refuseLoneAnnotation(looks: readonly (KnownFile & { bytes: Buffer; whole: boolean })[]): void {
  if (looks.length === 0 || looks.some(({ detected }) => !ANNOTATIONS.has(detected.format))) return
  if (looks.some(({ bytes, whole, detected }) => detected.format === 'GFF3' && (!whole || /^(##FASTA|>)/m.test(bytes.toString('latin1')))))
    return
  throw needsSequences(looks[0].source.name, looks[0].detected.format as AnnotationFormat)
}

/** What files, folders and headers say; lines and columns tell theirs themselves. */
function labelOf(
  labeller: Labeller,
  { name, header }: { name: string; header?: string },
  source: Source,
  { labels }: ImportOptions,
): { label?: string | null; group?: string | null } {
  if (labels?.from !== 'folder' && labels?.from !== 'file' && labels?.from !== 'header') return {}
  const { label, group } = labeller.complete({ name, header }, source)
  return { label: label === null || label === undefined ? null : String(label), ...(group ? { group } : {}) }
}

async function look(paths: readonly string[], options: ImportOptions, preview: ImportPreview): Promise<void> {
  const { sources, total } = await openSome(paths, preview)
  if (options.name) preview.suggestedName = options.name
  const chosen = withColumns(options)
  const looks: (KnownFile & { bytes: Buffer; whole: boolean })[] = []
  const alone = total === 1
  const tolerate = async (source: Source, act: () => Promise<void>): Promise<void> => {
    try {
      await act()
    } catch (error) {
      if (!(error instanceof StrandError) || alone) throw error
      preview.problems.push({ severity: 'refused', file: source.name, message: error.message })
    }
  }
  for (const source of sources)
    await tolerate(source, async () => void looks.push({ source, ...(await detect(source, wantedDomain(options), chosen)) }))
  const labeller = new Labeller(options.labels)
  const report = new ReportBuilder('skip')
  const kept = new Set(withoutCompanions(looks, report).map(({ source }) => source))
  preview.problems.push(...report.build().problems)
  const reading = withTokens(
    chosen,
    looks.filter(({ source }) => kept.has(source)),
  )
  if (reading.tokens !== options.tokens) preview.tokens = reading.tokens
  let first: Detected | null = null
  let records: number | null = 0
  for (const { source, detected, bytes, whole } of looks)
    if (kept.has(source))
      await tolerate(source, async () => {
        if (first && first.domain !== detected.domain)
          throw new StrandError(
            'import/unknown-format',
            `${source.name} is ${detected.domain}, the files before it are ${first.domain}. Import them separately.`,
          )
        const found = await describeFound(source, bytes, whole, detected, reading)
        if (!first) {
          const { format, columns, rows, table } = found
          Object.assign(preview, { domain: detected.domain, reason: detected.reason, format, columns, rows, table })
          if (detected.domain !== 'audio') preview.encoding = detected.encoding
          else preview.sound = await soundBeginning(source.name, bytes, whole, detected.format as SoundFormat, chosen)
        }
        first ??= detected
        preview.problems.push(...(found.problems ?? []))
        for (const { header, ...record } of found.firstRecords.slice(0, SHOWN_RECORDS - preview.firstRecords.length))
          preview.firstRecords.push({ ...record, ...labelOf(labeller, { ...record, header }, source, options) })
        records = records === null || found.records === null ? null : records + found.records
      })
  refuseLoneAnnotation(looks)
  const settled = first as Detected | null
  if (!settled) throw new StrandError('import/empty', preview.problems[0]?.message ?? 'None of these files can be imported.')
  // audio and text give one record a file, which needs no look inside
  const onePerFile = settled.domain === 'audio' || settled.format === 'text'
  preview.records = total <= sources.length ? records : onePerFile ? total : null
}
