/** Tables, series and texts that are read all the same, with what is told of it; and lines of 300 MB. */
import { mkdirSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ImportOptions } from '../../main/contract/importing.ts'
import { all } from '../store/connection.ts'
import { testProject, type TestProject } from '../testing/project.ts'
import { arff, fixture, ts, tsf } from '../testing/seriesFiles.ts'
import { importFiles } from './importFiles.ts'

interface Told {
  file: string
  content: string | Uint8Array
  says: string
  options?: ImportOptions
  length: number
  line?: number
}
const bytes32 = (text: string): Buffer => {
  const out = Buffer.alloc(4 * [...text].length)
  ;[...text].forEach((letter, i) => out.writeUInt32LE(letter.codePointAt(0)!, 4 * i))
  return out
}

/** Windows-1251: Russian letters in their order from 0xC0 on. */
const cyrillic = (text: string): Buffer =>
  Buffer.from([...text].map((letter) => (letter >= 'А' ? letter.charCodeAt(0) - 0x410 + 0xc0 : letter.charCodeAt(0))))

const told: Told[] = [
  {
    file: 'mac.csv',
    content: 'a,b\r1,2\r3,4\r5,6\r',
    says: 'The lines of mac.csv end as on old Macs (a lone carriage return); they were read as line ends.',
    length: 3,
  },
  { file: 'mac.txt', content: 'one\rtwo\rthree', says: 'The lines of mac.txt end as on old Macs', length: 13 },
  {
    file: 'mixed.csv',
    content: 'a;b\r\n1;2\n3;4\r\n5;6',
    options: { table: { roles: { b: 'ignore' } } },
    says: 'Column "b" of mixed.csv was left out',
    length: 3,
  },
  {
    file: 'zone.csv',
    content: 'time,v\n2020-01-01T00:00:00+02:00,1\n2020-01-01T01:00:00+02:00,2\n2020-01-01T02:00:00+02:00,3\n',
    says: 'The times in "time" of zone.csv name their zone; they are kept in UTC.',
    length: 3,
  },
  {
    file: 'skip.ts',
    content: ts('1,2:a\n3,x:b\n5,6:b\n'),
    options: { onProblem: 'skip' },
    says: 'Line 7 of skip.ts: "x" is not a number. The case was left out.',
    line: 7,
    length: 4,
  },
  {
    file: 'missing.ts',
    content: ts('1,?,3:a\nNaN,2:b\n'),
    says: 'Column "value" of missing.ts: 2 of 5 values are missing; they are kept as missing.',
    length: 5,
  },
  {
    file: 'skip.tsf',
    content: tsf('a:2020-01-01 00-00-00:1,2,3\nb:2020-01-01 00-00-00:1,x\nc:2020-02-01 00-00-00:4,?\n'),
    options: { onProblem: 'skip' },
    says: 'Line 9 of skip.tsf: "x" is not a number (value 2 of the series). The series was left out.',
    line: 9,
    length: 5,
  },
  {
    file: 'sparse.arff',
    content: arff('{0 1.5, 1 2}\n{1 3}\n'),
    options: { table: { roles: { b: 'ignore' } } },
    says: 'Column "b" of sparse.arff was left out: you chose to leave it out.',
    length: 2,
  },
  {
    file: 'short.edf',
    content: fixture('night.edf').subarray(0, 1024 + 3 * 58 + 7),
    says: 'The header of short.edf promises 4 data records (4 s), and the file ends after 3 (3 s); what is there was read.',
    length: 24,
  },
  {
    file: 'fix.csv',
    content: 'a,b\n1,2\n3\n5,six\n7,8\n9,10\n',
    options: { onProblem: 'fix' },
    says: 'Line 3 of fix.csv has 1 field where 2 are expected. The missing ones are kept as missing values.',
    line: 3,
    length: 5,
  },
  {
    file: 'fixed.csv',
    content: 'a,b\n1,2\n3,4\n5,six\n7,8\n9,10\n',
    options: { onProblem: 'fix' },
    says: '"six" is not a number. The value is kept as missing.',
    line: 4,
    length: 5,
  },
  {
    file: 'long.csv',
    content: 'a,b\n1,2\n3,4,5\n5,6\n7,8\n',
    options: { onProblem: 'fix' },
    says: 'Line 3 of long.csv has 3 fields where 2 are expected. The row was left out.',
    line: 3,
    length: 3,
  },
  {
    file: 'units.csv',
    content: 'time,speed\n[s],[m/s]\n1,2.5\n2,3.5\n3,4.5\n',
    says: 'The row of units below the header of units.csv was passed over.',
    line: 1,
    length: 3,
  },
  {
    file: 'uneven.csv',
    content: `date,y\n${Array.from({ length: 20 }, (_, i) => `2020-01-01 ${String(i).padStart(2, '0')}:${i === 9 ? '20' : '00'}:00,${i}`).join('\n')}\n`,
    says: '2 rows of uneven.csv do not keep the step in time of the others, the first at line 11; the rows are kept as they are.',
    line: 11,
    length: 20,
  },
  {
    file: 'split.csv',
    content: `date,y\n${Array.from({ length: 20 }, (_, i) => `2020-01-${String(i + (i > 9 ? 6 : 1)).padStart(2, '0')},${i}`).join('\n')}\n`,
    options: { missing: 'split' },
    says: '1 gap in time, before line 12 of split.csv: 5 rows are missing; a new record begins behind the gap.',
    line: 12,
    length: 20,
  },
  { file: 'wide.csv', content: Buffer.from('\ufeffa;b\n1,5;2\n3;4\n5;6\n', 'utf-16le'), says: 'wide.csv was read as UTF-16.', length: 3 },
  { file: 'text32.txt', content: bytes32('\ufeffGrüße, 世界\n'), says: 'text32.txt is UTF-32; it is stored as UTF-8.', length: 10 },
  {
    file: 'kyrillisch.txt',
    content: cyrillic('Все счастливые семьи похожи друг на друга, каждая несчастливая семья несчастлива по-своему.\n'),
    says: 'Byte 1 of kyrillisch.txt (line 1) is not UTF-8; the whole file was read as Windows-1251 (Cyrillic).',
    line: 1,
    length: 92,
  },
  {
    file: 'chosen.txt',
    content: Buffer.from('caf\x8e\n', 'latin1'),
    options: { encoding: 'windows-1250' },
    says: 'chosen.txt is Windows-1250 (Central European); it is stored as UTF-8.',
    length: 5,
  },
  {
    file: 'broken.txt',
    content: Buffer.concat([Buffer.from('grün '), Buffer.from([0xff]), Buffer.from(' und gut\n')]),
    options: { onProblem: 'fix' },
    says: 'Byte 7 of broken.txt (line 1) is not valid UTF-8, though the file is otherwise. Such bytes became U+FFFD.',
    line: 1,
    length: 15,
  },
  {
    file: 'skip.jsonl',
    content: '{"text": "one text that is long enough"}\n{"text": \n{"text": "a third one, also long enough"}\n',
    options: { onProblem: 'skip' },
    says: 'Line 2 of skip.jsonl is not valid JSON ("{"text":"). It was left out.',
    line: 2,
    length: 57,
  },
  {
    file: 'names.csv',
    content: 'שם;値\n1;2\n3;4\n5;6\n',
    options: { table: { roles: { 値: 'ignore' } } },
    says: 'Column "値" of names.csv was left out: you chose to leave it out.',
    length: 3,
  },
  {
    file: 'dna.csv',
    content: `id,sequence,class\nr1,${'ACGT'.repeat(10)},a\nr2,${'GGCA'.repeat(10)}X,b\nr3,${'TTAA'.repeat(10)}!,a\n`,
    options: { onProblem: 'skip', domain: 'genomics', table: { roles: { sequence: 'sequence' } } },
    says: 'Line 4 of dna.csv (record "r3") holds "!", which is no nucleotide letter. The record was left out.',
    line: 4,
    length: 81,
  },
]

