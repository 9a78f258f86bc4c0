import type { ImportOptions, ImportPreview, Problem } from '../../main/contract/importing.ts'
import { StrandError } from '../errors.ts'
import type { Detected } from '../importing/detect.ts'
import { Names } from '../importing/names.ts'
import { ReportBuilder } from '../importing/report.ts'
import type { Source } from '../importing/source.ts'
import { FeatureSink } from './featureSink.ts'
import { alphabetFor, sequenceParser } from './importSequences.ts'
import type { RecordLabels } from './sequenceRecords.ts'

/** `header`: what a pattern of labels looks into. */
type Shown = ImportPreview['firstRecords'][number] & { header?: string }

/** The first records of a file of sequences, from its first bytes. `whole`: there are no more. */
export function describeSequences(
  source: Source,
  bytes: Buffer,
  whole: boolean,
  { format, encoding }: Detected,
  most: { records: number; excerpt: number },
  options: ImportOptions,
): { format: string; records: number | null; firstRecords: Shown[]; problems: Problem[] } {
  const shown: Shown[] = []
  let open: Shown | null = null
  let records = 0
  const report = new ReportBuilder('skip')
  const sink = {
    beginRecord: ({ name, header, label, group }: { name: string; header?: string } & RecordLabels) =>
      (open = { name, header, length: 0, excerpt: '', ...(label ? { label } : {}), ...(group ? { group } : {}) }),
    append(bases: Uint8Array) {
      open!.length = open!.length! + bases.length
      if (open!.excerpt.length < most.excerpt)
        open!.excerpt += Buffer.from(bases.subarray(0, most.excerpt - open!.excerpt.length)).toString('latin1')
    },
    endRecord() {
      records++
      if (shown.length < most.records) shown.push(open!)
      open = null
    },
    discardRecord: () => (open = null),
  }
  const names = new Names()
  const cutter =
    options.labels?.from === 'feature' && (format === 'GenBank' || format === 'EMBL')
      ? new FeatureSink({ options, names, report }, source.name, sink)
      : null
  const parser = sequenceParser(format, {
    file: source.name,
    stem: source.stem,
    sink: cutter ?? sink,
    report,
    names,
    ...(cutter ? { features: cutter.table } : {}),
    ...alphabetFor(options, source.name, format),
  })
  // decoding takes a byte order mark out; text that is UTF-8 already stays as it is, bad bytes included
  const marked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
  parser.push(encoding === 'utf-8' ? bytes.subarray(marked ? 3 : 0) : Buffer.from(new TextDecoder(encoding).decode(bytes)))
  // a head that stops inside a record says nothing about that record's end
  if (whole) parser.end()
  else if (parser.pending && shown.length < most.records)
    shown.push({ ...parser.pending, excerpt: (open as { excerpt: string } | null)?.excerpt ?? '' })
  const { problems } = report.build()
  if (whole && records === 0)
    throw new StrandError(
      'import/empty',
      problems.find((problem) => problem.severity !== 'note')?.message ?? `${source.name} holds no sequences. Choose another file.`,
    )
  return { format, records: whole ? records : null, firstRecords: shown, problems }
}
