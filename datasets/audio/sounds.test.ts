/** One clip in every format gives the same sound; damaged and lying files each give one sentence. */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DatasetDetail } from '../../main/contract/dataset.ts'
import type { ImportOptions } from '../../main/contract/importing.ts'
import { importFiles } from '../importing/importFiles.ts'
import { inspectFiles } from '../importing/inspect.ts'
import { ReportBuilder } from '../importing/report.ts'
import { getDatasetDetail, getStoredDataset, listDatasets, readCells } from '../store/store.ts'
import { testProject, wav, type TestProject } from '../testing/project.ts'
import { FlacReader } from './flacReader.ts'
import { readFlacHeader } from './flacHeader.ts'
import { joined } from './sound.ts'

const fixture = (name: string): Buffer => readFileSync(join(import.meta.dirname, 'fixtures', name))
const flac = fixture('clip.flac')
const aiff = fixture('clip.aiff')
const ogg = fixture('clip.ogg')
/** First byte of what AIFF says about the sound: channels, frames, bits, rate. */
const comm = aiff.indexOf('COMM') + 8

let project: TestProject
beforeAll(() => (project = testProject()))
afterAll(() => project.remove())

function samplesOf({ id }: DatasetDetail): Int16Array | Float32Array {
  const dataset = getStoredDataset(project.store, id)
  const { buffer } = readCells(project.store, dataset, 0, dataset.length)
  return dataset.cell === 'i16' ? new Int16Array(buffer) : new Float32Array(buffer)
}
const imported = (name: string, content: Uint8Array, options?: ImportOptions): Promise<DatasetDetail> => project.add(name, content, options)
const messages = (detail: DatasetDetail): string[] => detail.report.problems.map(({ message }) => message)

/** A copy with some bytes replaced. */
function patched(bytes: Buffer, at: number, ...values: number[]): Buffer {
  const copy = Buffer.from(bytes)
  copy.set(values, at)
  return copy
}
/** First bytes of the frames of a FLAC file whose blocks are numbered from 0. */
function frameStarts(bytes: Buffer): number[] {
  const starts: number[] = []
  for (let at = bytes.indexOf(Buffer.from([0xff, 0xf8])); at >= 0; at = bytes.indexOf(Buffer.from([0xff, 0xf8]), at + 1))
    if (bytes[at + 4] === starts.length) starts.push(at)
  return starts
}

