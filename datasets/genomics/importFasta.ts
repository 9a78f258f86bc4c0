import type { Imported, ImportJob } from '../importing/job.ts'
import { count } from '../importing/source.ts'
import { FastaParser } from './fastaParser.ts'
import { AMBIGUOUS, nucleotideCodec } from './nucleotideCodec.ts'

/** FASTA files → one dataset, a record for each sequence; a cell is one upper-case letter. */
export async function importFasta(job: ImportJob): Promise<Imported> {
  const writer = job.write({ domain: 'genomics', format: 'FASTA', unit: 'bases', cell: 'u8', channels: 1 })
  const total = new Float64Array(256)
  for (const { source } of job.files) {
    const parser = new FastaParser(source.name, source.stem, writer, job.report, job.names)
    job.phase(`reading ${source.name}`)
    for await (const piece of job.read(source)) parser.push(piece)
    parser.end()
    reportLetters(job, source.name, parser.counts)
    parser.counts.forEach((n, byte) => (total[byte] += n))
  }
  const of = (letters: string): number => [...letters].reduce((sum, letter) => sum + total[letter.charCodeAt(0)], 0)
  const bases = total.reduce((sum, n) => sum + n, 0)
  const known = of('ACGTUacgtu')
  return {
    format: 'FASTA',
    unit: 'bases',
    layout: {},
    codec: nucleotideCodec.toJSON(),
    facts: {
      ...(known > 0 ? { GC: +(of('GCgc') / known).toFixed(4) } : {}),
      ...(known < bases ? { N: +((bases - known) / bases).toFixed(6) } : {}),
      longest: writer.records.reduce((most, record) => Math.max(most, record.length), 0),
    },
  }
}

/** What was read as something else, once a file: nothing is changed silently. */
function reportLetters(job: ImportJob, file: string, counts: Float64Array): void {
  const of = (letters: string): number => [...letters].reduce((sum, letter) => sum + counts[letter.charCodeAt(0)], 0)
  const note = (letters: string, kind: string, sentence: (n: string) => string): void => {
    const n = of(letters)
    if (n > 0) job.report.add('note', kind, { file }, sentence(count(n)))
  }
  note(`acgtun${AMBIGUOUS.toLowerCase()}x`, 'fasta/lower', (n) => `Lower-case letters (soft-masked) were read as upper case: ${n}.`)
  note('Uu', 'fasta/rna', (n) => `U was read as T: ${n}.`)
  note('Xx', 'fasta/mask', (n) => `X (masked) was read as N: ${n}.`)
  note(
    AMBIGUOUS + AMBIGUOUS.toLowerCase(),
    'fasta/iupac',
    (n) => `IUPAC letters for more than one base are kept, a model reads them as N: ${n}.`,
  )
}
