import { StrandError, throwIfCancelled } from '../errors.ts'
import { Names } from '../importing/names.ts'
import type { Imported, ImportJob } from '../importing/job.ts'
import { count, plural, type Source } from '../importing/source.ts'
import { sequenceCodec } from '../importing/tokens.ts'
import { learnBpe } from '../bpe/learnBpe.ts'
import type { DatasetWriter } from '../store/store.ts'
import { utf8Pieces } from '../text/utf8Pieces.ts'
import {
  readBedLine,
  readGffLine,
  readVcfLine,
  type AnnotationFormat,
  type AnnotationLine,
  type Region,
  type Variant,
} from './annotations.ts'
import { FastaParser } from './fastaParser.ts'
import { readSequences } from './importSequences.ts'
import { SequenceFile } from './sequenceFile.ts'
import { complement, letterFacts, reportLetters } from './sequenceLetters.ts'
import { writeVariants } from './variants.ts'

export const ANNOTATIONS: ReadonlySet<string> = new Set<AnnotationFormat>(['BED', 'GFF3', 'GTF', 'VCF'])

/** Of names in a BED file, so many at most are classes, and fewer than half of the regions; more are names of the regions themselves. */
const MOST_LABELS = 200
const PIECE = 1 << 20

/** A sentence that asks for the sequences where a drop holds annotations alone. */
export function needsSequences(file: string, format: AnnotationFormat): StrandError {
  const what = { BED: 'regions', GFF3: 'features', GTF: 'features', VCF: 'variants' }[format]
  return new StrandError(
    'import/incomplete',
    `${file} lists ${what} of sequences that are in another file. Drop the FASTA (or 2bit, GenBank) they belong to together with it.`,
    { file },
  )
}

/**
 * Sequences and what is said about them → one dataset, a record for each region or feature, read on its own strand; or for each variant.
 * The sequences lie on disk meanwhile, so that regions may come in any order.
 */
export async function importRegions(job: ImportJob): Promise<Imported> {
  const annotations = job.files.filter(({ detected }) => ANNOTATIONS.has(detected.format))
  const sequences = job.files.filter(({ detected }) => !ANNOTATIONS.has(detected.format))
  if (sequences.length === 0 && !annotations.some(({ detected }) => detected.format === 'GFF3'))
    throw needsSequences(annotations[0].source.name, annotations[0].detected.format as AnnotationFormat)
  if (job.options.tokens === 'protein')
    throw new StrandError('bad-input', 'Regions are cut from DNA, and you chose protein tokens. Choose another kind of tokens.')
  const codec = sequenceCodec(job.options)
  const format = [...new Set(job.files.map(({ detected }) => detected.format))].join(' with ')
  const writer = job.write({ domain: 'genomics', format, unit: 'bases', cell: 'u8', channels: 1, packed: true })
  const bases = new SequenceFile(job.folder)
  try {
    const total = new Float64Array(256)
    // a region may be called as its sequence is
    const sequenceNames = new Names()
    for (const { source, detected } of sequences) {
      const { counts } = await readSequences({ ...job, names: sequenceNames }, bases, { source, detected })
      counts.forEach((n, byte) => (total[byte] += n))
    }
    const regions: { source: Source; region: Region }[] = []
    const variants: { source: Source; variant: Variant }[] = []
    for (const { source, detected } of annotations)
      await readAnnotation(job, source, detected.format as AnnotationFormat, bases, total, (line) => {
        if ('region' in line) regions.push({ source, region: line.region })
        else variants.push({ source, variant: line.variant })
      })
    // the sequences themselves are no records
    job.report.accept(-bases.names.length)
    if (bases.names.length === 0) throw needsSequences(annotations[0].source.name, annotations[0].detected.format as AnnotationFormat)
    const find = namesakes(job, bases)
    if (variants.length > 0) writeVariants(job, writer, bases, variants, find)
    writeRegions(job, writer, bases, regions, find)
    return {
      format,
      unit: 'bases',
      layout: {},
      codec: codec ?? { kind: 'nucleotide' },
      ...(codec ? {} : { cut: (plan) => learnBpe(job, writer, 'dna', plan) }),
      facts: { ...letterFacts(total), longest: writer.records.reduce((most, record) => Math.max(most, record.length), 0) },
    }
  } finally {
    bases.close()
  }
}

type Found = Extract<AnnotationLine, { region: unknown } | { variant: unknown }>

