import type { ImportOptions } from '../../main/contract/dataset.ts'
import { StrandError } from '../errors.ts'
import type { Detected } from '../importing/detect.ts'
import type { Imported, ImportJob } from '../importing/job.ts'
import { utf8Pieces } from '../text/utf8Pieces.ts'
import { FastaParser } from './fastaParser.ts'
import { FastqParser } from './fastqParser.ts'
import { FlatFileParser } from './flatFileParser.ts'
import { learnBpe } from '../bpe/learnBpe.ts'
import { sequenceCodec } from '../importing/tokens.ts'
import { letterFacts, PROTEIN_ALPHABET, reportLetters } from './sequenceLetters.ts'
import type { ParserInput, SequenceParser } from './sequenceRecords.ts'

export type SequenceFormat = Extract<Detected['format'], 'FASTA' | 'FASTQ' | 'GenBank' | 'EMBL'>

export function sequenceParser(format: Detected['format'], input: ParserInput): SequenceParser {
  if (format === 'FASTQ') return new FastqParser(input)
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

/** Files of sequences, of one format or several → one dataset, a record for each sequence; a cell is one upper-case letter. */
export async function importSequences(job: ImportJob): Promise<Imported> {
  const format = [...new Set(job.files.map(({ detected }) => detected.format))].join(' and ')
  const codec = sequenceCodec(job.options)
  const protein = codec?.kind === 'protein'
  const writer = job.write({ domain: 'genomics', format, unit: 'bases', cell: 'u8', channels: 1 })
  const total = new Float64Array(256)
  for (const { source, detected } of job.files) {
    const alphabet = alphabetFor(job.options, source.name, detected.format)
    const input = { file: source.name, stem: source.stem, sink: writer, report: job.report, names: job.names, ...alphabet }
    const parser = sequenceParser(detected.format, input)
    job.phase(`reading ${source.name}`)
    if (detected.bom > 0 || detected.encoding !== 'utf-8') {
      const what = detected.encoding === 'utf-8' ? 'starts with a byte order mark; it was left out' : 'is UTF-16; it was read as such'
      job.report.add('note', 'sequence/encoding', { file: source.name, byte: 1 }, `${source.name} ${what}.`)
    }
    for await (const piece of utf8Pieces(job.read(source), detected.encoding, false)) parser.push(piece)
    parser.end()
    if (!protein) reportLetters(job.report, source.name, parser.counts, parser instanceof FlatFileParser)
    parser.counts.forEach((n, byte) => (total[byte] += n))
  }
  return {
    format,
    unit: 'bases',
    layout: protein ? { unit: 'residues' } : {},
    codec: codec ?? { kind: 'nucleotide' },
    ...(codec ? {} : { cut: (plan) => learnBpe(job, writer, 'dna', plan) }),
    facts: { ...(protein ? {} : letterFacts(total)), longest: writer.records.reduce((most, record) => Math.max(most, record.length), 0) },
  }
}