describe('the same sound as the WAV of the clip', () => {
  it.each([
    ['clip.flac', 'clip.wav', 'FLAC, 16-bit, 16 kHz, stereo', 4000],
    ['clip24.flac', 'clip24.wav', 'FLAC, 24-bit, 16 kHz, mono', 1600],
    ['clip8.flac', 'clip8.wav', 'FLAC, 8-bit, 16 kHz, mono', 1600],
    ['clip4.flac', 'clip4.wav', 'FLAC, 16-bit, 16 kHz, 4 channels', 1600],
    ['clip.aiff', 'clip.wav', 'AIFF, 16-bit PCM, 16 kHz, stereo', 4000],
  ])('%s, bit for bit', async (name, reference, format, length) => {
    const detail = await imported(name, fixture(name))
    const expected = samplesOf(await imported(reference, fixture(reference)))
    expect(detail).toMatchObject({ format, length, domain: 'audio' })
    expect(samplesOf(detail)).toEqual(expected)
    expect(new Set(expected).size).toBeGreaterThan(50)
    const preview = await inspectFiles([project.file(name, fixture(name))])
    expect(preview).toMatchObject({ format, firstRecords: [{ length, excerpt: `${length / 16_000} s` }] })
  })

  it('Ogg Vorbis: as libvorbis decodes it, within half a step of 16 bits', async () => {
    const detail = await imported('clip.ogg', ogg)
    expect(detail).toMatchObject({ format: 'Ogg Vorbis, 16 kHz, stereo', length: 4000 })
    const reference = samplesOf(await imported('clip.ogg.wav', fixture('clip.ogg.wav')))
    // the mean of two channels that the reference rounded one by one
    samplesOf(detail).forEach((sample, i) => expect(Math.abs(sample - reference[i])).toBeLessThanOrEqual(1))
    // and near the sound it was made from: 10 dB above its loss at this quality
    const clip = samplesOf(await imported('clip.wav', fixture('clip.wav')))
    const power = (of: (i: number) => number): number => Array.from(clip, (_, i) => of(i) ** 2).reduce((sum, square) => sum + square, 0)
    expect(10 * Math.log10(power((i) => clip[i]) / power((i) => clip[i] - samplesOf(detail)[i]))).toBeGreaterThan(10)
  })

  it('FLAC in pieces of any size, and gzipped', async () => {
    const expected = samplesOf(await imported('clip.wav', fixture('clip.wav')))
    for (const size of [1, 7, 1000, flac.length]) {
      const reader = new FlacReader('clip.flac', readFlacHeader('clip.flac', flac), new ReportBuilder('stop'))
      const parts: Float32Array[] = []
      for (let at = 0; at < flac.length; at += size) parts.push(reader.push(flac.subarray(at, at + size)))
      parts.push(reader.end())
      expect(Int16Array.from(joined(parts), (sample) => Math.round(sample * 32_768))).toEqual(expected)
    }
    expect(samplesOf(await imported('clip.flac.gz', gzipSync(flac)))).toEqual(expected)
  })

  it('formats mix in one dataset, and are resampled to one rate', async () => {
    const paths = [project.file('mix/a.flac', flac), project.file('mix/b.aiff', aiff)]
    expect(await inspectFiles(paths)).toMatchObject({ domain: 'audio', records: 2 })
    const { datasetId } = await importFiles(project.store, { paths, options: {} })
    const mixed = getDatasetDetail(project.store, datasetId)
    expect(mixed).toMatchObject({ format: 'FLAC, AIFF, 2 kinds', records: 2, length: 8000 })
    expect(samplesOf(mixed).slice(0, 4000)).toEqual(samplesOf(mixed).slice(4000))
    const detail = await imported('c.flac', flac, { sampleRate: 8000 })
    expect(detail.length).toBe(2000)
    expect(messages(detail)).toContain('c.flac was resampled from 16,000 to 8,000 Hz.')
  })

  it('AIFF-C with its low byte first, and as float', async () => {
    const little = Int16Array.of(1, -2, 300, -32_768)
    const sowt = await imported('sowt.aifc', aifc('sowt', 16, new Uint8Array(little.buffer)))
    expect(samplesOf(sowt)).toEqual(little)
    const big = Buffer.alloc(8)
    big.writeFloatBE(0.5, 0)
    big.writeFloatBE(-0.25, 4)
    const float = await imported('float.aifc', aifc('fl32', 32, big))
    expect(float.format).toBe('AIFF, 32-bit float, 44.1 kHz, mono')
    expect(samplesOf(float)).toEqual(Float32Array.of(0.5, -0.25))
  })
})

describe('refused, one sentence each, with nothing left behind', () => {
  const frames = frameStarts(flac)
  it.each<[file: string, content: Buffer, says: string]>([
    ['short.flac', flac.subarray(0, 30), 'short.flac ends at byte 30, before its sound begins.'],
    ['first.flac', patched(flac, 4, 4), 'it does not start with the description of the sound (STREAMINFO)'],
    ['rate.flac', patched(flac, 18, 0, 0, 0x02), 'The header of rate.flac contradicts itself at byte 19: it claims a sample rate of 0 Hz.'],
    [
      'bits.flac',
      patched(flac, 20, 0x03, 0x70),
      `The FLAC frame at byte ${frames[0] + 1} of bits.flac (0 s into the sound) is damaged: it is of another kind`,
    ],
    [
      'flip.flac',
      patched(flac, frames[2] + 60, flac[frames[2] + 60] ^ 0x10),
      `The FLAC frame at byte ${(frames[2] + 1).toLocaleString('en-US')} of flip.flac (0.13 s into the sound) is damaged:`,
    ],
    ['none.flac', flac.subarray(0, frames[0]), 'These files hold no sound.'],
    ['short.aiff', aiff.subarray(0, 30), 'short.aiff ends at byte 30, before its sound begins.'],
    [
      'channels.aiff',
      patched(aiff, comm, 0, 0),
      `The header of channels.aiff contradicts itself at byte ${comm + 1}: it claims to have no channels.`,
    ],
    ['rate.aiff', patched(aiff, comm + 8, 0x7f, 0xff), 'it claims a sample rate of no finite number of Hz'],
    [
      'frames.aiff',
      patched(aiff, comm + 2, 0, 1, 0, 0),
      'it promises 65,536 frames, which take 262,144 bytes, in a sound chunk of 16,000.',
    ],
    ['coded.aifc', aifc('ima4', 16, new Uint8Array(4)), 'coded.aifc holds sound coded as ima4 with 16 bits, which Strand does not read.'],
    ['short.ogg', ogg.subarray(0, 40), 'short.ogg ends at byte 40, before its sound begins.'],
    ['headers.ogg', ogg.subarray(0, 2000), 'headers.ogg ends before its sound begins.'],
    ['channels.ogg', patched(ogg, 39, 0), 'The header of channels.ogg contradicts itself at byte 40: it claims to have no channels.'],
    ['flip.ogg', patched(ogg, ogg.length - 500, ogg[ogg.length - 500] ^ 4), 'is damaged: its checksum is wrong.'],
    [
      'speex.ogg',
      patched(ogg, 28, ...Buffer.from('Speex   ')),
      'speex.ogg is an Ogg file of another kind than Vorbis or Opus, which Strand does not read.',
    ],
    ['other.iff', Buffer.from('FORM\0\0\0\x108SVXVHDR'), 'other.iff is an IFF file of another kind than AIFF'],
  ])('%s', async (file, content, says) => {
    const before = listDatasets(project.store).length
    await expect(imported(file, content)).rejects.toMatchObject({ name: 'StrandError', message: expect.stringContaining(says) })
    expect(listDatasets(project.store)).toHaveLength(before)
  })
})