/** Lines of an annotation; the sequences that may follow a GFF3 go to `bases`. */
async function readAnnotation(
  job: ImportJob,
  source: Source,
  format: AnnotationFormat,
  bases: SequenceFile,
  total: Float64Array,
  found: (line: Found) => void,
): Promise<void> {
  job.phase(`reading ${source.name}`)
  const file = source.name
  const types = job.options.features?.length ? new Set(job.options.features) : null
  const read = (text: string, line: number): AnnotationLine =>
    format === 'BED' ? readBedLine(text, line) : format === 'VCF' ? readVcfLine(text, line) : readGffLine(text, line, types)
  const passed = new Map<string, number>()
  let fasta: FastaParser | null = null
  let rest = ''
  let line = 0
  let kept = 0
  const take = (text: string): boolean => {
    line++
    const said = read(text.replace(/\r$/, ''), line)
    if (said === null) return false
    if ('sequencesFollow' in said) return true
    if ('passed' in said) passed.set(said.passed, (passed.get(said.passed) ?? 0) + 1)
    else if ('fault' in said)
      job.report.bad(`${format}/line`, { file, line }, `Line ${count(line)} of ${file} ${said.fault}.${leftOut(job)}`)
    else {
      kept++
      found(said)
    }
    return false
  }
  for await (const piece of utf8Pieces(job.read(source), 'utf-8', true)) {
    if (fasta) {
      fasta.push(piece)
      continue
    }
    const text = rest + piece.toString('utf8')
    let from = 0
    for (let newline = text.indexOf('\n'); newline >= 0 && !fasta; newline = text.indexOf('\n', from)) {
      if (take(text.slice(from, newline))) {
        fasta = new FastaParser({ file, stem: source.stem, sink: bases, report: job.report, names: new Names() })
        // a header may stand where "##FASTA" should
        if (text[from] !== '>') from = newline + 1
      } else from = newline + 1
    }
    rest = text.slice(from)
    if (fasta) fasta.push(Buffer.from(rest))
    else if (rest.length > 64 * PIECE)
      throw new StrandError(
        'import/bad-record',
        `Line ${count(line + 1)} of ${file} is longer than 64 MB: it is no line of ${format}. Choose another file.`,
        {
          file,
          line: line + 1,
        },
      )
  }
  if (!fasta && rest !== '') take(rest)
  if (fasta) {
    fasta.end()
    reportLetters(job.report, file, fasta.counts, false)
    fasta.counts.forEach((n, byte) => (total[byte] += n))
  }
  if (passed.size > 0) {
    const list = [...passed].map(([type, n]) => `${type} (${count(n)})`).join(', ')
    job.report.add('note', `${format}/passed`, { file }, `Passed over in ${file}: ${list}.`)
  }
  if (kept === 0)
    throw new StrandError(
      'import/empty',
      `${file} holds no ${format === 'VCF' ? 'variants of bases' : types ? `features of type ${[...types].join(', ')}` : 'regions'}. Choose another file${types ? ' or type' : ''}.`,
      { file },
    )
}

const leftOut = ({ report }: ImportJob): string => (report.onProblem === 'skip' ? ' It was left out.' : '')

/** The sequence an annotation means: its name, or the same with or without "chr" before it. Each other name is told once. */
function namesakes(job: ImportJob, bases: SequenceFile): (file: string, line: number, name: string) => string | null {
  const told = new Map<string, string | null>()
  return (file, line, name) => {
    const known = told.get(name)
    if (known !== undefined && known !== null) return known
    const plain = name.replace(/^chr/i, '')
    const candidates = [name, `chr${name}`, plain, ...(/^m(t|ito)?$/i.test(plain) ? ['chrM', 'MT', 'chrMT', 'M'] : [])]
    const found = candidates.find((candidate) => bases.length(candidate) !== null) ?? null
    if (found !== null && found !== name)
      job.report.add('note', 'region/name', { file, line }, `"${name}" of ${file} was read as the sequence "${found}".`)
    if (found === null) {
      const there = bases.names.slice(0, 4).map((one) => `"${one}"`)
      job.report.bad(
        'region/sequence',
        { file, line },
        `Line ${count(line)} of ${file} speaks of the sequence "${name}", and the files hold ${there.join(', ')}${bases.names.length > 4 ? ` and ${plural(bases.names.length - 4, 'other')}` : ''}.${leftOut(job)}`,
      )
    }
    told.set(name, found)
    return found
  }
}

function writeRegions(
  job: ImportJob,
  writer: DatasetWriter,
  bases: SequenceFile,
  regions: readonly { source: Source; region: Region }[],
  find: ReturnType<typeof namesakes>,
): void {
  job.phase('cutting regions')
  const { flank = 0, splice = false } = job.options
  // names that repeat are classes, others call the regions themselves
  const bedNames = new Set(regions.filter(({ region }) => region.label === region.name).map(({ region }) => region.name))
  const namesAreLabels = bedNames.size <= Math.min(MOST_LABELS, regions.length / 2)
  for (const [i, { source, region }] of regions.entries()) {
    if (i % 1000 === 0) throwIfCancelled(job.signal, 'The import')
    const { sequence, start, end, reverse, name, line, blocks } = region
    const file = source.name
    const found = find(file, line, sequence)
    if (found === null) continue
    const length = bases.length(found)!
    if (end > length) {
      const message = `Line ${count(line)} of ${file} has a region of "${sequence}" that ends at ${count(end)}, and the sequence has ${plural(length, 'base')}.${leftOut(job)}`
      job.report.bad('region/end', { file, line }, message)
      continue
    }
    const [from, to] = [Math.max(0, start - flank), Math.min(length, end + flank)]
    const strand = reverse ? '-' : '+'
    const place = `${found}:${from + 1}-${to}(${strand})`
    const isClass = region.label !== name || namesAreLabels
    const called = name !== null && (!isClass || region.label !== name) ? `${name} ${place}` : place
    writer.beginRecord({ name: job.names.take(called).name, label: isClass ? region.label : null, group: found, header: name ?? undefined })
    const parts = splice && blocks ? blocks.map(([at, n]) => [start + at, start + at + n] as const) : [[from, to] as const]
    for (const [low, high] of reverse ? [...parts].reverse() : parts) writeStretch(writer, bases, found, low, high, reverse)
    writer.endRecord()
    job.report.accept()
  }
}

/** Some bases at a time, from the other end where they are read on the other strand. */
export function writeStretch(writer: DatasetWriter, bases: SequenceFile, name: string, from: number, to: number, reverse: boolean): void {
  for (let at = 0; at < to - from; at += PIECE) {
    const n = Math.min(PIECE, to - from - at)
    const piece = reverse ? bases.read(name, to - at - n, to - at) : bases.read(name, from + at, from + at + n)
    writer.append(reverse ? complement(piece) : piece)
  }
}
