import { afterAll, beforeAll, expect, it } from 'vitest'
import { importFiles } from '../importing/importFiles.ts'
import { testProject, wav, type TestProject } from '../testing/project.ts'
import { inspectSignal } from './signal.ts'

let project: TestProject
beforeAll(() => (project = testProject()))
afterAll(() => project.remove())

async function files(contents: Record<string, string | Uint8Array>): Promise<number> {
  const paths = Object.entries(contents).map(([name, content]) => project.file(name, content))
  return (await importFiles(project.store, { paths, options: {} })).datasetId
}
const sound = (of: (i: number) => number): Buffer => wav(Buffer.from(Int16Array.from({ length: 4000 }, (_, i) => of(i)).buffer))
const names = (rows: { name: string }[]): string[] => rows.map(({ name }) => name)

it('sound: clipped, silent and off-centre records are named, levels counted', async () => {
  const id = await files({
    'good.wav': sound((i) => 8000 * Math.sin(i / 5)),
    'peak.wav': sound((i) => (i === 9 ? 32_767 : 8000 * Math.sin(i / 5))),
    'clipped.wav': sound((i) => Math.max(-32_768, Math.min(32_767, 50_000 * Math.sin(i / 20)))),
    'silent.wav': sound((i) => (i % 2 ? 9 : -9)),
    'offset.wav': sound((i) => 1000 + 2000 * Math.sin(i / 5)),
  })
  const { flags, distribution, looked } = await inspectSignal(project.store, id)
  expect(flags.map(({ id: flag, examples }) => [flag, names(examples)])).toEqual([
    ['clipped', ['clipped']],
    ['silent', ['silent']],
    ['offset', ['offset']],
  ])
  expect(flags[0].sentence).toBe('In 1 record the sound stays at full scale for 3 samples or more: the tops of its waves are cut off.')
  expect(distribution.bins.reduce((sum, bin) => sum + bin.records, 0)).toBe(5)
  expect(names(distribution.bins[0].examples)).toEqual(['silent'])
  expect(distribution.bins[0].from).toBeCloseTo(20 * Math.log10(9 / 32_768), 2)
  expect(looked).toEqual({ records: 5, ofRecords: 5, cells: 20_000, ofCells: 20_000 })
})

it('DNA: unknown bases, one letter, GC', async () => {
  const unknown = 'ACGT'.repeat(10) + 'N'.repeat(30)
  const id = await files({
    'g.fa': `>gc\n${'GC'.repeat(50)}\n>at\n${'AT'.repeat(50)}\n>unknown\n${unknown}\n>poly\n${'A'.repeat(100)}\n`,
  })
  const { flags, distribution } = await inspectSignal(project.store, id)
  expect(flags.map(({ id: flag, examples }) => [flag, names(examples)])).toEqual([
    ['unknown', ['unknown']],
    ['one-letter', ['poly']],
  ])
  const { bins } = distribution
  expect([bins.length, bins[0].from, bins[23].to]).toEqual([24, 0, 1])
  expect([names(bins[0].examples), names(bins[12].examples), names(bins[23].examples)]).toEqual([['at', 'poly'], ['unknown'], ['gc']])
})

it('a series: gaps, missing values, channels that never change', async () => {
  const hour = (i: number): string => `2020-01-${i < 20 ? '01' : '02'} ${String(i % 20).padStart(2, '0')}:00`
  const rows = Array.from({ length: 40 }, (_, i) => `${hour(i)},${i},5,${i === 7 ? '' : i * 2}`)
  const id = await files({ 's.csv': `date,a,fixed,b\n${rows.join('\n')}\n` })
  const { flags, channels, distribution } = await inspectSignal(project.store, id)
  expect(flags.map(({ id: flag }) => flag)).toEqual(['gap', 'missing'])
  expect(channels).toEqual([
    { name: 'a', missing: 4 / 44, constant: false, low: 0, high: 39 },
    { name: 'fixed', missing: 4 / 44, constant: true, low: 5, high: 5 },
    { name: 'b', missing: 5 / 44, constant: false, low: 0, high: 78 },
  ])
  expect(distribution.bins).toMatchObject([{ records: 1 }])
})

it('text: broken characters', async () => {
  const id = await files({ 'a.txt': 'some words', 'b.txt': 'a \ufffd b', 'c.txt': 'more' })
  const { flags } = await inspectSignal(project.store, id)
  expect(flags.map(({ id: flag, examples }) => [flag, names(examples)])).toEqual([['broken', ['b']]])
})

it('ends when it is cancelled', async () => {
  const id = await files({ 'long.fa': `>a\n${'ACGTACGTAC'.repeat(500_000)}\n` })
  const abort = new AbortController()
  abort.abort()
  await expect(inspectSignal(project.store, id, abort.signal)).rejects.toMatchObject({ code: 'cancelled' })
})
