/** MP3 and Opus against what lame and libopus decode; tags, damage and lying headers, one sentence each; samples without a header. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DatasetDetail } from '../../main/contract/dataset.ts'
import type { ImportOptions } from '../../main/contract/importing.ts'
import { inspectFiles } from '../importing/inspect.ts'
import { ReportBuilder } from '../importing/report.ts'
import { getStoredDataset, listDatasets, readCells } from '../store/store.ts'
import { testProject, type TestProject } from '../testing/project.ts'
import { readFrameHeader } from './mp3Frame.ts'
import { readMp3Header } from './mp3Header.ts'
import { Mp3Reader } from './mp3Reader.ts'
import { joined } from './sound.ts'

const fixture = (name: string): Buffer => readFileSync(join(import.meta.dirname, 'fixtures', name))
const mp3 = fixture('clip.mp3')
const mp344 = fixture('clip44.mp3')
const opus = fixture('clip.opus')

let project: TestProject
beforeAll(() => (project = testProject()))
afterAll(() => project.remove())

function samplesOf({ id }: DatasetDetail): Int16Array {
  const dataset = getStoredDataset(project.store, id)
  return new Int16Array(readCells(project.store, dataset, 0, dataset.length).buffer)
}
const imported = (name: string, content: Uint8Array, options?: ImportOptions): Promise<DatasetDetail> => project.add(name, content, options)
const messages = (detail: DatasetDetail): string[] => detail.report.problems.map(({ message }) => message)

/** First bytes of the frames. */
function frames(bytes: Buffer): number[] {
  const starts: number[] = []
  for (let at = 0; at < bytes.length;) {
    starts.push(at)
    at += readFrameHeader(bytes, at)!.bytes
  }
  return starts
}

/** Every frame claims to be of Layer II. */
const layer2 = Buffer.from(mp3)
for (const at of frames(mp3)) layer2[at + 1] ^= 6

/** A copy with bytes replaced. */
function patched(bytes: Buffer, at: number, ...values: number[]): Buffer {
  const copy = Buffer.from(bytes)
  copy.set(values, at)
  return copy
}

it.each([
  ['clip.mp3', 'MP3, 16 kHz, stereo', 4000, 1],
  ['clip44.mp3', 'MP3, 44.1 kHz, stereo', 4410, 1],
  // what lame never writes, set in its files
  ['clip-intensity.mp3', 'MP3, 16 kHz, stereo', 4000, 2],
  ['clip-both.mp3', 'MP3, 16 kHz, stereo', 4000, 2],
  ['clip-mixed.mp3', 'MP3, 16 kHz, stereo', 4000, 2],
  ['clip44-intensity.mp3', 'MP3, 44.1 kHz, stereo', 4410, 2],
  ['clip44-mixed.mp3', 'MP3, 44.1 kHz, stereo', 4410, 2],
  // two builds of libopus differ by up to 0.8 of a step, before both are rounded
  ['clip.opus', 'Opus, 48 kHz, stereo', 4800, 2],
])(
  '%s: as its own library decodes it, within the rounding of 16 bits, and as long as the sound it was made from',
  async (name, format, length, most) => {
    const detail = await imported(name, fixture(name))
    expect(detail).toMatchObject({ format, length, domain: 'audio' })
    const reference = samplesOf(await imported(`${name}.wav`, fixture(`${name}.wav`)))
    const samples = samplesOf(detail)
    expect(reference.length).toBe(length)
    // the mean of two channels that the reference rounded one by one
    samples.forEach((sample, i) => expect(Math.abs(sample - reference[i])).toBeLessThanOrEqual(most))
    expect(new Set(samples).size).toBeGreaterThan(500)
  },
)

