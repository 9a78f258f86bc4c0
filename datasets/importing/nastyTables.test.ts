/** What goes wrong with tables, series and texts: each input with the sentence it must give. A refusal leaves nothing; a repair is told. */
import { mkdirSync, readFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ImportOptions } from '../../main/contract/dataset.ts'
import { all } from '../store/connection.ts'
import { testProject, type TestProject } from '../testing/project.ts'
import { importFiles } from './importFiles.ts'

const fixture = (name: string): Buffer => readFileSync(join(import.meta.dirname, '../tables/fixtures', name))
const edit = (name: string, change: (bytes: Buffer) => Buffer | void): Buffer => {
  const bytes = Buffer.from(fixture(name))
  return change(bytes) ?? bytes
}
const ts = (cases: string, tags = '@univariate true\n@classLabel true a b'): string =>
  `# made by hand\n@problemName x\n${tags}\n@data\n${cases}`
const tsf = (rows: string, frequency = 'daily'): string =>
  `@relation x\n@attribute series_name string\n@attribute start_timestamp date\n@frequency ${frequency}\n@horizon 2\n@equallength false\n@data\n${rows}`
const arff = (rows: string, attributes = '@attribute a numeric\n@attribute b numeric'): string =>
  `% by hand\n@relation x\n${attributes}\n@data\n${rows}`
const npy = (header: string, data = Buffer.alloc(0)): Buffer => {
  const size = Buffer.alloc(2)
  size.writeUInt16LE(header.length)
  return Buffer.concat([Buffer.from('\x93NUMPY\x01\0', 'latin1'), size, Buffer.from(header), data])
}
const header = (dtype: string, shape: string): string => `{'descr': '${dtype}', 'fortran_order': False, 'shape': (${shape}), }\n`

interface Bad {
  file: string
  content: string | Uint8Array
  says: string
  code?: string
  options?: ImportOptions
}

