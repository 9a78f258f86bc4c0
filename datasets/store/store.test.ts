import Database from 'better-sqlite3'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RunConfig } from '../../main/contract/run.ts'
import { all, run } from './connection.ts'
import { migrations, schemaVersion } from './migrations/migrations.ts'
import {
  appendEvent,
  appendMetrics,
  appendSample,
  bestCheckpoint,
  checkProject,
  createRun,
  DatasetWriter,
  deleteDataset,
  deleteRun,
  dropMetricsAfter,
  findDataset,
  getDatasetDetail,
  getRun,
  getRunDetail,
  getStoredDataset,
  insertCheckpoint,
  insertEvaluation,
  lastCheckpoint,
  listDatasets,
  listEvaluations,
  listMetrics,
  listRuns,
  listSegments,
  markInterrupted,
  openProject,
  openProjectReadonly,
  readCells,
  removeCheckpoint,
  updateRun,
  type SplitPlan,
  type WritableStore,
} from './store.ts'

let folder: string
let store: WritableStore

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'strand-store-'))
  store = openProject(folder)
})
afterEach(() => {
  store.close()
  rmSync(folder, { recursive: true, force: true })
})

const report = {
  accepted: 2,
  repaired: 0,
  skipped: 1,
  refused: 0,
  problems: [{ severity: 'skipped' as const, file: 'a.fa', line: 3, message: 'm' }],
}

function addDataset(name = 'genome', cells = 200_000, plan?: SplitPlan): number {
  const writer = new DatasetWriter(store, { name, domain: 'genomics', format: 'FASTA', unit: 'bases', cell: 'u8', channels: 1 })
  for (const record of ['one', 'two']) {
    writer.beginRecord(record)
    writer.append(Uint8Array.from({ length: cells }, (_, i) => (record === 'one' ? i % 251 : 255 - (i % 13))))
    writer.endRecord()
  }
  return writer.seal({
    sources: [{ name: 'a.fa', bytes: 10, sha256: 'ab' }],
    options: {},
    report,
    facts: { GC: 0.5 },
    codec: { kind: 'nucleotide' },
    layout: {},
    plan: plan ?? {
      rule: 'By record.',
      records: [
        'train',
        [
          { split: 'validation', start: 0, stop: 500 },
          { split: 'test', start: 500, stop: cells },
        ],
      ],
    },
  })
}

const config = { version: 2, training: { steps: 100 } } as RunConfig
const newRun = (datasetId: number): number =>
  createRun(store, {
    ...{ name: 'first', datasetId, preset: 'mamba-small', config, device: 'cpu', parameters: 12 },
    metric: { name: 'Loss', unit: 'nats per base', scale: 1, token: 'base' },
  })