describe('read, and told in the report', () => {
  const frames = frameStarts(flac)
  const whole = (): Promise<Int16Array | Float32Array> => imported('clip.wav', fixture('clip.wav')).then(samplesOf)

  it('FLAC whose header does not say how long it is', async () => {
    const detail = await imported('open.flac', patched(flac, 22, 0, 0, 0, 0))
    expect(samplesOf(detail)).toEqual(await whole())
    expect(messages(detail)).toContain('The header of open.flac does not say how long the sound is; it was read to the end.')
    // unless a tag of other players follows, which is no sound
    const tagged = await imported('tag.flac', Buffer.concat([flac, Buffer.from('TAG'), Buffer.alloc(125)]))
    expect(samplesOf(tagged)).toEqual(await whole())
    expect(tagged.report.repaired).toBe(0)
  })

  it('FLAC whose header promises another length', async () => {
    for (const promised of [1000, 8000]) {
      const detail = await imported('lies.flac', patched(flac, 22, 0, 0, promised >> 8, promised & 255))
      expect(samplesOf(detail)).toEqual(await whole())
      expect(messages(detail)).toContain(
        `The header of lies.flac promises ${promised.toLocaleString('en-US')} samples (${+(promised / 16_000).toFixed(2)} s), but the sound has 4,000 (0.25 s); what is there was read.`,
      )
    }
  })

  it('FLAC that is cut off', async () => {
    const detail = await imported('cut.flac', flac.subarray(0, frames[3] + 100))
    expect(samplesOf(detail)).toEqual((await whole()).slice(0, 3 * 1024))
    expect(messages(detail)[0]).toBe(
      `cut.flac ends in the middle of a FLAC frame, which begins at byte ${(frames[3] + 1).toLocaleString('en-US')}; its last 100 bytes were left out.`,
    )
  })

  it('FLAC with one flipped bit: the frame is silence, the rest is where it was', async () => {
    const flipped = patched(flac, frames[2] + 60, flac[frames[2] + 60] ^ 0x10)
    const detail = await imported('flip.flac', flipped, { onProblem: 'skip' })
    const expected = (await whole()).slice().fill(0, 2 * 1024, 3 * 1024)
    expect(samplesOf(detail)).toEqual(expected)
    expect(detail.report).toMatchObject({ accepted: 1, repaired: 1 })
    expect(messages(detail)[0]).toMatch(
      /^The FLAC frame at byte [\d,]+ of flip\.flac \(0\.13 s into the sound\) is damaged: .*\. It was read as silence\.$/,
    )
  })

  it('Ogg Vorbis that is cut off, or has a damaged page that the user chose to skip', async () => {
    const pages = fixture('pages.ogg')
    const all = samplesOf(await imported('pages.ogg', pages))
    expect(all).toHaveLength(44_988)
    const cut = await imported('cut.ogg', pages.subarray(0, pages.length - 200))
    expect(messages(cut)[0]).toMatch(
      /^cut\.ogg is cut off: its last page is missing after [\d.]+ s, and [\d,]+ bytes of a page that is not whole were left out; what is there was read\.$/,
    )
    expect(samplesOf(cut).length).toBeGreaterThan(8000)
    expect(samplesOf(cut)).toEqual(all.slice(0, cut.length))
    const middle = pages.indexOf('OggS', 200) + 5000
    const flipped = await imported('flip.ogg', patched(pages, middle, pages[middle] ^ 1), { onProblem: 'skip' })
    expect(messages(flipped)[0]).toMatch(
      /^The Ogg page at byte [\d,]+ of flip\.ogg \([\d.]+ s into the sound\) is damaged: its checksum is wrong\. It was left out\.$/,
    )
    expect(flipped.length).toBeGreaterThan(8000)
    expect(flipped.length).toBeLessThan(all.length)
  })

  it('AIFF that is cut off', async () => {
    const detail = await imported('cut.aiff', aiff.subarray(0, aiff.length - 8001))
    expect(detail.length).toBe(1999)
    expect(messages(detail)).toEqual(
      expect.arrayContaining([
        expect.stringContaining('The header of cut.aiff promises 16,000 bytes of sound (0.25 s), but the file ends after 7,999 (0.12 s)'),
        'The end of cut.aiff (3 bytes) is less than one frame of 4 bytes; it was left out.',
      ]),
    )
  })

  it('one unreadable sound among others is listed when problems are skipped', async () => {
    project.file('some/b.aiff', aiff.subarray(0, 30))
    const folder = dirname(project.file('some/a.flac', flac))
    const { datasetId } = await importFiles(project.store, { paths: [folder], options: { onProblem: 'skip' } })
    const detail = getDatasetDetail(project.store, datasetId)
    expect(samplesOf(detail)).toEqual(await whole())
    expect(detail.report).toMatchObject({ accepted: 1, refused: 1 })
    expect(messages(detail)[0]).toContain('b.aiff ends at byte 30, before its sound begins.')
  })
})

