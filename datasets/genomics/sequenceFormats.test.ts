/** FASTQ, GenBank and EMBL: what is read, and what is told of it. */
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ImportOptions } from '../../main/contract/importing.ts'
import { importFiles } from '../importing/importFiles.ts'
import { inspectFiles } from '../importing/inspect.ts'
import { getDataset, getStoredDataset, readCells } from '../store/store.ts'
import { testProject, type TestProject } from '../testing/project.ts'
import { Names } from '../importing/names.ts'
import { ReportBuilder } from '../importing/report.ts'
import { sequenceParser } from './importSequences.ts'
import { bases, embl, genbank, read, flatLines } from '../testing/sequenceFiles.ts'

interface Told {
  file: string
  content: string | Uint8Array
  options?: ImportOptions
  says: string
  line?: number
  sequence: string
  names?: string[]
}

const told: Told[] = [
  {
    file: 'last.fa',
    content: `>a\nacgt\n>b\n${bases}\n; a comment without a line end`,
    says: 'Lower-case letters (soft-masked) were read as upper case: 4.',
    sequence: `ACGT${bases}`,
    names: ['a', 'b'],
  },
  {
    file: 'sanger.fastq',
    content: read('a', bases, `!${'I'.repeat(15)}`),
    says: 'The qualities of sanger.fastq (Phred+33, from 0 to 40, mean 37.5) were checked; Strand stores the sequences without them.',
    sequence: bases,
  },
  { file: 'illumina.fastq', content: read('a', 'ACGT', 'Bhhh'), says: '(Phred+64, from 2 to 40, mean 30.5)', sequence: 'ACGT' },
  { file: 'dots.fastq', content: read('a', 'AC.T'), says: '"." (an unknown base) was read as N: 1.', sequence: 'ACNT' },
  {
    file: 'twice.fastq',
    content: read('a') + read('a second'),
    says: 'The name "a" at line 5 of twice.fastq was used before; this record is now "a (2)".',
    line: 5,
    sequence: bases + bases,
    names: ['a', 'a (2)'],
  },
  {
    file: 'skip.fastq',
    content: read('a', 'AAAA') + read('b', bases, 'II') + read('c', 'CCCC') + read('d', 'AEA') + read('e', 'GGGG'),
    options: { onProblem: 'skip' },
    says: 'Record "b" at line 5 of skip.fastq has 16 bases but 2 qualities. The record was left out.',
    line: 5,
    sequence: 'AAAACCCCGGGG',
    names: ['a', 'c', 'e'],
  },
  {
    file: 'stray.fastq',
    content: `${read('a', 'AAAA')}left over\n@@@@\n${read('c', 'CCCC')}`,
    options: { onProblem: 'skip' },
    says: 'Line 5 of stray.fastq should start a record with "@", but holds "l".',
    line: 5,
    sequence: 'AAAACCCC',
    names: ['a', 'c'],
  },
  {
    file: 'lies.gb',
    content: genbank(bases, { stated: 5386 }),
    says: 'Record "TEST1" at line 1 of lies.gb states 5,386 bp, but its sequence has 16; the sequence was read as it is.',
    line: 1,
    sequence: bases,
  },
  {
    file: 'open.gb',
    content: genbank(bases, { end: '' }),
    says: 'Record "TEST1" at line 1 of open.gb ends without "//"; its sequence has the 16 bases it states, so it was kept.',
    sequence: bases,
  },
  {
    file: 'some.gb',
    content: genbank('mk', { unit: 'aa' }) + genbank(bases, { name: 'pUC19 copy' }) + genbank('acgtacgtac', { name: '' }),
    options: { onProblem: 'skip' },
    says: 'Record "TEST1" at line 1 of some.gb is a protein (2 aa); Strand reads DNA and RNA here. The record was left out.',
    line: 1,
    sequence: `${bases}ACGTACGTAC`,
    names: ['pUC19 copy', 'X00001'],
  },
  {
    file: 'release.seq',
    content: `GBSYN1.SEQ          Genetic Sequence Data Bank\n                          April 15 2026\n\n${genbank(bases)}`,
    says: '2 lines were outside of any record of release.seq and left out, the first is line 1.',
    line: 1,
    sequence: bases,
  },
  { file: 'rna.embl', content: embl('acguu'), says: 'U was read as T: 2.', sequence: 'ACGTT', names: ['X56734'] },
  {
    file: 'marked.gb',
    content: `\ufeff${genbank(bases)}`,
    says: 'marked.gb starts with a byte order mark; it was left out.',
    sequence: bases,
  },
  {
    file: 'wide.fa',
    content: Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(`>a\r\n${bases}\r\n`, 'utf16le')]),
    says: 'wide.fa is UTF-16; it was read as such.',
    sequence: bases,
  },
]

