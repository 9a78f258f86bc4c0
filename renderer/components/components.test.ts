import { expect, test } from 'vitest'
import { searchCommands, splitMatch, type Command } from './frame/commands.ts'
import { joinShades, shadeTokens } from './generate/surprise.ts'
import { ownWords, stackRows } from './models/stack.ts'
import type { ImportPreview } from '../../main/contract/importing.ts'
import { importChoices } from './importing/importChoices.ts'
import { groupRuns } from './runs/grouping.ts'
import type { RunSummary } from '../../main/contract/run.ts'

const command = (text: string, detail?: string): Command => ({ id: text, group: 'Do', text, detail, icon: {}, run: () => undefined })

test('the palette finds commands by the words in them, starts first', () => {
  const all = [command('Export lambda'), command('lambda', '1 record'), command('Dark theme')]
  expect(searchCommands(all, 'lam').map((one) => one.text)).toEqual(['lambda', 'Export lambda'])
  expect(searchCommands(all, 'record lambda').map((one) => one.text)).toEqual(['lambda'])
  expect(splitMatch('Export lambda', 'lam')).toEqual([
    { text: 'Export ', match: false },
    { text: 'lam', match: true },
    { text: 'bda', match: false },
  ])
})

test('surprise belongs to characters, and bytes are joined to theirs', () => {
  expect(shadeTokens('ab', [1, 2])).toEqual([
    { text: 'a', bits: 1 },
    { text: 'b', bits: 2 },
  ])
  expect(shadeTokens('aé', [1, 2, 3])).toEqual([
    { text: 'a', bits: 1 },
    { text: 'é', bits: 5 },
  ])
  expect(shadeTokens('ab', [1]).every((token) => token.bits === null)).toBe(true)
  expect(joinShades(shadeTokens('aab', [0, 0, 8]))).toEqual([
    { text: 'aa', shade: 0 },
    { text: 'b', shade: 42 },
  ])
})

test('a layer with options of its own is a row of its own, with them', () => {
  const layer = (
    at: number,
    own?: Record<string, number>,
  ): { name: string; kind: string; parameters: number; own?: Record<string, number> } => ({
    name: `backbone.layers.${at}`,
    kind: 'attention',
    parameters: 10,
    ...(own ? { own } : {}),
  })
  const rows = stackRows([layer(0), layer(1, { window: 64 }), layer(2, { window: 64 })])
  expect(rows.map(({ repeat, own }) => [repeat, ownWords(own)])).toEqual([
    [1, ''],
    [2, 'window 64'],
  ])
})

test('layers of one kind that follow each other are one row', () => {
  const layers = [
    { name: 'embedding', kind: 'embedding', parameters: 10 },
    ...[0, 1, 2].map((i) => ({ name: `layers.${i}.mixer`, kind: 'mamba', parameters: 100 })),
    { name: 'norm_f', kind: 'RMSNorm', parameters: 4 },
    { name: 'lm_head', kind: 'linear', parameters: 0 },
  ]
  expect(stackRows(layers, { mamba: 'Mamba' }).map((row) => [row.title, row.repeat, row.inGroup])).toEqual([
    ['Embedding', 1, false],
    ['Mamba', 3, true],
    ['Last RMSNorm', 1, false],
    ['Head', 1, false],
  ])
})

const run = (id: number, datasetId: number, best: number | null): RunSummary =>
  ({
    id,
    name: `run-${id}`,
    datasetId,
    datasetName: `set-${datasetId}`,
    domain: 'text',
    preset: 'mamba-small',
    state: 'done',
    bestValidationLoss: best,
    startedAt: `2026-01-0${id}`,
    baseline: null,
    metric: { unit: 'nats per character' },
  }) as RunSummary

test('runs are grouped by dataset, best first, those without a score last', () => {
  const runs = [run(1, 1, null), run(2, 2, 1.1), run(3, 1, 1.7), run(4, 1, 1.6)]
  const grouped = (filter: string, down = false): [string, number[]][] =>
    groupRuns(runs, filter, { key: 'best', down }).map((group) => [group.name, group.runs.map((one) => one.id)])
  expect(grouped('')).toEqual([
    ['set-1', [4, 3, 1]],
    ['set-2', [2]],
  ])
  expect(grouped('set-2')).toEqual([['set-2', [2]]])
})

test('the choices of the import sheet follow what was found, and say what they change', () => {
  const table = {
    delimiter: ';',
    decimal: ',',
    thousands: 'none',
    header: true,
    units: false,
    rows: 'moments',
    order: 'file',
    newestFirst: false,
    columns: [{ name: 'a', role: 'value' }],
  } as const
  const found = { domain: 'timeseries', format: 'CSV with semicolons', records: 1, encoding: 'windows-1252' } as ImportPreview
  const csv = importChoices({ table: { units: true } }, { ...found, table: { ...table, columns: [...table.columns] } })
  expect(csv.main.map(({ key, value }) => [key, value])).toEqual([
    ['onProblem', 'stop'],
    ['missing', 'mask'],
  ])
  expect(csv.more.map(({ key }) => key)).toEqual([
    'table.delimiter',
    'table.decimal',
    'table.thousands',
    'table.header',
    'table.units',
    'table.rows',
    'encoding',
  ])
  expect(csv.more[3].part('false')).toEqual({ table: { units: true, header: false } })
  expect(csv.more[6].part('koi8-r')).toEqual({ encoding: 'koi8-r' })
  const npy = importChoices({}, { ...found, format: 'NumPy array, 4 × 5, f4, 5 channels' })
  expect(npy.more.map(({ key, part }) => [key, part('auto'), part('time')])).toEqual([['axes', { axes: undefined }, { axes: 'time' }]])
  const text = importChoices({ records: 'lines' }, { ...found, domain: 'text', format: 'text, UTF-8' })
  expect(text.more[0]).toMatchObject({ key: 'records', value: 'lines' })
})
