import { fork } from 'node:child_process'
import { mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RandomStream } from '../../kernels/random/philox.ts'
import { generators } from '../bench/generate.ts'
import type { DatasetSummary } from '../../main/contract/dataset.ts'
import { all } from '../store/connection.ts'
import { checkProject, listDatasets, openProject } from '../store/store.ts'
import type { Work } from '../testing/importAndTell.ts'
import { testProject, type TestProject } from '../testing/project.ts'

let files: TestProject
let killed = 0

/** What is imported, of a size that takes some tenths of a second. */
const KINDS: Record<string, (folder: string) => Omit<Work, 'folder'>> = {
  'a FASTA': (folder) => made(folder, 'a.fa', (path) => generators.fasta(path, 1.2e7)),
  'short reads': (folder) => made(folder, 'r.fa', (path) => generators.records(path, 15_000)),
  'a FASTQ': (folder) => made(folder, 'q.fastq', (path) => generators.fastq(path, 5e6)),
  'a GenBank file': (folder) => made(folder, 'g.gb', (path) => generators.genbank(path, 6e6)),
  'a WAV': (folder) => made(folder, 'w.wav', (path) => generators.wav(path, 1e7)),
  'a table': (folder) => made(folder, 't.csv', (path) => generators.csv(path, 2.5e6)),
  'a gzipped text': (folder) => made(folder, 'x.txt.gz', (path) => writeFileSync(path, gzipSync(words(1_500_000)))),
  'a text cut into learned tokens': (folder) => ({
    ...made(folder, 'b.txt', (path) => writeFileSync(path, words(200_000))),
    options: { tokens: 'bpe', vocab: 400 },
  }),
  'a labelled folder': (folder) => {
    for (let i = 0; i < 60; i++) {
      mkdirSync(join(folder, 'set', `class ${i % 3}`), { recursive: true })
      writeFileSync(join(folder, 'set', `class ${i % 3}`, `${i}.txt`), words(5000))
    }
    return { paths: [join(folder, 'set')], options: { labels: { from: 'folder' } } }
  },
  'a generated task': () => ({ synthetic: { task: 'mqar', options: { train: 3000, vocab: 256 } } }),
}

function made(folder: string, name: string, write: (path: string) => void): { paths: string[] } {
  const path = join(folder, name)
  write(path)
  return { paths: [path] }
}

function words(length: number): string {
  const random = new RandomStream(1, 5)
  const list = Array.from({ length: 500 }, () =>
    random
      .uint32()
      .toString(36)
      .slice(0, 2 + (random.uint32() % 6)),
  )
  let text = ''
  while (text.length < length) text += `${list[random.uint32() % list.length]} `
  return text
}

/** Milliseconds from the opened project to the end, or null when it was killed after `after` of them. */
function work(task: Work, after: number | null): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const child = fork(join(import.meta.dirname, '../testing/importAndTell.ts'), [], {
      execArgv: ['--disable-warning=ExperimentalWarning'],
    })
    let started = 0
    let done: number | null = null
    child.on('message', (told) => {
      if (told === 'started') {
        started = performance.now()
        if (after !== null) setTimeout(() => child.kill('SIGKILL'), after)
      } else if (told === 'done') done = performance.now() - started
      else reject(new Error(String(told)))
    })
    child.on('exit', () => resolve(done))
    child.send(task)
  })
}

const KILLS = 2
const TABLES = ['chunk', 'record', 'source', 'import_problem']

/** Every dataset there is; and there is nothing else: no rows of any other, no damage. */
function inspect(folder: string): DatasetSummary[] {
  const store = openProject(folder)
  try {
    expect(all(store, `SELECT id FROM dataset WHERE state <> 'ready'`)).toEqual([])
    for (const table of TABLES)
      expect(all(store, `SELECT dataset_id FROM ${table} WHERE dataset_id NOT IN (SELECT id FROM dataset)`)).toEqual([])
    expect(all(store, 'SELECT record_id FROM token_span WHERE record_id NOT IN (SELECT id FROM record)')).toEqual([])
    expect(checkProject(store)).toBeNull()
    return listDatasets(store)
  } finally {
    store.close()
  }
}

beforeAll(() => {
  files = testProject()
})
afterAll(() => files.remove())

describe('an import killed at any moment leaves no half dataset, an intact database, and its disk', () => {
  for (const [kind, prepare] of Object.entries(KINDS))
    it(
      kind,
      async () => {
        const folder = join(files.folder, kind)
        mkdirSync(folder)
        const task = prepare(folder)
        const project = join(folder, 'project')
        const whole = await work({ folder: project, ...task }, null)
        expect(whole).not.toBeNull()
        const { hash } = inspect(project)[0]
        const random = new RandomStream(20_261_124, kind.length)
        for (let turn = 0; turn < KILLS; turn++) {
          const before = statSync(join(project, 'project.sqlite')).size
          const datasets = inspect(project).length
          const ended = await work({ folder: project, ...task }, random.uniform() * whole!)
          if (ended === null) killed++
          const after = inspect(project)
          // what was there is there; a new one is whole: the blow may have fallen between the last commit and the word that it was done
          for (const dataset of after) expect(dataset.hash).toBe(hash)
          if (ended !== null) expect(after.length).toBe(datasets + 1)
          if (after.length === datasets) expect(statSync(join(project, 'project.sqlite')).size).toBeLessThan(before + 300_000)
        }
      },
      120_000,
    )

  it('most of these were killed in the middle', () => {
    expect(killed).toBeGreaterThan((KILLS * Object.keys(KINDS).length) / 2)
  })
})