let project: TestProject
beforeAll(() => (project = testProject()))
afterAll(() => project.remove())

function sequenceOf(id: number): string {
  const dataset = getStoredDataset(project.store, id)
  return Buffer.from(readCells(project.store, dataset, 0, dataset.length)).toString('latin1')
}

describe('read, and told in the report', () => {
  it.each(told)('$file: $says', async ({ file, content, options, says, line, sequence, names }) => {
    const detail = await project.add(file, content, options)
    const problem = detail.report.problems.find(({ message }) => message.includes(says))
    expect(problem ?? detail.report.problems).toMatchObject({ message: expect.stringContaining(says), file })
    if (line !== undefined) expect(problem!.line).toBe(line)
    expect(sequenceOf(detail.id)).toBe(sequence)
    if (names) expect(detail.recordsPage.map(({ name }) => name)).toEqual(names)
  })
})

/** Letters from a small generator, so that a swapped line shows. */
function letters(n: number, seed: number): string {
  let x = seed
  return Array.from({ length: n }, () => 'ACGTN'[((x = (Math.imul(x, 1_103_515_245) + 12_345) >>> 0) >>> 16) % 5]).join('')
}

describe('the sequence of every format is the same', () => {
  const one = letters(90_061, 1)
  const two = letters(20_000, 2)
  const wrapped = (text: string): string => text.replace(/.{70}/g, '$&\n')
  // wrapped qualities whose lines start with "@" and "+", which start a record and its second half elsewhere
  const qualities = (text: string): string => text.replace(/./g, (_, i: number) => '@+I#'[i % 7 === 0 ? 0 : i % 4])
  const four = read('one first', one, qualities(one)) + read('two', two, qualities(two))
  const forms: [string, string, string | Uint8Array][] = [
    ['FASTQ', 'four lines', four],
    ['FASTQ', 'DOS line ends', four.replaceAll('\n', '\r\n')],
    ['FASTQ', 'wrapped', `@one\n${wrapped(one)}\n+one\n${wrapped(qualities(one))}\n@two\n${wrapped(two)}\n+\n${wrapped(qualities(two))}`],
    ['FASTQ', 'gzip in two members', Buffer.concat([gzipSync(four.slice(0, 50_001)), gzipSync(four.slice(50_001))])],
    ['GenBank', 'LOCUS', genbank(one, { name: 'one' }) + genbank(two, { name: 'two' })],
    ['GenBank', 'DOS line ends', (genbank(one, { name: 'one' }) + genbank(two, { name: 'two' })).replaceAll('\n', '\r\n')],
    [
      'EMBL',
      'new ID',
      embl(one, { id: 'one; SV 1; linear; DNA; STD; PLN; 90061 BP.' }) + embl(two, { id: 'two; SV 1; linear; DNA; STD; PLN; 20000 BP.' }),
    ],
    ['EMBL', 'old ID', embl(one, { id: 'one   standard; DNA; PLN; 90061 BP.' }) + embl(two, { id: 'two   standard; DNA; PLN; 20000 BP.' })],
  ]
  it.each(forms)('%s, %s', async (format, _, content) => {
    const fasta = await project.add('same.fa', `>one\n${one}\n>two\n${two}\n`)
    const detail = await project.add('same.dat', content)
    expect(detail).toMatchObject({ format, domain: 'genomics', hash: fasta.hash, facts: fasta.facts })
    expect(detail.report).toMatchObject({ accepted: 2, repaired: 0, skipped: 0 })
    const preview = await inspectFiles([project.file('same.dat', content)])
    expect(preview).toMatchObject({ domain: 'genomics', format })
    expect(preview.firstRecords[0]).toMatchObject({ name: 'one', length: 90_061, excerpt: one.slice(0, 120) })
  })

  it('whatever pieces the file comes in', () => {
    const small: [Parameters<typeof sequenceParser>[0], string][] = [
      ['FASTA', `>a b\r\n${bases}\r\n${bases}\n>c\n${bases}`],
      ['FASTQ', `${read('a b')}@w\r\n${bases}\r\n${bases}\r\n+w x\r\n@${'I'.repeat(15)}\r\n+${'I'.repeat(15)}\r\n${read('c')}`],
      ['GenBank', genbank(one.slice(0, 200)) + genbank(bases)],
      ['EMBL', embl(one.slice(0, 200)) + embl(bases)],
    ]
    for (const [format, content] of small) {
      const results = [1, 2, 3, 7, 61, 1 << 20].map((size) => {
        const records: string[] = []
        const sink = {
          beginRecord: ({ name }: { name: string }) => records.push(`${name} `),
          append: (part: Uint8Array) => (records[records.length - 1] += Buffer.from(part).toString('latin1')),
          endRecord: () => undefined,
          discardRecord: () => records.pop(),
        }
        const parser = sequenceParser(format, { file: 'f', stem: 'f', sink, report: new ReportBuilder('stop'), names: new Names() })
        const bytes = Buffer.from(content)
        // a copy that is wiped afterwards, as the reader's buffer is used again
        for (let at = 0; at < bytes.length; at += size) {
          const piece = Buffer.from(bytes.subarray(at, at + size))
          parser.push(piece)
          piece.fill(0x40)
        }
        parser.end()
        return records
      })
      for (const result of results) expect(result, format).toEqual(results.at(-1))
      expect(results[0].length, format).toBeGreaterThan(1)
    }
  })
})

