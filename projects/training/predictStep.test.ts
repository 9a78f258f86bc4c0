import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { getRunDetail, lastCheckpoint } from '../../datasets/store/store.ts'
import { describeRun } from '../config/describeRun.ts'
import { keepSpeedsIn, knownDevices } from '../devices/speeds.ts'
import { TestProject, tiny } from '../testing/project.ts'

let project: TestProject
let folder: string
beforeEach(() => {
  project = new TestProject()
  folder = mkdtempSync(join(tmpdir(), 'strand-speeds-'))
})
afterEach(() => {
  keepSpeedsIn(null)
  project.close()
  rmSync(folder, { recursive: true })
})

test('a run says what a step should take, and what it took; measuring changes nothing of what is learned', async () => {
  const text = await project.import('periodic.txt', 'the quick brown fox jumps over the lazy dog. '.repeat(200))
  const set = { ...tiny, 'training.steps': 60, 'training.sample_every': 0, 'training.accumulate': 2 }
  const weights = (runId: number): Buffer => {
    const bytes = readFileSync(join(project.folder, lastCheckpoint(project.store, runId)!.path))
    return bytes.subarray(8 + Number(bytes.readBigUInt64LE(0)))
  }
  const unwatched = project.create(text, 'mamba-small', set)
  await project.train(unwatched)
  const { config } = getRunDetail(project.store, unwatched)
  expect(describeRun(project.store, { datasetId: text, config }).predictions).toEqual([])

  keepSpeedsIn(join(folder, 'deep', 'speeds.json'))
  const watched = project.create(text, 'mamba-small', set)
  await project.train(watched)
  const notes = getRunDetail(project.store, watched).events.map((event) => event.text)
  expect(notes.some((note) => /^A step should take [\d.]+ ms and \d+ MiB: 60 steps in about \d+ s\.$/.test(note))).toBe(true)
  expect(notes.at(-1)).toMatch(/^A step took [\d.]+ ms; [\d.]+ ms were predicted(, \d+ % too (few|many))?\.$/)
  expect(weights(watched).equals(weights(unwatched))).toBe(true)

  const [known] = knownDevices()
  expect(known.backend).toBe('cpu')
  const [prediction] = describeRun(project.store, { datasetId: text, config }).predictions
  expect(prediction).toMatchObject({ device: 'cpu', name: known.name })
  expect(prediction.stepMs).toBeGreaterThan(0)
  // twice the batch is not measured and takes longer
  const larger = { ...config, data: { ...config.data, batch: 8 * config.data.batch } }
  expect(describeRun(project.store, { datasetId: text, config: larger }).predictions[0].stepMs).toBeGreaterThan(2 * prediction.stepMs)
})

test('a file of speeds that is damaged is read as empty', () => {
  const file = join(folder, 'speeds.json')
  writeFileSync(file, '{"CPU": {"rates"')
  keepSpeedsIn(file)
  expect(knownDevices()).toEqual([])
})