let project: TestProject
beforeAll(() => (project = testProject()))
afterAll(() => project.remove())

describe('read, and told in the report', () => {
  it.each(told)('$file: $says', async ({ file, content, options, says, line, length }) => {
    const detail = await project.add(file, content, options)
    const problem = detail.report.problems.find(({ message }) => message.includes(says))
    expect(problem ?? detail.report.problems).toMatchObject({ message: expect.stringContaining(says), file })
    if (line !== undefined) expect(problem!.line).toBe(line)
    expect(detail.length).toBe(length)
  })
})

describe('one line of 300 MB, in bounded memory', () => {
  /** Written piece by piece; the process must not hold the line. */
  async function lineOf(name: string, begin: string, piece: string): Promise<{ path: string; grown: () => number }> {
    mkdirSync(join(project.folder, 'files'), { recursive: true })
    const path = join(project.folder, 'files', name)
    const handle = await open(path, 'w')
    await handle.write(begin)
    const block = Buffer.from(piece.repeat(Math.floor(1_048_576 / piece.length)))
    for (let written = 0; written < 300 * 1_048_576; written += block.length) await handle.write(block)
    await handle.close()
    const before = process.memoryUsage().rss
    return { path, grown: () => (process.memoryUsage().rss - before) / 1e6 }
  }

  it('of values in a .tsf is read', async () => {
    const { path, grown } = await lineOf('long.tsf', tsf('a:2020-01-01 00-00-00:'), '12345.75,')
    const { datasetId } = await importFiles(project.store, { paths: [path], options: {} })
    const [{ length }] = all<{ length: number }>(project.store, `SELECT length FROM dataset WHERE id = ${datasetId}`)
    expect(length).toBeGreaterThan(34_000_000)
    expect(grown()).toBeLessThan(300)
  }, 120_000)

  it.each([
    ['long.ts', ts(''), '1.5,'],
    ['long.arff', arff(''), '1.5,'],
    ['long.jsonl', '{"text": "one text that is long enough"}\n{"text": "', 'a word '],
    ['long.csv', 'a,b\n1,2\n3,4\n', '5,'],
  ])(
    'of a %s is refused with its number',
    async (name, begin, piece) => {
      const { path, grown } = await lineOf(name, begin, piece)
      await expect(importFiles(project.store, { paths: [path], options: {} })).rejects.toMatchObject({
        message: expect.stringMatching(new RegExp(`ine \\d+ of ${name} is longer than [\\d,]+ bytes`)),
      })
      expect(grown()).toBeLessThan(300)
    },
    60_000,
  )
})
