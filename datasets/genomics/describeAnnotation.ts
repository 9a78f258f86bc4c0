import type { ImportOptions, ImportPreview, Problem } from '../../main/contract/importing.ts'
import type { Detected } from '../importing/detect.ts'
import type { Source } from '../importing/source.ts'
import { readBedLine, readGffLine, readVcfLine, type AnnotationLine } from './annotations.ts'

const SHOWN = 8

/** The first regions, features or variants of an annotation, from its first bytes. */
export function describeAnnotation(
  source: Source,
  bytes: Buffer,
  whole: boolean,
  { format }: Detected,
  options: ImportOptions,
): Pick<ImportPreview, 'format' | 'records' | 'firstRecords'> & { problems: Problem[] } {
  const types = options.features?.length ? new Set(options.features) : null
  const firstRecords: ImportPreview['firstRecords'] = []
  const problems: Problem[] = []
  let records = 0
  const lines = bytes.toString('utf8').split('\n')
  // a head may stop inside a line
  for (const [i, text] of (whole ? lines : lines.slice(0, -1)).entries()) {
    const said: AnnotationLine =
      format === 'BED'
        ? readBedLine(text.trimEnd(), i + 1)
        : format === 'VCF'
          ? readVcfLine(text.trimEnd(), i + 1)
          : readGffLine(text.trimEnd(), i + 1, types)
    if (said === null || 'passed' in said) continue
    if ('sequencesFollow' in said) break
    if ('fault' in said) {
      problems.push({ severity: 'skipped', file: source.name, line: i + 1, message: `Line ${i + 1} of ${source.name} ${said.fault}.` })
      continue
    }
    records++
    if (firstRecords.length >= SHOWN) continue
    if ('region' in said) {
      const { name, sequence, start, end, reverse, label } = said.region
      firstRecords.push({
        name: name ?? label ?? '',
        length: end - start,
        excerpt: `${sequence}:${start + 1}-${end}${reverse ? ', other strand' : ''}`,
      })
    } else {
      const { id, sequence, position, ref, alts } = said.variant
      firstRecords.push({ name: id ?? '', length: null, excerpt: `${sequence}:${position + 1} ${ref} → ${alts.join(', ')}`.slice(0, 120) })
    }
  }
  return { format, records: whole ? records : null, firstRecords, problems: problems.slice(0, 20) }
}
