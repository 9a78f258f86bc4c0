import { afterEach, beforeEach, expect, it } from 'vitest'
import { inspectFiles } from '../importing/inspect.ts'
import { getStoredDataset, readCells } from '../store/store.ts'
import { testProject, type TestProject } from '../testing/project.ts'
import { FeatureTable, parseLocation } from './featureTable.ts'

let project: TestProject
beforeEach(() => (project = testProject()))
afterEach(() => project.remove())

it.each([
  ['3..9', ['3-9']],
  ['<3..>9', ['3-9']],
  ['7', ['7-7']],
  ['complement(3..9)', ['9-3']],
  ['join(1..2,5..6,9)', ['1-2', '5-6', '9-9']],
  ['complement(join(1..2,5..6))', ['6-5', '2-1']],
  ['join(complement(5..6),complement(1..2))', ['6-5', '2-1']],
  ['order(1..2, 5..6)', ['1-2', '5-6']],
  ['3^4', []],
  ['J00194.1:100..202', []],
  ['join(1..2,J00194.1:100..202)', []],
  ['9..3', []],
])('a location %s is read as the definition says', (text, expected) => {
  expect(parseLocation(text).map(({ from, to, reverse }) => (reverse ? `${to}-${from}` : `${from}-${to}`))).toEqual(expected)
})

it('a table: locations over several lines, names by qualifier, wanted types only', () => {
  const table = new FeatureTable(['CDS', 'tRNA'])
  const lines = [
    'source          1..30',
    '                /organism="x"',
    'CDS             join(1..4,',
    '                7..9)',
    '                /codon_start=1',
    '                /locus_tag="b1"',
    '                /gene="thrA"',
    '                /note="a text with 5..9',
    '                that goes on"',
    'gene            complement(5..9)',
    'tRNA            complement(5..9)',
    '                /product="tRNA-Ala"',
  ]
  lines.forEach((line) => table.line(line))
  expect(table.take()).toEqual([
    {
      type: 'CDS',
      stretches: [
        { from: 1, to: 4, reverse: false },
        { from: 7, to: 9, reverse: false },
      ],
      name: 'thrA',
    },
    { type: 'tRNA', stretches: [{ from: 5, to: 9, reverse: true }], name: 'tRNA-Ala' },
  ])
  expect(table.take()).toEqual([])
})

const genbank = `LOCUS       X1 20 bp DNA
FEATURES             Location/Qualifiers
     source          1..20
     CDS             join(1..3,
                     7..9)
                     /gene="a"
     tRNA            complement(11..14)
     tRNA            18..25
ORIGIN
        1 aacctggtta aaccggtttt
//
LOCUS       X2 8 bp DNA
FEATURES             Location/Qualifiers
     CDS             2..5
                     /gene="a"
ORIGIN
        1 ggcatcgg
//
`
const embl = `ID   X1; SV 1; linear; DNA; STD; PRO; 20 BP.
FH   Key             Location/Qualifiers
FT   CDS             join(1..3,
FT                   7..9)
FT                   /gene="a"
FT   tRNA            complement(11..14)
SQ   Sequence 20 BP;
     aacctggtta aaccggtttt                                                    20
//
`

it('cuts features out of GenBank and EMBL, the other strand as it reads, grouped by their sequence', async () => {
  const detail = await project.add('a.gb', genbank, { labels: { from: 'feature' } })
  const stored = getStoredDataset(project.store, detail.id)
  expect(Buffer.from(readCells(project.store, stored, 0, stored.length)).toString()).toBe('AACGTT' + 'GGTT' + 'GCAT')
  const { labels } = detail
  expect(detail.recordsPage.map(({ name, label, group }) => [name, labels?.kind === 'class' && labels.names[label!], group])).toEqual([
    ['X1 a', 'CDS', 'X1'],
    ['X1 tRNA 11', 'tRNA', 'X1'],
    ['X2 a', 'CDS', 'X2'],
  ])
  expect(detail.report.accepted).toBe(3)
  expect(detail.report.problems.map(({ message }) => message)).toContain(
    '1 feature of "X1" in a.gb lies on another sequence, between two bases or past the end; it was left out.',
  )
  const same = await project.add('a.embl', embl, { labels: { from: 'feature', features: ['CDS', 'tRNA'] } })
  expect(same.recordsPage.map(({ name }) => name)).toEqual(['X1 a', 'X1 tRNA 11'])
  await expect(project.add('a.fa', '>a\nACGT\n', { labels: { from: 'feature' } })).rejects.toThrow('a.fa is FASTA')
  await expect(project.add('b.gb', genbank, { labels: { from: 'feature', features: ['rRNA'] } })).rejects.toThrow('none of these features')
})

it('a preview shows the features that will be cut out', async () => {
  const { firstRecords, records } = await inspectFiles([project.file('a.gb', genbank)], { labels: { from: 'feature' } })
  expect(records).toBe(3)
  expect(firstRecords.map(({ name, label, group, length, excerpt }) => [name, label, group, length, excerpt])).toEqual([
    ['X1 a', 'CDS', 'X1', 6, 'AACGTT'],
    ['X1 tRNA 11', 'tRNA', 'X1', 4, 'GGTT'],
    ['X2 a', 'CDS', 'X2', 4, 'GCAT'],
  ])
})