it('MP3 in pieces of any size, gzipped, with tags around it', async () => {
  const expected = samplesOf(await imported('clip.mp3', mp3))
  for (const size of [1, 7, 1000]) {
    const reader = new Mp3Reader('clip.mp3', readMp3Header('clip.mp3', mp3, true)!, new ReportBuilder('stop'))
    const parts: Float32Array[] = []
    for (let at = 0; at < mp3.length; at += size) parts.push(reader.push(Buffer.from(mp3.subarray(at, at + size))))
    parts.push(reader.end())
    expect(Int16Array.from(joined(parts), (sample) => Math.round(sample * 32_768))).toEqual(expected)
  }
  const id3 = Buffer.concat([Buffer.from('ID3\x04\0\0\0\0\x01\x00', 'latin1'), Buffer.alloc(128, 0xff)])
  const tagged = Buffer.concat([id3, mp3, Buffer.from(`TAG${'x'.repeat(125)}`)])
  const detail = await imported('tagged.mp3', gzipSync(tagged))
  expect(samplesOf(detail)).toEqual(expected)
  expect(messages(detail)).toEqual(['The 2 channels of tagged.mp3 were averaged into one.'])
  expect(await inspectFiles([project.file('t.mp3', tagged)])).toMatchObject({
    format: 'MP3, 16 kHz, stereo',
    firstRecords: [{ length: 4000 }],
  })
})

it('MP3 without the frame that tells its length: nothing is trimmed', async () => {
  const bare = await imported('bare.mp3', mp3.subarray(frames(mp3)[1]))
  const trimmed = samplesOf(await imported('clip.mp3', mp3))
  expect(bare.length).toBe((frames(mp3).length - 1) * 576)
  expect(samplesOf(bare).subarray(1105, 1105 + 4000)).toEqual(trimmed)
})

describe('damaged', () => {
  const starts = frames(mp344)
  const garbage = Buffer.concat([mp344.subarray(0, starts[3]), Buffer.from('not a frame at all'), mp344.subarray(starts[3])])

  it('bytes that are no frame end an import, or are passed over', async () => {
    await expect(imported('g.mp3', garbage)).rejects.toThrow(
      `No MP3 frame begins at byte ${(starts[3] + 1).toLocaleString('en-US')} of g.mp3 (0.03 s into the sound), where one should.`,
    )
    const detail = await imported('g.mp3', garbage, { onProblem: 'skip' })
    expect(detail.report.repaired).toBe(1)
    expect(detail.length).toBe(4410)
  })

  it('a file that was cut off keeps what is there', async () => {
    const detail = await imported('cut.mp3', mp344.subarray(0, starts[4] + 100))
    expect(messages(detail)).toContain(
      `cut.mp3 ends in the middle of an MP3 frame, which begins at byte ${(starts[4] + 1).toLocaleString('en-US')}; its last 100 bytes were left out.`,
    )
    expect(detail.length).toBe(3 * 1152 - 1105)
    expect(messages(detail).join()).toContain('The header of cut.mp3 promises 4,410 samples (0.1 s), but the sound has 2,351')
    const ogg = await imported('cut.opus', opus.subarray(0, opus.length - 300), { onProblem: 'skip' }).catch(
      (error: Error) => error.message,
    )
    expect(ogg).toContain('cut.opus ends before its sound begins.')
  })

  it.each([
    ['layer2.mp3', layer2, 'layer2.mp3 is MPEG audio of Layer II'],
    [
      'noise.mp3',
      Buffer.concat([Buffer.from('ID3\x04\0\0\0\0\0\0', 'latin1'), Buffer.alloc(5000, 7)]),
      'no two frames of sound follow each other',
    ],
    [
      'aac.mp3',
      Buffer.from([0xff, 0xf1, 0x50, 0x80, 0, 0x1f, 0xfc, ...new Uint8Array(100)]),
      'aac.mp3 is an AAC sound, which Strand does not read.',
    ],
    ['none.opus', patched(opus, 28 + 9, 0), 'The header of none.opus contradicts itself at byte 38: it claims to have no channels.'],
    ['many.opus', patched(opus, 28 + 9, 9), 'many.opus is Opus with 9 channels in an arrangement (family 0)'],
    ['short.opus', opus.subarray(0, 40), 'short.opus ends at byte 40, before its sound begins.'],
    ['flip.opus', patched(opus, opus.length - 200, opus[opus.length - 200] ^ 1), 'is damaged: its checksum is wrong.'],
  ])('%s', async (file, content, says) => {
    const before = listDatasets(project.store).length
    await expect(imported(file, content)).rejects.toMatchObject({ name: 'StrandError', message: expect.stringContaining(says) as string })
    expect(listDatasets(project.store)).toHaveLength(before)
  })

  it('any byte flipped: a sentence or a sound, and no other error', async () => {
    for (let at = 0; at < mp3.length; at += 37) {
      const bytes = patched(mp3, at, mp3[at] ^ (1 << (at % 8)))
      const report = new ReportBuilder('skip')
      try {
        const header = readMp3Header('f.mp3', bytes, true)!
        const reader = new Mp3Reader('f.mp3', header, report)
        const samples = joined([reader.push(bytes), reader.end()])
        expect(samples.length).toBeLessThan(20_000)
        expect(samples.every((sample) => Number.isFinite(sample))).toBe(true)
      } catch (error) {
        expect((error as Error).name).toBe('StrandError')
      }
    }
    await Promise.resolve()
  })
})