/** A mono AIFF-C file at 44.1 kHz around these bytes. */
function aifc(kind: string, bits: number, data: Uint8Array): Buffer {
  const chunk = (id: string, body: Buffer): Buffer => {
    const head = Buffer.alloc(8)
    head.write(id, 'latin1')
    head.writeUInt32BE(body.length, 4)
    return Buffer.concat([head, body])
  }
  const common = Buffer.alloc(24)
  common.writeUInt16BE(1, 0)
  common.writeUInt32BE(data.length / (bits / 8), 2)
  common.writeUInt16BE(bits, 6)
  // 44,100 = 0xac44 × 2^0, as an 80-bit number
  common.set([0x40, 0x0e, 0xac, 0x44], 8)
  common.write(kind, 18, 'latin1')
  return chunk('FORM', Buffer.concat([Buffer.from('AIFC'), chunk('COMM', common), chunk('SSND', Buffer.concat([Buffer.alloc(8), data]))]))
}

describe('WAV of other writers', () => {
  it('samples of 12 or 20 bits fill the high bits of 16 or 24', async () => {
    const data = Buffer.alloc(8)
    ;[0x7ff0, -0x8000, 0x0010, 0].forEach((value, i) => data.writeInt16LE(value, 2 * i))
    const detail = await imported('12.wav', wav(data, { bits: 12, align: 2 }))
    expect(detail).toMatchObject({ format: 'WAV, 16-bit PCM, 8 kHz, mono', length: 4 })
    expect([...samplesOf(detail)]).toEqual([0x7ff0, -0x8000, 0x0010, 0])
    expect(await imported('20.wav', wav(Buffer.alloc(9, 0x40), { bits: 20, align: 3 }))).toMatchObject({ length: 3 })
  })

  it('RIFX with an extensible description says its coding high byte first', async () => {
    const format = Buffer.alloc(40)
    for (const [value, at] of [
      [0xfffe, 0],
      [1, 2],
      [2, 12],
      [16, 14],
      [22, 16],
      [16, 18],
      [1, 26],
    ])
      format.writeUInt16BE(value, at)
    format.writeUInt32BE(8000, 4)
    const chunk = (id: string, body: Buffer): Buffer => {
      const size = Buffer.alloc(4)
      size.writeUInt32BE(body.length)
      return Buffer.concat([Buffer.from(id), size, body])
    }
    const file = chunk(
      'RIFX',
      Buffer.concat([Buffer.from('WAVE'), chunk('fmt ', format), chunk('data', Buffer.from([0x12, 0x34, 0xff, 0xfe]))]),
    )
    expect([...samplesOf(await imported('high.wav', file))]).toEqual([0x1234, -2])
  })
})
