import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { importFiles } from '../importing/importFiles.ts'
import { bundledSamples, findSample } from '../samples/samples.ts'
import { getDatasetDetail } from '../store/store.ts'
import { testProject, wav, type TestProject } from '../testing/project.ts'
import { previewDataset } from './preview.ts'

let project: TestProject
beforeEach(() => (project = testProject()))
afterEach(() => project.remove())

it('genomics: the letters asked for, GC and N along the record', async () => {
  const { id } = await project.add('g.fa', `>a\n${'A'.repeat(500)}${'G'.repeat(500)}${'N'.repeat(1000)}\n`)
  const preview = previewDataset(project.store, { id, start: 498, length: 4 })
  if (preview.kind !== 'genomics') throw new Error(preview.kind)
  expect(preview).toMatchObject({ start: 498, length: 4, sequence: 'AAGG', record: 'a' })
  const { gc, n } = preview.overview
  expect([gc.length, gc[0], gc[199], n[199], n[399]]).toEqual([400, 0, 1, 0, 1])
})

it('audio: outline, the tone in its bin, and the sound itself', async () => {
  const data = Buffer.alloc(16_000)
  for (let i = 0; i < 8000; i++) data.writeInt16LE(Math.round(32_000 * Math.sin((2 * Math.PI * 1000 * i) / 8000)), 2 * i)
  const { id } = await project.add('tone.wav', wav(data))
  const preview = previewDataset(project.store, { id })
  if (preview.kind !== 'audio') throw new Error(preview.kind)
  expect(Math.max(...preview.peaks.max)).toBeCloseTo(32_000 / 32_768, 2)
  const { bins, db, maxHz, frames } = preview.spectrogram
  expect([maxHz, db.length]).toEqual([4000, frames * bins])
  const frame = db.slice(5 * bins, 6 * bins)
  expect(frame.indexOf(Math.max(...frame))).toBe(Math.floor((1000 / 4000) * bins))
  expect(Math.max(...frame)).toBeGreaterThan(-2)
  expect(Buffer.from(preview.pcm16, 'base64')).toEqual(data)
})

it('series: at most 2,000 points, and no peak lost', async () => {
  const rows = Array.from({ length: 50_000 }, (_, i) => (i === 31_234 ? 999 : i === 7 ? -999 : i % 5))
  const { id } = await project.add(
    's.csv',
    `date,v\n${rows.map((v, i) => `${new Date(i * 60_000).toISOString().slice(0, 19)},${v}`).join('\n')}\n`,
  )
  const preview = previewDataset(project.store, { id })
  if (preview.kind !== 'timeseries') throw new Error(preview.kind)
  const [values] = preview.values
  expect(values.length).toBeLessThanOrEqual(2000)
  expect(preview.times).toHaveLength(values.length)
  expect([Math.max(...(values as number[])), Math.min(...(values as number[]))]).toEqual([999, -999])
  const near = previewDataset(project.store, { id, start: 31_233, length: 3 })
  expect(near).toMatchObject({
    step: 1,
    values: [[3, 999, 0]],
    times: ['1970-01-22 16:33:00', '1970-01-22 16:34:00', '1970-01-22 16:35:00'],
  })
})

it('series: a missing value is null', async () => {
  const { id } = await project.add('s.csv', 'a,b\n1,2\nNaN,4\n5,6\n')
  expect(previewDataset(project.store, { id })).toMatchObject({
    values: [
      [1, null, 5],
      [2, 4, 6],
    ],
    times: null,
  })
})

it('text: the text and its tokens, in characters or bytes', async () => {
  const char = await project.add('t.txt', 'Grün!')
  expect(previewDataset(project.store, { id: char.id, start: 2, length: 2 })).toMatchObject({
    text: 'ün',
    tokens: [
      { text: 'ü', id: 4 },
      { text: 'n', id: 2 },
    ],
  })
  const bytes = await project.add('t.txt', 'ü!', { tokens: 'byte' })
  expect(previewDataset(project.store, { id: bytes.id })).toMatchObject({
    text: 'ü!',
    tokens: [{ text: '<C3>' }, { text: '<BC>' }, { text: '!' }],
  })
})

it('every bundled sample imports without a fault, also from a copy of the folder', async () => {
  const copy = join(project.folder, 'resources')
  cpSync(join(import.meta.dirname, '../samples'), copy, { recursive: true })
  const lengths: Record<string, number> = {
    lambda: 48_502,
    'guitar-and-piano': 425_812,
    'seattle-hourly': 8759,
    tinyshakespeare: 1_115_394,
  }
  for (const { sample, paths, options } of bundledSamples(copy)) {
    const { datasetId } = await importFiles(project.store, { paths, options })
    const detail = getDatasetDetail(project.store, datasetId)
    expect([sample.id, detail.length, detail.domain, detail.name]).toEqual([sample.id, lengths[sample.id], sample.domain, sample.name])
    expect(detail.report.problems).toEqual([])
    expect(previewDataset(project.store, { id: datasetId }).kind).toBe(sample.domain)
  }
  expect(() => findSample('none')).toThrow('There is no sample "none". The samples are: lambda,')
})

it('text as BPE: the tokens over it, as many as there are', async () => {
  const { id } = await project.add('t.txt', 'the cat sat on the mat, the cat sat. '.repeat(50), { tokens: 'bpe', vocab: 270 })
  const preview = previewDataset(project.store, { id, length: 37 })
  if (preview.kind !== 'text') throw new Error(preview.kind)
  expect(preview.tokens.map(({ text }) => text).join('')).toBe('the cat sat on the mat, the cat sat. ')
  expect(preview.tokens.length).toBeLessThan(25)
  expect(preview.tokens.every(({ id: token }) => token < 270)).toBe(true)
})
