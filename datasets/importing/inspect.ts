import { stat } from 'node:fs/promises'
import type { ImportOptions, ImportPreview, Problem } from '../../main/contract/dataset.ts'
import { inspectSound } from '../audio/inspectSound.ts'
import type { SoundFormat } from '../audio/sound.ts'
import { StrandError } from '../errors.ts'
import { describeSequences } from '../genomics/describeSequences.ts'
import { detectHead, readHead, type Detected } from './detect.ts'
import { listFiles, suggestName } from './importFiles.ts'
import { Source } from './source.ts'

/** Files looked into; the rest of a folder only counts its bytes. */
const LOOKED_INTO = 20
const SHOWN_RECORDS = 8
const EXCERPT = 120

type Describe = (source: Source, bytes: Buffer, whole: boolean, detected: Detected, options: ImportOptions) => Found
type Found = Pick<ImportPreview, 'format' | 'records' | 'firstRecords' | 'columns'> & { problems?: Problem[] }

/**
 * What the files are, from the first quarter megabyte of each: bounded work for any size.
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
  }
  return preview
}

async function look(paths: readonly string[], options: ImportOptions, preview: ImportPreview): Promise<void> {
  const files = await listFiles(paths)
  const sources: { source: Source }[] = []
  let first: Detected | null = null
  let records: number | null = 0
  for (const path of files.slice(0, LOOKED_INTO)) {
    const source = await Source.open(path)
    sources.push({ source })
    preview.bytes += source.bytes
    preview.compressed ||= source.compressed
    preview.suggestedName = options.name || suggestName(paths, sources)
    try {
      const { bytes, whole } = await readHead(source)
      const detected = detectHead(source.name, bytes, whole, options)
      if (first && first.domain !== detected.domain)
        throw new StrandError(
          'import/unknown-format',
          `${source.name} is ${detected.domain}, the files before it are ${first.domain}. Import them separately.`,
        )
      const found = DESCRIBE[detected.format](source, bytes, whole, detected, options)
      if (!first) Object.assign(preview, { domain: detected.domain, reason: detected.reason, format: found.format, columns: found.columns })
      first ??= detected
      preview.problems.push(...(found.problems ?? []))
      preview.firstRecords.push(...found.firstRecords.slice(0, SHOWN_RECORDS - preview.firstRecords.length))
      records = records === null || found.records === null ? null : records + found.records
    } catch (error) {
      if (!(error instanceof StrandError) || files.length === 1) throw error
      preview.problems.push({ severity: 'refused', file: source.name, message: error.message })
    }
  }
  if (!first) throw new StrandError('import/empty', preview.problems[0]?.message ?? 'None of these files can be imported.')
  // audio and text give one record a file, which needs no look inside
  if (files.length > LOOKED_INTO) records = first.domain === 'genomics' ? null : files.length
  const sizes = await Promise.all(files.slice(LOOKED_INTO).map(async (path) => (await stat(path)).size))
  preview.bytes += sizes.reduce((sum, size) => sum + size, 0)
  preview.records = records
}

const sequences: Describe = (source, bytes, whole, detected, options) =>
  describeSequences(source, bytes, whole, detected, { records: SHOWN_RECORDS, excerpt: EXCERPT }, options)

const sound: Describe = (source, bytes, whole, { format }, options) => inspectSound(source, bytes, whole, format as SoundFormat, options)

const DESCRIBE: { readonly [K in Detected['format']]: Describe } = {
  FASTA: sequences,
  FASTQ: sequences,
  GenBank: sequences,
  EMBL: sequences,
  WAV: sound,
  AIFF: sound,
  FLAC: sound,
  MP3: sound,
  'Ogg Vorbis': sound,
  Opus: sound,
  PCM: sound,
  table(source, bytes, whole, { dialect, encoding }) {
    const { columns, channels, delimiter, decimal, header, skipLines, timeColumn, leftOut } = dialect!
    const lines = new TextDecoder(encoding).decode(bytes).split(/\r?\n/)
    const rows = lines.slice(skipLines + (header ? 1 : 0)).filter((line) => line.trim() !== '')
    const kind = { ',': 'CSV', ';': 'CSV with semicolons', '\t': 'TSV', '|': 'table with bars', ' ': 'table with blanks' }[delimiter]
    return {
      format: `${kind}, ${channels.length} ${channels.length === 1 ? 'channel' : 'channels'}${decimal === ',' ? ', decimal comma' : ''}${timeColumn >= 0 ? `, times in "${columns[timeColumn]}"` : ''}`,
      records: 1,
      columns,
      firstRecords: [
        { name: source.stem, length: whole ? rows.length : null, excerpt: rows[0]?.slice(0, EXCERPT) ?? '' },
        ...rows.slice(1, SHOWN_RECORDS).map((row) => ({ name: '', length: null, excerpt: row.slice(0, EXCERPT) })),
      ],
      problems: leftOut.map(({ column, why }) => ({
        severity: 'note',
        file: source.name,
        line: skipLines + 1,
        message: `Column "${column}" will be left out: ${why}.`,
      })),
    }
  },
  text(source, bytes, whole, { encoding }) {
    const text = new TextDecoder(encoding).decode(bytes)
    const name = { 'utf-8': 'UTF-8', 'utf-16le': 'UTF-16', 'utf-16be': 'UTF-16', latin1: 'Latin-1' }[encoding]
    return {
      format: `text, ${name}`,
      records: 1,
      firstRecords: [{ name: source.stem, length: whole ? [...text].length : null, excerpt: text.slice(0, 2 * EXCERPT) }],
    }
  },
}
