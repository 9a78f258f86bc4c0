/** What stands above the numbers of a table, and how its numbers and times are written, as other programs write them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DatasetDetail, DatasetPreview } from '../../main/contract/dataset.ts'
import { previewDataset } from '../preview/preview.ts'
import { getStoredDataset, listRecords, readCells } from '../store/store.ts'
import { testProject, type TestProject } from '../testing/project.ts'

let project: TestProject
beforeAll(() => (project = testProject()))
afterAll(() => project.remove())

const notes = ({ report }: DatasetDetail): string[] => report.problems.map(({ message }) => message)
const preview = ({ id }: DatasetDetail): DatasetPreview => previewDataset(project.store, { id })
function channels(detail: DatasetDetail): string[] {
  const shown = preview(detail)
  return shown.kind === 'timeseries' ? shown.channels : []
}
function values(detail: DatasetDetail): number[] {
  const dataset = getStoredDataset(project.store, detail.id)
  return [...new Float32Array(readCells(project.store, dataset, 0, dataset.length).buffer)]
}

describe('the first lines of a table', () => {
  it('R names no column of row names', async () => {
    const detail = await project.add('r.csv', '"v1","v2"\n"1",0.5,0.75\n"2",1.5,1.75\n"3",2.5,2.75\n')
    expect(channels(detail)).toEqual(['v1', 'v2'])
    expect(values(detail)).toEqual([0.5, 0.75, 1.5, 1.75, 2.5, 2.75])
  })

  it.each([
    ['pandas with its index', ',0,1,2\n0,0.5,7,3\n1,5,6,7.5\n2,1,4,9\n', [0.5, 7, 3, 5, 6, 7.5, 1, 4, 9]],
    ['pandas without it', '0,1\n5,6.5\n7,4\n', [5, 6.5, 7, 4]],
  ])('columns numbered by %s are titles, not a row', async (_, text, expected) => {
    const detail = await project.add('numbered.csv', text)
    expect(values(detail)).toEqual(expected)
    expect(channels(detail)).toEqual(['0', '1', '2'].slice(0, channels(detail).length))
  })

  it('a first row that counts as those below it do is a row', async () => {
    expect(values(await project.add('rows.csv', '1,2,3,4\n5,6,7,8\n2,3,4,5\n'))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 2, 3, 4, 5])
  })

  it('years across: each row is a series of its own, named by its first words', async () => {
    const detail = await project.add(
      'bank.csv',
      '"Country","Code","2000","2001","2002","2003"\n"Aruba","ABW",1,2,,4\n"Benin","BEN",5,6,7,8\n"Chad","TCD",1.5,2,3,4\n',
    )
    expect(detail.records).toBe(3)
    expect(listRecords(project.store, detail.id, 0, 9).map(({ name }) => name)).toEqual(['Aruba', 'Benin', 'Chad'])
    expect(values(detail)).toEqual([1, 2, NaN, 4, 5, 6, 7, 8, 1.5, 2, 3, 4])
  })

  it("Excel's line about the separator is none of the table", async () => {
    const detail = await project.add('excel.csv', 'sep=;\na;b\n1;2\n3;4,5\n')
    expect(channels(detail)).toEqual(['a', 'b'])
    expect(values(detail)).toEqual([1, 2, 3, 4.5])
  })

  it('what a logger writes of itself is passed over, and told', async () => {
    const table = 'time,temp,hum\n2024-01-01 00:00,1,4\n2024-01-01 01:00,2,5\n2024-01-01 02:00,3,6\n'
    const detail = await project.add('logger.csv', `Station: Oslo\nExported, 2024-05-01\n\n${table}`)
    expect(notes(detail)).toContain('2 lines above the table of logger.csv were passed over.')
    expect(channels(detail)).toEqual(['temp', 'hum'])
    expect(values(detail)).toEqual([1, 4, 2, 5, 3, 6])
  })
})

describe('numbers and times', () => {
  it.each([
    ['dollars', 'Date,Price\n1/13/2024,"$1,234.50"\n1/14/2024,-$3\n1/15/2024,$5.25\n', [1234.5, -3, 5.25]],
    ['euros', 'Tag;Preis\n01.02.2024;1 234,50 €\n02.02.2024;-3,00 €\n03.02.2024;13 €\n', [1234.5, -3, 13]],
    ['percent', 'day,share\n2024-01-01,12%\n2024-01-02,13.5 %\n2024-01-03,14%\n', [12, 13.5, 14]],
  ])('%s', async (_, text, expected) => {
    const detail = await project.add('money.csv', text)
    expect(values(detail)).toEqual(expected)
    expect(detail.report).toMatchObject({ accepted: 1, repaired: 0, skipped: 0 })
  })

  it('a column of words with a % in them stays words', async () => {
    const detail = await project.add('words.csv', 'a,b,c\n1.125,5% off,100.25\n2.125,6% off,200.75\n3.875,none,300.125\n')
    expect(channels(detail)).toEqual(['a', 'c'])
  })

  it('seconds from a start are times, not a channel, and a hole in them is told', async () => {
    const detail = await project.add('lab.csv', 'Time (s),v\n0,1\n0.5,2\n1,3\n1.5,4\n2,5\n3,6\n3.5,7\n')
    expect(channels(detail)).toEqual(['v'])
    expect(values(detail)).toEqual([1, 2, 3, 4, 5, NaN, 6, 7])
    expect(notes(detail)[0]).toContain('1 gap in time, before line 7 of lab.csv: 1 row was added; it is kept as missing.')
    expect(preview(detail)).toMatchObject({ times: ['0 s', '0.5 s', '1 s', '1.5 s', '2 s', '2.5 s', '3 s', '3.5 s'] })
  })

  it('dates without signs between their parts', async () => {
    const detail = await project.add('compact.csv', 'date,v\n20240130,1\n20240131,2\n20240201,4\n')
    expect(preview(detail)).toMatchObject({ times: ['2024-01-30', '2024-01-31', '2024-02-01'] })
  })
})
