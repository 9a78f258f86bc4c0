/** What is read equals what libsndfile reads, in every header and coding that it writes: see fixtures/libsndfile/make.py. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { getStoredDataset, readCells } from '../store/store.ts'
import { testProject, type TestProject } from '../testing/project.ts'
import { samplesOf } from './pcmSamples.ts'

const FOLDER = join(import.meta.dirname, 'fixtures/libsndfile')
const expected = JSON.parse(readFileSync(join(FOLDER, 'expected.json'), 'utf8')) as Record<string, { rate: number; mean: number[] }>

let project: TestProject
beforeAll(() => (project = testProject()))
afterAll(() => project.remove())

it.each(Object.entries(expected))('%s', async (name, { rate, mean }) => {
  const detail = await project.add(name, readFileSync(join(FOLDER, name)))
  expect(detail).toMatchObject({ domain: 'audio', length: mean.length, facts: { 'sample rate': rate, channels: 2 } })
  const dataset = getStoredDataset(project.store, detail.id)
  const samples = samplesOf(dataset, readCells(project.store, dataset, 0, dataset.length))
  // codings of 16 bits and fewer are stored in 16, so the mean of two channels is rounded to half a step
  const most = dataset.cell === 'i16' ? 0.5001 / 32_768 : 1e-7
  samples.forEach((sample, i) => expect(Math.abs(sample - mean[i])).toBeLessThanOrEqual(most))
})

it('BW64, which it does not write, is RF64 under another name', async () => {
  const bytes = readFileSync(join(FOLDER, 'rf64-pcm16.wav'))
  bytes.write('BW64')
  const detail = await project.add('bw64.wav', bytes)
  expect(detail).toMatchObject({ domain: 'audio', length: expected['rf64-pcm16.wav'].mean.length })
})