const refused: Bad[] = [
  {
    file: 'dimensions.ts',
    content: ts('1,2:3,4:a\n1,2:a\n', '@univariate false\n@dimensions 2\n@classLabel true a b'),
    says: 'Line 8 of dimensions.ts: it has 2 parts between colons where 3 are expected (2 dimensions and the label).',
  },
  {
    file: 'uneven.ts',
    content: ts('1,2:3,4,5:a\n', '@univariate false\n@dimensions 2\n@classLabel true a b'),
    says: 'Line 7 of uneven.ts: dimension 2 has 3 values where dimension 1 has 2.',
  },
  { file: 'label.ts', content: ts('1,2:a\n3,4:c\n'), says: 'Line 7 of label.ts: "c" is none of the classes the header lists.' },
  { file: 'word.ts', content: ts('1,two:a\n'), says: 'Line 6 of word.ts: "two" is not a number.' },
  {
    file: 'target.ts',
    content: ts('1,2:high\n', '@univariate true\n@targetLabel true'),
    says: 'Line 6 of target.ts: the target "high" is not a number.',
  },
  {
    file: 'nodata.ts',
    content: '@problemName x\n@univariate true\n1,2:a\n',
    code: 'import/lying-header',
    says: 'nodata.ts has no "@data" line within its first 38 bytes',
  },
  {
    file: 'frequency.tsf',
    content: tsf('a:2020-01-01 00-00-00:1,2\n', 'sometimes'),
    code: 'import/lying-header',
    says: 'Line 4 of frequency.tsf gives the frequency "sometimes", which Strand does not know.',
  },
  {
    file: 'start.tsf',
    content: tsf('a:yesterday:1,2\n'),
    says: 'Line 8 of start.tsf: "yesterday" is not a start time such as 1979-01-01 00-00-00.',
  },
  {
    file: 'novalues.tsf',
    content: tsf('a:2020-01-01 00-00-00\n'),
    says: 'Line 8 of novalues.tsf: it has 1 of 2 attributes and no values.',
  },
  {
    file: 'word.tsf',
    content: tsf('a:2020-01-01 00-00-00:1,x,3\n'),
    says: 'Line 8 of word.tsf: "x" is not a number (value 2 of the series).',
  },
  { file: 'short.arff', content: arff('1,2\n3\n5,6\n'), says: 'Line 7 of short.arff: it has 1 value where 2 attributes are declared.' },
  {
    file: 'type.arff',
    content: arff('1,2\n', '@attribute a numeric\n@attribute b quaternion'),
    code: 'import/lying-header',
    says: 'Line 4 of type.arff describes no attribute that Strand knows',
  },
  {
    file: 'sparse.arff',
    content: arff('{0 1, 9 2}\n{0 1}\n'),
    says: 'Line 6 of sparse.arff: "9 2" is no pair of an attribute\'s number and a value.',
  },
  {
    file: 'cut.npy',
    content: fixture('cube.npy').subarray(0, 1000),
    code: 'import/truncated',
    says: 'cut.npy is cut off: its header promises 300 numbers, and 218 are there.',
  },
  {
    file: 'structured.npy',
    content: npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (3,), }\n"),
    code: 'import/lying-header',
    says: 'The header of structured.npy holds no plain array',
  },
  {
    file: 'complex.npy',
    content: npy(header('<c8', '3,')),
    code: 'import/unknown-format',
    says: 'complex.npy holds numbers of the NumPy type "<c8", which Strand does not read.',
  },
  {
    file: 'four.npy',
    content: npy(header('<f4', '2, 2, 2, 2'), Buffer.alloc(64)),
    code: 'import/unknown-format',
    says: 'four.npy is an array of 4 axes; a series has one to three axes of numbers.',
  },
  {
    file: 'axes.npy',
    content: fixture('cube.npy'),
    options: { axes: 'time' },
    code: 'bad-input',
    says: 'axes.npy has 3 axes (4 × 25 × 3), and you chose time.',
  },
  {
    file: 'cut.parquet',
    content: fixture('series-zstd.parquet').subarray(0, 5000),
    code: 'import/truncated',
    says: 'cut.parquet is cut off: a Parquet file ends with "PAR1" and this one does not.',
  },
  {
    file: 'lies.parquet',
    content: edit('series-none.parquet', (bytes) => void bytes.writeUInt32LE(0x7fff_ffff, bytes.length - 8)),
    code: 'import/lying-header',
    says: 'lies.parquet says that its directory takes 2,147,483,647 bytes',
  },
  {
    file: 'page.parquet',
    content: edit('series-zstd.parquet', (bytes) => void bytes.fill(0xff, 60, 400)),
    code: 'import/truncated',
    says: 'page.parquet is a damaged Parquet file',
  },
  {
    file: 'cut.feather',
    content: fixture('series-lz4.feather').subarray(0, 2500),
    code: 'import/truncated',
    says: 'cut.feather is a damaged or cut off Arrow file',
  },
  {
    file: 'words.parquet',
    content: fixture('texts.parquet'),
    options: { domain: 'genomics' },
    code: 'import/unknown-format',
    says: 'words.parquet is a Parquet table without a column of sequences that Strand could read (its columns: text, label, score).',
  },
  {
    file: 'signals.edf',
    content: edit('night.edf', (bytes) => void bytes.write('9   ', 252, 'latin1')),
    code: 'import/lying-header',
    says: 'The header of signals.edf claims to take 1,024 bytes, and 9 signals take 2,560 (byte 185).',
  },
  {
    file: 'scale.edf',
    content: edit('night.edf', (bytes) => void bytes.write('-32768  ', 256 + 3 * (16 + 80 + 8 + 8 + 8 + 8), 'latin1')),
    code: 'import/lying-header',
    says: 'gives signal 1 ("EEG Fpz-Cz") the same digital minimum and maximum, -32768',
  },
  {
    file: 'header.edf',
    content: fixture('night.edf').subarray(0, 700),
    code: 'import/truncated',
    says: 'header.edf ends at byte 700, inside its header.',
  },
  {
    file: 'bad.jsonl',
    content: '{"text": "one text that is long enough"}\n{"text": "another text that is long"}\n{"text": "a third\n',
    says: 'Line 3 of bad.jsonl is not valid JSON ("{"text": "a third").',
  },
  {
    file: 'cut.json',
    content: '[{"text": "one text that is long enough"},\n {"text": "another one of them',
    code: 'import/truncated',
    says: 'cut.json is cut off: its list is never closed (the last record begins in line 2).',
  },
  {
    file: 'turns.csv',
    content: `id,date,y\n${['A', 'B', 'A'].flatMap((id, part) => Array.from({ length: 300 }, (_, i) => `${id},${new Date(i * 864e5 + (part === 2 ? 1e12 : 0)).toISOString().slice(0, 10)},${i}`)).join('\n')}\n`,
    says: 'Line 602 of turns.csv goes back to "A", whose rows had ended.',
  },
  {
    file: 'uneven.csv',
    content: `date,y\n${Array.from({ length: 20 }, (_, i) => `2020-01-01 ${String(i).padStart(2, '0')}:${i === 9 ? '20' : '00'}:00,${i}`).join('\n')}\n`,
    options: { missing: 'stop' },
    says: 'Line 11 of uneven.csv does not keep the step in time of the rows before, and you chose to stop at missing values.',
  },
  {
    file: 'zeros.csv',
    content: Buffer.from('a,b\n1,2\n3,4\n', 'utf-16le'),
    options: { encoding: 'utf-8' },
    code: 'import/unknown-format',
    says: 'zeros.csv holds binary data (a zero byte at byte 2, line 1)',
  },
  {
    file: 'old.feather',
    content: 'FEA1....................',
    code: 'import/unknown-format',
    says: 'old.feather is a Feather table of version 1, which Strand does not read.',
  },
  {
    file: 'matrix.mat',
    content: 'MATLAB 5.0 MAT-file, Platform: GLNXA64',
    code: 'import/unknown-format',
    says: 'matrix.mat is a MATLAB file, which Strand does not read.',
  },
  {
    file: 'table.csv',
    content: fixture('cube.npy'),
    options: { domain: 'text' },
    code: 'import/unknown-format',
    says: 'table.csv is a table of numbers (NPY) and cannot be imported as text.',
  },
]

interface Told extends Omit<Bad, 'code'> {
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
    says: '1 gap in time, the first before line 12 of split.csv: 5 rows are missing; a new record begins behind each gap.',
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

describe('refused, with nothing left behind', () => {
  it.each(refused)('$file: $says', async ({ file, content, options, code = 'import/bad-record', says }) => {
    await expect(project.add(file, content, options)).rejects.toMatchObject({ code, message: expect.stringContaining(says) })
    expect(all(project.store, `SELECT id FROM dataset WHERE state = 'importing'`)).toEqual([])
  })
})

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
