import type { ImportOptions } from '../../main/contract/importing.ts'
import { StrandError } from '../errors.ts'
import type { Detected } from '../importing/detect.ts'
import { count, type Source } from '../importing/source.ts'
import type { DatasetWriter } from '../store/store.ts'
import { reportColumns, textRows } from '../tables/tableRows.ts'
import { ENCODING_NAMES } from '../text/encodings.ts'
import { describeTable } from '../timeseries/openTable.ts'
import type { Imported, ImportJob } from '../importing/job.ts'
import { utf8Pieces } from '../text/utf8Pieces.ts'
import { FastaParser } from './fastaParser.ts'
import { FastqParser } from './fastqParser.ts'
import { FeatureSink } from './featureSink.ts'
import { FlatFileParser } from './flatFileParser.ts'
import { learnBpe } from '../bpe/learnBpe.ts'
import { sequenceCodec } from '../importing/tokens.ts'
import { ANNOTATIONS, importRegions } from './importRegions.ts'
import { trimFor } from './qualityTrim.ts'
import { letterFacts, NUCLEOTIDE_ALPHABET, PROTEIN_ALPHABET, reportLetters, type Alphabet } from './sequenceLetters.ts'
import { RecordWriter, type ParserInput, type SequenceParser, type SequenceSink } from './sequenceRecords.ts'
import { TwoBitParser } from './twoBitParser.ts'

export type SequenceFormat = Extract<Detected['format'], 'FASTA' | 'FASTQ' | 'GenBank' | 'EMBL' | '2bit'>

export function sequenceParser(format: Detected['format'], input: ParserInput): SequenceParser {
  if (format === 'FASTQ') return new FastqParser(input)
  if (format === '2bit') return new TwoBitParser(input)
  if (format === 'GenBank' || format === 'EMBL') return new FlatFileParser(input, format)
  return new FastaParser(input)
}

/** The alphabet an import asks for; only FASTA holds proteins here. */
export function alphabetFor(options: ImportOptions, file: string, format: Detected['format']): Pick<ParserInput, 'alphabet'> {
  if (options.tokens !== 'protein') return {}
  if (format === 'FASTA') return { alphabet: PROTEIN_ALPHABET }
  throw new StrandError(
    'bad-input',
    `Proteins are read from FASTA, and ${file} is ${format}. Choose another kind of tokens, or save the proteins as FASTA.`,
    { file },
  )
}

/** Reads one file of sequences into a sink, and tells what was read as something else. Answers how often each byte was a base, and the mean quality where there are qualities. */
export async function readSequences(
  job: ImportJob,
  sink: SequenceSink,
  { source, detected }: ImportJob['files'][number],
): Promise<{ counts: Float64Array; quality: number | null }> {
  const { format, encoding, bom } = detected
  const protein = job.options.tokens === 'protein'
  const alphabet = alphabetFor(job.options, source.name, format)
  const cutter = job.options.labels?.from === 'feature' ? featureSink(job, sink, { source, detected }) : null
  const input = {
    file: source.name,
    stem: source.stem,
    sink: cutter ?? sink,
    report: job.report,
    names: job.names,
    ...alphabet,
    ...(cutter ? { features: cutter.table } : {}),
  }
  const trim = format === 'FASTQ' ? await trimFor(job, source) : undefined
  const parser = sequenceParser(format, { ...input, trim })
  job.phase(`reading ${source.name}`)
  if (bom > 0 || encoding !== 'utf-8') {
    const what =
      encoding === 'utf-8' ? 'starts with a byte order mark; it was left out' : `is ${ENCODING_NAMES[encoding]}; it was read as such`
    job.report.add('note', 'sequence/encoding', { file: source.name, byte: 1 }, `${source.name} ${what}.`)
  }
  const content = format === '2bit' ? job.read(source) : utf8Pieces(job.read(source), encoding, false)
  for await (const piece of content) parser.push(piece)
  parser.end()
  if (!protein && format !== '2bit') reportLetters(job.report, source.name, parser.counts, parser instanceof FlatFileParser)
  if (cutter && cutter.written === 0)
    job.report.add('skipped', 'feature/none', { file: source.name }, `${source.name} has none of these features.`)
  const quality = parser instanceof FastqParser ? parser.meanQuality : null
  return { counts: parser.counts, quality }
}