describe('datasets', () => {
  it('reads back every window as it was written, across chunk borders', () => {
    const dataset = getStoredDataset(store, addDataset())
    expect(dataset.length).toBe(400_000)
    for (const [start, count] of [
      [0, 1],
      [65_530, 12],
      [0, 400_000],
      [199_999, 2],
      [131_072, 65_536],
      [399_999, 1],
    ]) {
      const expected = Uint8Array.from({ length: count }, (_, i) => {
        const at = start + i
        return at < 200_000 ? at % 251 : 255 - ((at - 200_000) % 13)
      })
      expect(readCells(store, dataset, start, count)).toEqual(expected)
    }
    expect(() => readCells(store, dataset, 399_999, 2)).toThrow('lies outside')
  })

  it('keeps report, sources and splits', () => {
    const detail = getDatasetDetail(store, addDataset())
    expect(detail.report).toEqual(report)
    expect(detail.splits.map(({ split, length, records }) => [split, length, records])).toEqual([
      ['train', 200_000, 1],
      ['validation', 500, 1],
      ['test', 199_500, 1],
    ])
    expect(detail.splits[1]).toMatchObject({ from: 'two, base 1', to: 'two, base 500' })
    expect(detail.recordsPage.map((record) => record.split)).toEqual(['train', 'mixed'])
    expect(listSegments(store, detail.id, 'test')).toMatchObject([{ record: 'two', start: 200_500, length: 199_500, position: 500 }])
    expect(findDataset(store, 'genome').id).toBe(detail.id)
    expect(() => findDataset(store, 'x')).toThrow('There is no dataset named "x". The project has: genome.')
  })

  it('gives the same hash to the same content and another to other splits', () => {
    const hashes = [addDataset('a'), addDataset('b'), addDataset('c', 200_000, { rule: 'r', records: ['train', 'test'] })].map(
      (id) => getDatasetDetail(store, id).hash,
    )
    expect(hashes[0]).toMatch(/^[0-9a-f]{64}$/)
    expect(hashes[1]).toBe(hashes[0])
    expect(hashes[2]).not.toBe(hashes[0])
  })

  it('discards a record whose cells were already written, from memory and from disk', () => {
    const bytes = (n: number, value: number): Uint8Array => new Uint8Array(n).fill(value)
    for (const bad of [10, 100_000, 9_000_000]) {
      const writer = new DatasetWriter(store, { name: 'd', domain: 'genomics', format: 'FASTA', unit: 'bases', cell: 'u8', channels: 1 })
      writer.beginRecord('good')
      writer.append(bytes(70_000, 1))
      writer.endRecord()
      writer.beginRecord('bad')
      writer.append(bytes(bad, 2))
      writer.discardRecord()
      writer.beginRecord('last')
      writer.append(bytes(70_000, 3))
      writer.endRecord()
      const plan: SplitPlan = { rule: 'r', records: ['train', 'test'] }
      const id = writer.seal({ sources: [], options: {}, report, facts: {}, codec: { kind: 'byte' }, layout: {}, plan })
      const cells = readCells(store, getStoredDataset(store, id), 0, 140_000)
      expect(cells.every((value, i) => value === (i < 70_000 ? 1 : 3))).toBe(true)
    }
    const hashes = new Set(listDatasets(store).map((dataset) => dataset.hash))
    expect(hashes.size).toBe(1)
  })

  it('shows nothing of an import that is not sealed, and removes it on abort', () => {
    const writer = new DatasetWriter(store, { name: 'd', domain: 'text', format: 'text', unit: 'bytes', cell: 'u8', channels: 1 })
    writer.beginRecord('r')
    writer.append(new Uint8Array(9_000_000))
    expect(all<{ n: number }>(store, 'SELECT count(*) AS n FROM chunk')[0].n).toBeGreaterThan(0)
    expect(listDatasets(store)).toEqual([])
    writer.abort()
    expect(all<{ n: number }>(store, 'SELECT count(*) AS n FROM chunk')[0].n).toBe(0)
    expect(checkProject(store)).toBeNull()
  })

  it('refuses to delete a dataset under its runs, and frees the disk once they are gone', () => {
    const id = addDataset()
    const runId = newRun(id)
    expect(() => deleteDataset(store, id)).toThrow('1 run was trained on "genome". Delete it first, then the dataset.')
    deleteRun(store, runId)
    deleteDataset(store, id)
    expect(listDatasets(store)).toEqual([])
    expect(all<{ freelist_count: number }>(store, 'PRAGMA freelist_count')[0].freelist_count).toBe(0)
  })
})

