/** The packed genomes of the UCSC browser: both byte orders, N, soft mask, any cut into pieces, lying headers. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inspectFiles } from '../importing/inspect.ts'
import { Names } from '../importing/names.ts'
import { ReportBuilder } from '../importing/report.ts'
import { getStoredDataset, readCells } from '../store/store.ts'
import { testProject, type TestProject } from '../testing/project.ts'
import { TwoBitParser } from './twoBitParser.ts'

let project: TestProject
beforeAll(() => (project = testProject()))
afterAll(() => project.remove())

/** Written by the format's description, apart from the reader. */
function twoBit(sequences: Record<string, string>, little = true): Buffer {
  const u32 = (value: number): Buffer => {
    const buffer = Buffer.alloc(4)
    if (little) buffer.writeUInt32LE(value)
    else buffer.writeUInt32BE(value)
    return buffer
  }
  const runs = (text: string, pattern: RegExp): [number, number][] => [...text.matchAll(pattern)].map((m) => [m.index, m[0].length])
  const blocks = (list: [number, number][]): Buffer =>
    Buffer.concat([u32(list.length), ...list.map(([at]) => u32(at)), ...list.map(([, n]) => u32(n))])
  const bodies = Object.values(sequences).map((text) => {
    const packed = Buffer.alloc(Math.ceil(text.length / 4))
    ;[...text.toUpperCase()].forEach((base, i) => (packed[i >> 2] |= Math.max(0, 'TCAG'.indexOf(base)) << (6 - 2 * (i & 3))))
    return Buffer.concat([u32(text.length), blocks(runs(text, /N+/gi)), blocks(runs(text, /[a-z]+/g)), u32(0), packed])
  })
  const names = Object.keys(sequences).map((name) => Buffer.from(name))
  let offset = 16 + names.reduce((sum, name) => sum + name.length + 5, 0)
  const index = names.map((name, i) => {
    const entry = Buffer.concat([Buffer.from([name.length]), name, u32(offset)])
    offset += bodies[i].length
    return entry
  })
  return Buffer.concat([u32(0x1a412743), u32(0), u32(names.length), u32(0), ...index, ...bodies])
}

const sequences = { chr1: 'ACGTNNNNacgtnnTTGACCA', chr2: 'NNGATTACA', short: 'C' }
const upper = Object.values(sequences).join('').toUpperCase()

describe.each([true, false])('little end first: %s', (little) => {
  const file = twoBit(sequences, little)
  it('reads what was written', async () => {
    const detail = await project.add('g.2bit', file)
    expect(detail).toMatchObject({ format: '2bit', records: 3, unit: 'bases' })
    const dataset = getStoredDataset(project.store, detail.id)
    expect(Buffer.from(readCells(project.store, dataset, 0, dataset.length)).toString()).toBe(upper)
    expect(detail.report.problems.map(({ message }) => message)).toEqual(['Soft-masked bases were read as upper case: 6.'])
    expect(detail.facts.N).toBeCloseTo(8 / 31, 5)
    expect(await inspectFiles([project.file('g.2bit', file)])).toMatchObject({
      format: '2bit',
      firstRecords: [{ name: 'chr1', length: 21 }, {}, {}],
    })
  })

  it.each([1, 3, 17])('in pieces of %i bytes', (size) => {
    const out: string[] = []
    const sink = {
      beginRecord: () => out.push(''),
      append: (b: Uint8Array) => (out[out.length - 1] += Buffer.from(b).toString()),
      endRecord() {},
      discardRecord() {},
    }
    const parser = new TwoBitParser({ file: 'g.2bit', stem: 'g', sink, report: new ReportBuilder('stop'), names: new Names() })
    for (let at = 0; at < file.length; at += size) parser.push(Buffer.from(file.subarray(at, at + size)))
    parser.end()
    expect(out).toEqual(Object.values(sequences).map((text) => text.toUpperCase()))
  })
})

function patched(at: number, value: number): Buffer {
  const copy = twoBit(sequences)
  copy.writeUInt32LE(value, at)
  return copy
}
it.each([
  ['cut.2bit', twoBit(sequences).subarray(0, 90), 'cut.2bit is cut off at byte 90: sequence 2 of 3 is not whole.'],
  ['index.2bit', twoBit(sequences).subarray(0, 20), 'its list of sequences is not whole.'],
  ['version.2bit', patched(4, 1), 'it is of version 1, and only 0 has 32-bit places'],
  ['many.2bit', patched(8, 0xffff_ffff), 'it claims 4,294,967,295 sequences'],
  ['back.2bit', patched(21, 3), 'sequence "chr1" is said to lie at byte 4, inside what came before'],
  ['blocks.2bit', patched(twoBit(sequences).readUInt32LE(21) + 4, 900), 'sequence "chr1" claims 900 blocks of N'],
  [
    'beyond.2bit',
    patched(twoBit(sequences).readUInt32LE(21) + 8, 90),
    'the blocks of N of sequence "chr1" overlap or reach beyond its 21 bases',
  ],
])('%s: one sentence', async (name, content, says) => {
  await expect(project.add(name, content)).rejects.toMatchObject({ name: 'StrandError', message: expect.stringContaining(says) as string })
})

it('text and sound are not what a genome can be imported as', async () => {
  await expect(project.add('g.2bit', twoBit(sequences), { domain: 'text' })).rejects.toThrow(
    'g.2bit is a genome (2bit) and cannot be imported as text.',
  )
})
