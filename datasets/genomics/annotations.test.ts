/** Regions, features and variants against a FASTA: what is cut, on which strand, under which label; and what is refused. */
import { readdirSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DatasetDetail } from '../../main/contract/dataset.ts'
import type { ImportOptions } from '../../main/contract/importing.ts'
import { importFiles } from '../importing/importFiles.ts'
import { inspectFiles } from '../importing/inspect.ts'
import { getDatasetDetail, getRecord, getStoredDataset, listRecords, readCells } from '../store/store.ts'
import { testProject, type TestProject } from '../testing/project.ts'

//                        0         1         2         3
//                        0123456789012345678901234567890123456789
const chr1 = 'ACGTACGTTTGGCCAATTCCGGATATCGCGTTAACCGGTT'
const chr2 = 'TTTTTCCCCCAAAAAGGGGG'
const fasta = `>chr1 first\n${chr1.slice(0, 15)}\n${chr1.slice(15)}\n>chr2\n${chr2.toLowerCase()}\n`

let project: TestProject
beforeAll(() => (project = testProject()))
afterAll(() => project.remove())

async function imported(files: Record<string, string>, options: ImportOptions = {}): Promise<DatasetDetail> {
  const paths = Object.entries(files).map(([name, content]) => project.file(name, content))
  const { datasetId } = await importFiles(project.store, { paths, options })
  return getDatasetDetail(project.store, datasetId)
}

function recordsOf({ id, labels }: DatasetDetail): [name: string, label: string | null, bases: string][] {
  const dataset = getStoredDataset(project.store, id)
  return listRecords(project.store, id, 0, 100).map((record) => {
    const { start, length } = getRecord(project.store, id, record.id)
    const label = record.label === null ? null : labels?.kind === 'class' ? labels.names[record.label] : String(record.label)
    return [record.name, label, Buffer.from(readCells(project.store, dataset, start, length)).toString()]
  })
}
const messages = ({ report }: DatasetDetail): string[] => report.problems.map(({ message }) => message)

describe('BED', () => {
  it('three columns: windows of the sequence, from 0, the end not included', async () => {
    const detail = await imported({ 'a.bed': 'track name=x\nchr1\t0\t8\nchr2\t5\t10\n', 'g.fa': fasta })
    expect(detail).toMatchObject({ format: 'BED with FASTA', domain: 'genomics', records: 2 })
    expect(recordsOf(detail)).toEqual([
      ['chr1:1-8(+)', null, 'ACGTACGT'],
      ['chr2:6-10(+)', null, 'CCCCC'],
    ])
    expect(listRecords(project.store, detail.id, 0, 9).map(({ group }) => group)).toEqual(['chr1', 'chr2'])
    expect(detail.report).toMatchObject({ accepted: 2 })
  })

  it('a strand turns the region, names that repeat are labels, flanks stop at the ends', async () => {
    const bed = 'chr1\t0\t4\tpromoter\t0\t+\nchr1\t8\t12\tother\t0\t-\n1\t36\t40\tpromoter\t0\t-\nchr2\t0\t4\tother\t0\t+\n'
    expect(recordsOf(await imported({ 'g.fa': fasta, 'a.bed': bed }))).toEqual([
      ['chr1:1-4(+)', 'promoter', 'ACGT'],
      ['chr1:9-12(-)', 'other', 'CCAA'],
      ['chr1:37-40(-)', 'promoter', 'AACC'],
      ['chr2:1-4(+)', 'other', 'TTTT'],
    ])
    const flanked = await imported({ 'g.fa': fasta, 'a.bed': bed }, { flank: 2 })
    expect(recordsOf(flanked).map(([, , bases]) => bases)).toEqual(['ACGTAC', 'GGCCAAAC', 'AACCGG', 'TTTTTC'])
    expect(messages(flanked)).toContain('"1" of a.bed was read as the sequence "chr1".')
  })

  it('names that do not repeat call the regions', async () => {
    const detail = await imported({ 'g.fa': fasta, 'a.bed': 'chr1\t0\t4\tx1\nchr1\t4\t8\tx2\nchr1\t8\t12\tx3\n' })
    expect(recordsOf(detail).map(([name, label]) => [name, label])).toEqual([
      ['x1 chr1:1-4(+)', null],
      ['x2 chr1:5-8(+)', null],
      ['x3 chr1:9-12(+)', null],
    ])
  })

  it('twelve columns: the region, or its blocks joined', async () => {
    const bed = 'chr1\t2\t14\tm\t0\t-\t2\t14\t0\t2\t3,4,\t0,8,\n'
    expect(recordsOf(await imported({ 'g.fa': fasta, 'a.bed': bed }))[0][2]).toBe('GGCCAAACGTAC')
    // bedtools getfasta -split -s: the blocks in order, then the other strand of them
    expect(recordsOf(await imported({ 'g.fa': fasta, 'a.bed': bed }, { splice: true }))[0][2]).toBe('GGCCTAC')
  })
})