/** Features are cut out of what annotates them. */
function featureSink(job: ImportJob, sink: SequenceSink, { source, detected: { format } }: ImportJob['files'][number]): FeatureSink {
  if (format === 'GenBank' || format === 'EMBL') return new FeatureSink(job, source.name, sink)
  throw new StrandError(
    'bad-input',
    `Features are cut out of GenBank and EMBL files, and ${source.name} is ${format}. Choose another source of labels, or add a GFF3 file of its features.`,
    { file: source.name },
  )
}

/** Files of sequences, of one format or several → one dataset, a record for each sequence; a cell is one upper-case letter. */
export async function importSequences(job: ImportJob): Promise<Imported> {
  if (job.files.some(({ detected }) => ANNOTATIONS.has(detected.format))) return importRegions(job)
  const format = [...new Set(job.files.map(({ detected }) => (detected.dialect ? describeTable(detected.dialect) : detected.format)))].join(
    ' and ',
  )
  const codec = sequenceCodec(job.options)
  const protein = codec?.kind === 'protein'
  const writer = job.write({ domain: 'genomics', format, unit: 'bases', cell: 'u8', channels: 1, packed: !protein })
  const total = new Float64Array(256)
  // weighted by bases, as one mean over all of them
  let [qualities, weights] = [0, 0]
  for (const { source, detected } of job.files) {
    if (detected.dialect || detected.table) {
      const counts = await readRows(job, source, detected, writer, protein ? PROTEIN_ALPHABET : NUCLEOTIDE_ALPHABET)
      counts.forEach((n, byte) => (total[byte] += n))
      continue
    }
    const before = writer.length
    const { counts, quality } = await readSequences(job, writer, { source, detected })
    counts.forEach((n, byte) => (total[byte] += n))
    if (quality === null) continue
    qualities += quality * (writer.length - before)
    weights += writer.length - before
  }
  return {
    format,
    unit: 'bases',
    layout: protein ? { unit: 'residues' } : {},
    codec: codec ?? { kind: 'nucleotide' },
    ...(codec ? {} : { cut: (plan) => learnBpe(job, writer, 'dna', plan) }),
    facts: {
      ...(protein ? {} : letterFacts(total)),
      longest: writer.records.reduce((most, record) => Math.max(most, record.length), 0),
      ...(weights > 0 ? { 'mean quality': +(qualities / weights).toFixed(1) } : {}),
    },
  }
}

/** Rows of a table with a column of sequences, or a column for each base. */
async function readRows(
  job: ImportJob,
  source: Source,
  detected: Detected,
  writer: DatasetWriter,
  alphabet: Alphabet,
): Promise<Float64Array> {
  job.phase(`reading ${source.name}`)
  reportColumns(job, source, detected)
  const record = new RecordWriter({ file: source.name, stem: source.stem, sink: writer, report: job.report, names: job.names, alphabet })
  let bases = Buffer.alloc(0)
  for await (const { row, line, text, name, label, group } of textRows(job, source, detected, { index: 0, of: 1 })) {
    const letters = text.replace(/\s+/g, '')
    if (bases.length < letters.length) bases = Buffer.alloc(2 * letters.length)
    record.begin(name ?? `${source.stem} ${row}`, line ?? row, undefined, { label, group })
    const wrong = [...letters].find(
      (letter, i) => (bases[i] = alphabet.stored[letter.charCodeAt(0) & 0xff]) === 0 || letter.charCodeAt(0) > 0x7f,
    )
    if (wrong !== undefined) {
      const where = line === undefined ? `Row ${count(row)}` : `Line ${count(line)}`
      const what = `${where} of ${source.name} (record "${record.wanted}") holds ${alphabet.whyNot(wrong.charCodeAt(0))}.`
      job.report.bad(
        'sequence/letter',
        { file: source.name, line },
        job.report.onProblem === 'stop' ? what : `${what} The record was left out.`,
      )
      record.drop()
      continue
    }
    for (const letter of letters) record.histogram[letter.charCodeAt(0)]++
    record.append(bases.subarray(0, letters.length))
    record.keep()
  }
  reportLetters(job.report, source.name, record.counts, false)
  return record.counts
}