describe('samples without a header', () => {
  it('are read as they are described', async () => {
    const wav = fixture('clip.wav')
    const expected = samplesOf(await imported('clip.wav', wav))
    const raw = wav.subarray(44)
    const options: ImportOptions = { pcm: { coding: 's16', rate: 16_000, channels: 2 } }
    const detail = await imported('clip.raw', raw, options)
    expect(detail).toMatchObject({ format: 'PCM, 16-bit PCM, 16 kHz, stereo', length: 4000 })
    expect(samplesOf(detail)).toEqual(expected)
    const swapped = Buffer.from(raw).swap16()
    expect(samplesOf(await imported('clip.raw', swapped, { pcm: { coding: 's16be', rate: 16_000, channels: 2 } }))).toEqual(expected)
    expect(await inspectFiles([project.file('clip.raw', raw)], options)).toMatchObject({
      domain: 'audio',
      firstRecords: [{ length: 4000, excerpt: '0.25 s' }],
    })
  })

  it('show how they begin, so that a wrong description is seen', async () => {
    const path = project.file('tone.raw', Buffer.from(Int16Array.from({ length: 8000 }, (_, i) => 3000 * Math.sin(i / 20)).buffer))
    const { sound } = await inspectFiles([path], { pcm: { coding: 's16', rate: 8000, channels: 1 } })
    expect(sound).toMatchObject({ seconds: 1 })
    expect(sound!.max).toHaveLength(400)
    expect(Math.max(...sound!.max, ...sound!.min.map((low) => -low))).toBeCloseTo(3000 / 32_768, 2)
    const wrong = await inspectFiles([path], { pcm: { coding: 's16be', rate: 8000, channels: 1 } })
    expect(Math.max(...wrong.sound!.max)).toBeGreaterThan(0.9)
    for (const name of ['clip.mp3', 'clip.ogg', 'clip.opus', 'clip.flac', 'clip.aiff']) {
      const preview = await inspectFiles([project.file(name, fixture(name))])
      expect(preview.sound!.max.length, name).toBeGreaterThan(100)
    }
  })

  it('a rest that is no frame is told', async () => {
    const detail = await imported('odd.raw', Buffer.alloc(4003, 9), { pcm: { coding: 's16', rate: 8000, channels: 2 } })
    expect(messages(detail)[0]).toBe('The end of odd.raw (3 bytes) is less than one frame of 4 bytes; it was left out.')
    expect(detail.length).toBe(1000)
  })
})