describe('found by content', () => {
  it.each([
    ['a list of names after "ID"', 'ID   name   value\n1    x      2\n2    y      3\n3    z      4\n'],
    ['a table about a LOCUS', 'LOCUS  start  end\n1  5  9\n2  6  10\n3  7  11\n'],
    ['a line to someone', '@anna\nTAG me when you are there.\n'],
  ])('%s is none of these formats', async (_, content) => {
    expect((await inspectFiles([project.file('x.txt', content)])).domain).not.toBe('genomics')
  })

  it('several formats may make one dataset', async () => {
    const paths = [project.file('1.fa', `>a\n${bases}\n`), project.file('2.fq', read('b')), project.file('3.gb', genbank(bases))]
    const { datasetId } = await importFiles(project.store, { paths, options: {} })
    expect(getDataset(project.store, datasetId)).toMatchObject({ format: 'FASTA and FASTQ and GenBank', records: 3, length: 48 })
    expect((await inspectFiles(paths)).firstRecords.map(({ name }) => name)).toEqual(['a', 'b', 'TEST1'])
  })

  it('a look at a large file takes no time, and says what LOCUS states', async () => {
    const long = `LOCUS       BIG 3000000 bp    DNA     linear   SYN 01-JAN-2026\n${'FEATURES    x\n'.repeat(30_000)}ORIGIN\n${flatLines('acgtacgtac'.repeat(300_000), true)}//\n`
    const path = project.file('big.gb', long)
    const started = performance.now()
    const preview = await inspectFiles([path])
    expect(performance.now() - started).toBeLessThan(300)
    expect(preview).toMatchObject({ format: 'GenBank', records: null, firstRecords: [{ name: 'BIG', length: 3_000_000, excerpt: '' }] })
  })
})