describe('GFF3', () => {
  const gff = [
    '##gff-version 3',
    '##sequence-region chr1 1 40',
    'chr1\tx\tregion\t1\t40\t.\t+\t.\tID=chr1',
    'chr1\tx\tgene\t1\t12\t.\t+\t.\tID=g1;Name=abc%20D',
    'chr1\tx\tCDS\t9\t12\t.\t-\t0\tParent=g1',
    'chr2\tx\tgene\t1\t5\t.\t.\t.\tID=g2',
    '',
  ].join('\n')

  it('a record for each feature, from 1, the end included; its type is the label', async () => {
    const detail = await imported({ 'g.fa': fasta, 'a.gff3': gff })
    expect(recordsOf(detail)).toEqual([
      ['abc D chr1:1-12(+)', 'gene', 'ACGTACGTTTGG'],
      ['chr1:9-12(-)', 'CDS', 'CCAA'],
      ['g2 chr2:1-5(+)', 'gene', 'TTTTT'],
    ])
    expect(messages(detail)).toContain('Passed over in a.gff3: region (1).')
  })

  it('of chosen types, with its sequences in the same file', async () => {
    const detail = await imported({ 'a.gff3': `${gff}##FASTA\n${fasta}` }, { features: ['CDS'] })
    expect(recordsOf(detail).map(([, label, bases]) => [label, bases])).toEqual([['CDS', 'CCAA']])
    const preview = await inspectFiles([project.file('a.gff3', `${gff}##FASTA\n${fasta}`)])
    expect(preview).toMatchObject({ domain: 'genomics', format: 'GFF3', records: 3, firstRecords: [{ name: 'abc D', length: 12 }, {}, {}] })
    expect(preview.refusal).toBeUndefined()
  })
})

describe('VCF', () => {
  const vcf = (...rows: string[]): string => `##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n${rows.join('\n')}\n`

  it('without windows: each sequence with the first alternative of every variant', async () => {
    const rows = [
      '1\t3\trs1\tG\tC,T\t.\t.\t.',
      '1\t5\t.\tAC\tA\t.\t.\t.',
      '1\t6\t.\tC\tG\t.\t.\t.',
      '1\t9\t.\tT\tTAA\t.\t.\t.',
      '2\t1\t.\tT\t<DEL>\t.\t.\t.',
    ]
    const detail = await imported({ 'g.fa': fasta, 'v.vcf': vcf(...rows) })
    expect(recordsOf(detail)).toEqual([['chr1 with variants', null, `ACCTAGTTAA${chr1.slice(9)}`]])
    expect(messages(detail)).toEqual(
      expect.arrayContaining([
        'Passed over in v.vcf: symbolic allele (1).',
        '3 variants of v.vcf were put into "chr1".',
        '1 variant of "chr1" in v.vcf has several alternative alleles; the first was put in.',
        '1 variant of "chr1" in v.vcf lies inside one before and was left out.',
      ]),
    )
  })

  it('with windows: the reference and every alternative, labelled', async () => {
    const detail = await imported({ 'g.fa': fasta, 'v.vcf': vcf('chr1\t3\trs1\tg\tC,TT\t.\t.\t.') }, { flank: 3 })
    expect(recordsOf(detail)).toEqual([
      ['rs1 chr1:3 G', 'reference', 'ACGTAC'],
      ['rs1 chr1:3 G>C', 'alternative', 'ACCTAC'],
      ['rs1 chr1:3 G>TT', 'alternative', 'ACTTTAC'],
    ])
  })
})

