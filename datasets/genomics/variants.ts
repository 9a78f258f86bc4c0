import { StrandError, throwIfCancelled } from '../errors.ts'
import type { ImportJob } from '../importing/job.ts'
import { count, plural, type Source } from '../importing/source.ts'
import type { DatasetWriter } from '../store/store.ts'
import type { Variant } from './annotations.ts'
import { writeStretch } from './importRegions.ts'
import type { SequenceFile } from './sequenceFile.ts'

interface Placed {
  source: Source
  variant: Variant
}

type Find = (file: string, line: number, name: string) => string | null

/**
 * Variants as sequences. With `flank`: for each a window of the reference and one for each alternative allele, labelled "reference" and
 * "alternative". Without: every sequence that has variants, once, with the first alternative allele of each put in.
 */
export function writeVariants(job: ImportJob, writer: DatasetWriter, bases: SequenceFile, all: readonly Placed[], find: Find): void {
  job.phase('applying variants')
  const bySequence = new Map<string, Placed[]>()
  for (const [i, placed] of all.entries()) {
    if (i % 10_000 === 0) throwIfCancelled(job.signal, 'The import')
    const { source, variant } = placed
    const name = find(source.name, variant.line, variant.sequence)
    if (name === null || !fits(job, bases, name, placed)) continue
    const group = bySequence.get(name)
    if (group) group.push(placed)
    else bySequence.set(name, [placed])
  }
  for (const [name, variants] of bySequence)
    if (job.options.flank === undefined) writeConsensus(job, writer, bases, name, variants)
    else for (const { variant } of variants) writeWindows(job, writer, bases, name, variant, job.options.flank)
  if (bySequence.size === 0)
    throw new StrandError('import/empty', `No variant of ${all[0].source.name} fits the sequences. Choose the FASTA it was called on.`)
}

/** The reference bases must be those of the sequence. */
function fits({ report }: ImportJob, bases: SequenceFile, name: string, { source, variant }: Placed): boolean {
  const { position, ref, line } = variant
  const left = report.onProblem === 'skip' ? ' It was left out.' : ''
  const length = bases.length(name)!
  const end = position + ref.length
  const there = end <= length ? bases.read(name, position, end).toString('latin1') : null
  if (there !== null && [...ref].every((base, i) => base === there[i] || base === 'N')) return true
  const says =
    there === null
      ? `reaches to base ${count(end)} of "${name}", which has ${count(length)}`
      : `says that "${name}" has ${ref.slice(0, 20)} at ${count(position + 1)}, and it has ${there.slice(0, 20)}`
  report.bad(
    'variant/reference',
    { file: source.name, line },
    `Line ${count(line)} of ${source.name} ${says}: it was called on another sequence.${left}`,
  )
  return false
}

function writeConsensus(job: ImportJob, writer: DatasetWriter, bases: SequenceFile, name: string, variants: readonly Placed[]): void {
  const { report } = job
  const file = variants[0].source.name
  const ordered = [...variants].sort((a, b) => a.variant.position - b.variant.position)
  writer.beginRecord({ name: job.names.take(`${name} with variants`).name, group: name })
  let at = 0
  let applied = 0
  let overlapping = 0
  let several = 0
  for (const { variant } of ordered) {
    if (variant.position < at) {
      overlapping++
      continue
    }
    writeStretch(writer, bases, name, at, variant.position, false)
    writer.append(Buffer.from(variant.alts[0], 'latin1'))
    at = variant.position + variant.ref.length
    applied++
    if (variant.alts.length > 1) several++
  }
  writeStretch(writer, bases, name, at, bases.length(name)!, false)
  writer.endRecord()
  report.accept()
  report.add(
    'note',
    'variant/applied',
    { file },
    `${plural(applied, 'variant')} of ${file} ${applied === 1 ? 'was' : 'were'} put into "${name}".`,
  )
  if (several > 0)
    report.add(
      'note',
      'variant/several',
      { file },
      `${plural(several, 'variant')} of "${name}" in ${file} ${several === 1 ? 'has' : 'have'} several alternative alleles; the first was put in.`,
    )
  if (overlapping > 0)
    report.add(
      'skipped',
      'variant/overlap',
      { file },
      `${plural(overlapping, 'variant')} of "${name}" in ${file} ${overlapping === 1 ? 'lies' : 'lie'} inside one before and ${overlapping === 1 ? 'was' : 'were'} left out.`,
      overlapping,
    )
}

function writeWindows(job: ImportJob, writer: DatasetWriter, bases: SequenceFile, name: string, variant: Variant, flank: number): void {
  const { position, ref, alts, id } = variant
  const [from, to] = [Math.max(0, position - flank), Math.min(bases.length(name)!, position + ref.length + flank)]
  for (const allele of [ref, ...alts]) {
    const isRef = allele === ref
    const called = `${id ? `${id} ` : ''}${name}:${position + 1} ${short(ref)}${isRef ? '' : `>${short(allele)}`}`
    writer.beginRecord({ name: job.names.take(called).name, label: isRef ? 'reference' : 'alternative', group: name })
    writeStretch(writer, bases, name, from, position, false)
    writer.append(Buffer.from(allele, 'latin1'))
    writeStretch(writer, bases, name, position + ref.length, to, false)
    writer.endRecord()
    job.report.accept()
  }
}

const short = (bases: string): string => (bases.length <= 12 ? bases : `${bases.slice(0, 9)}…`)