describe('runs', () => {
  it('follows a run from queued to its results', () => {
    const runId = newRun(addDataset())
    expect(getRun(store, runId)).toMatchObject({ state: 'queued', steps: 100, trainLoss: null, domain: 'genomics', datasetName: 'genome' })
    updateRun(store, runId, { state: 'running', baseline: { name: 'order-0 entropy', value: 1.38 }, memoryBytes: 5 })
    const point = { learningRate: 1e-3, gradNorm: 1, tokensPerSecond: 9 }
    appendMetrics(store, runId, [
      { step: 10, trainLoss: 2, validationLoss: 2.5, ...point },
      { step: 20, trainLoss: 1, validationLoss: 1.5, ...point },
    ])
    appendMetrics(store, runId, [{ step: 30, trainLoss: 0.5, ...point }])
    appendMetrics(store, runId, [{ step: 40, trainLoss: 0.4, validationLoss: 1.75, ...point }])
    appendSample(store, runId, { step: 20, text: 'ACGT', validationLoss: 1.5 })
    appendEvent(store, runId, { step: 20, text: 'best 1.5' })
    insertCheckpoint(store, runId, { step: 20, path: 'checkpoints/1/20', bytes: 5, sha256: 'x', best: true })
    insertCheckpoint(store, runId, { step: 40, path: 'checkpoints/1/40', bytes: 5, sha256: 'y', best: false })
    const detail = getRunDetail(store, runId)
    expect(detail).toMatchObject({
      step: 40,
      trainLoss: 0.4,
      validationLoss: 1.75,
      bestValidationLoss: 1.5,
      checkpointStep: 40,
      parameters: 12,
      config,
    })
    expect(detail.samples).toEqual([{ step: 20, text: 'ACGT', validationLoss: 1.5 }])
    expect(detail.events).toEqual([{ step: 20, text: 'best 1.5' }])
    expect(detail.baseline).toEqual({ name: 'order-0 entropy', value: 1.38 })
    expect(detail.datasetHash).toBe(getDatasetDetail(store, detail.datasetId).hash)
    expect(bestCheckpoint(store, runId)?.step).toBe(20)
    removeCheckpoint(store, runId, 'checkpoints/1/40')
    expect(lastCheckpoint(store, runId)?.step).toBe(20)
    dropMetricsAfter(store, runId, 20)
    expect(listMetrics(store, runId).map(({ step }) => step)).toEqual([10, 20])
    insertEvaluation(store, { runId, step: 20, sentence: 's' } as never)
    expect(listEvaluations(store, runId)).toMatchObject([{ step: 20, sentence: 's' }])
  })

  it('turns what was running into interrupted, and nothing else', () => {
    const datasetId = addDataset()
    const [a, b] = [newRun(datasetId), newRun(datasetId)]
    updateRun(store, a, { state: 'running' })
    updateRun(store, b, { state: 'done' })
    expect(markInterrupted(store, 'Strand was closed while this run trained. Resume it from step 0.')).toEqual([a])
    expect(listRuns(store).map(({ state }) => state)).toEqual(['done', 'interrupted'])
  })
})

describe('opening', () => {
  it('lets a read-only connection see what is committed, and never write', () => {
    const reader = openProjectReadonly(folder)
    const id = addDataset()
    expect(listDatasets(reader).map((dataset) => dataset.id)).toEqual([id])
    expect(() => run(reader as WritableStore, 'DELETE FROM dataset')).toThrow('is read-only')
    reader.close()
    expect(() => listDatasets(reader)).toThrow('The project was closed')
  })

  it('refuses a newer schema and changes nothing', () => {
    store.close()
    const raw = new Database(join(folder, 'project.sqlite'))
    raw.pragma(`user_version = ${schemaVersion + 10}`)
    raw.close()
    for (const open of [openProject, openProjectReadonly]) {
      expect(() => open(folder)).toThrow(
        expect.objectContaining({ code: 'database/newer', message: expect.stringContaining('newer Strand') }),
      )
    }
  })

  it('tells a damaged file and a foreign database', () => {
    store.close()
    writeFileSync(join(folder, 'project.sqlite'), 'this is not a database, whatever its name says. '.repeat(200))
    expect(() => openProject(folder)).toThrow(expect.objectContaining({ code: 'database/damaged' }))
    const foreign = mkdtempSync(join(tmpdir(), 'strand-store-'))
    const raw = new Database(join(foreign, 'project.sqlite'))
    raw.exec('CREATE TABLE cookies (id)')
    raw.close()
    expect(() => openProject(foreign)).toThrow('database of another program')
    rmSync(foreign, { recursive: true })
    expect(() => openProjectReadonly(foreign)).toThrow(expect.objectContaining({ code: 'not-found' }))
  })

  it('brings a project of the first schema up to date without losing a row', () => {
    const old = mkdtempSync(join(tmpdir(), 'strand-store-'))
    openProject(old, migrations.slice(0, 1)).close()
    expect(() => openProjectReadonly(old)).toThrow('older Strand')
    const upgraded = openProject(old)
    expect(listRuns(upgraded)).toEqual([])
    upgraded.close()
    rmSync(old, { recursive: true })
  })
})