it.each<[string, Record<string, string>, ImportOptions, string]>([
  [
    'BED alone',
    { 'a.bed': 'chr1\t0\t8\n' },
    {},
    'a.bed lists regions of sequences that are in another file. Drop the FASTA (or 2bit, GenBank) they belong to',
  ],
  ['VCF alone', { 'v.vcf': '##fileformat=VCFv4.1\n1\t3\t.\tG\tC\n' }, {}, 'v.vcf lists variants of sequences that are in another file.'],
  [
    'GFF3 alone',
    { 'a.gff': '##gff-version 3\nc\tx\tgene\t1\t12\t.\t+\t.\tID=a\n' },
    {},
    'a.gff lists features of sequences that are in another file.',
  ],
  [
    'GTF alone',
    { 'a.gtf': 'c\tx\texon\t1\t12\t.\t+\t.\tgene_id "g1"; transcript_id "t1";\n' },
    {},
    'a.gtf lists features of sequences that are in another file.',
  ],
  [
    'beyond the end',
    { 'g.fa': fasta, 'a.bed': 'chr2\t5\t21\n' },
    {},
    'Line 1 of a.bed has a region of "chr2" that ends at 21, and the sequence has 20 bases.',
  ],
  [
    'unknown sequence',
    { 'g.fa': fasta, 'a.bed': 'chr1\t0\t4\nchr9\t0\t4\n' },
    {},
    'Line 2 of a.bed speaks of the sequence "chr9", and the files hold "chr1", "chr2".',
  ],
  [
    'backwards',
    { 'g.fa': fasta, 'a.bed': 'chr1\t0\t4\nchr1\t9\t4\n' },
    {},
    'Line 2 of a.bed has a region that ends at 4, not after its start 9.',
  ],
  ['strand', { 'g.fa': fasta, 'a.bed': 'chr1\t0\t4\nchr1\t0\t4\tn\t0\tx\n' }, {}, 'Line 2 of a.bed has "x" for a strand'],
  [
    'blocks',
    { 'g.fa': fasta, 'a.bed': 'chr1\t0\t9\tn\t0\t+\t0\t9\t0\t2\t3,\t0,5,\n' },
    {},
    'Line 1 of a.bed claims 2 blocks, with 1 sizes and 2 starts.',
  ],
  [
    'columns',
    { 'g.fa': fasta, 'a.gff': '##gff-version 3\nchr1 x gene 1 12\n' },
    {},
    'Line 2 of a.gff has 1 of the 9 columns of GFF, which tabs divide.',
  ],
  [
    'place 0',
    { 'g.fa': fasta, 'a.gff': '##gff-version 3\nchr1\tx\tgene\t0\t12\t.\t+\t.\t.\n' },
    {},
    'Line 2 of a.gff has "0" where a place from 1 on belongs.',
  ],
  [
    'no such type',
    { 'g.fa': fasta, 'a.gff': '##gff-version 3\nchr1\tx\tgene\t1\t12\t.\t+\t.\t.\n' },
    { features: ['exon'] },
    'a.gff holds no features of type exon. Choose another file or type.',
  ],
  [
    'another genome',
    { 'g.fa': fasta, 'v.vcf': '##fileformat=VCFv4.1\n1\t3\t.\tA\tC\n' },
    {},
    'Line 2 of v.vcf says that "chr1" has A at 3, and it has G: it was called on another sequence.',
  ],
  [
    'no bases',
    { 'g.fa': fasta, 'v.vcf': '##fileformat=VCFv4.1\n1\t3\t.\t<X>\tC\n' },
    {},
    'Line 2 of v.vcf has "<X>" as its reference, which is not bases.',
  ],
])('%s: one sentence, and nothing left behind', async (_, files, options, says) => {
  await expect(imported(files, options)).rejects.toMatchObject({ name: 'StrandError', message: expect.stringContaining(says) as string })
  expect(readdirSync(project.store.folder).filter((name) => name.startsWith('.sequences'))).toEqual([])
})

it('a drop of annotations alone is refused before anything is read', async () => {
  const preview = await inspectFiles([project.file('a.bed', 'chr1\t0\t8\n')])
  expect(preview.refusal).toContain('a.bed lists regions of sequences that are in another file.')
})

it('bad lines can be left out', async () => {
  const bed = 'chr1\t0\t4\nchr9\t0\t4\nchr1\tx\t4\nchr2\t0\t99\nchr2\t0\t5\n'
  const detail = await imported({ 'g.fa': fasta, 'a.bed': bed }, { onProblem: 'skip' })
  expect(recordsOf(detail).map(([, , bases]) => bases)).toEqual(['ACGT', 'TTTTT'])
  expect(detail.report).toMatchObject({ accepted: 2, skipped: 3 })
})

it('GTF: features as in GFF3, named by their transcript or gene', async () => {
  const gtf = ['gene\t1\t4\t.\t+\t.\tgene_id "g1";', 'exon\t5\t8\t.\t-\t.\tgene_id "g1"; transcript_id "t1";']
  const detail = await imported({ 'g.fa': fasta, 'a.gtf': `#!genome-build x\n${gtf.map((line) => `chr1\tsrc\t${line}\n`).join('')}` })
  expect(detail.format).toBe('FASTA with GTF')
  expect(recordsOf(detail).map(([name, , bases]) => [name, bases])).toEqual([
    ['g1 chr1:1-4(+)', 'ACGT'],
    ['t1 chr1:5-8(-)', 'ACGT'],
  ])
})
