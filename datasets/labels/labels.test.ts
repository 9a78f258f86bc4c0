import { afterEach, beforeEach, expect, it } from 'vitest'
import { DatasetWriter, getDataset, listRecords, type RecordStart } from '../store/store.ts'
import { testProject, type TestProject } from '../testing/project.ts'

let project: TestProject
beforeEach(() => (project = testProject()))
afterEach(() => project.remove())

const report = { accepted: 1, repaired: 0, skipped: 0, refused: 0, problems: [] }

function write(records: (RecordStart & { late?: Partial<RecordStart> })[], classes?: string[]): number {
  const writer = new DatasetWriter(project.store, { name: 'd', domain: 'text', format: 'x', unit: 'bytes', cell: 'u8', channels: 1 })
  if (classes) writer.declareClasses(classes)
  for (const { late, ...record } of records) {
    writer.beginRecord(record)
    writer.append(new Uint8Array([1, 2]))
    writer.endRecord(late)
  }
  const plan = { rule: 'all', records: records.map(() => 'train' as const) }
  return writer.seal({ sources: [], options: {}, report, facts: {}, codec: { kind: 'byte' }, layout: {}, plan })
}
const labels = (id: number): (number | null)[] => listRecords(project.store, id, 0, 100).map((record) => record.label)

it('numbers classes in order of their names, whatever came first, and says nothing where there is no label', () => {
  const id = write([{ name: 'a', label: '10' }, { name: 'b', label: '2' }, { name: 'c' }, { name: 'd', late: { label: '10', group: 'g' } }])
  expect(getDataset(project.store, id).labels).toEqual({ kind: 'class', names: ['2', '10'] })
  expect(labels(id)).toEqual([1, 0, null, 1])
  expect(listRecords(project.store, id, 3, 1)[0].group).toBe('g')
  expect(getDataset(project.store, write([{ name: 'a' }])).labels).toBeNull()
})

it('keeps the order a file declares, also of a class that no record has', () => {
  const id = write(
    [
      { name: 'a', label: 'N' },
      { name: 'b', label: 'EI' },
    ],
    ['EI', 'IE', 'N'],
  )
  expect(getDataset(project.store, id).labels).toEqual({ kind: 'class', names: ['EI', 'IE', 'N'] })
  expect(labels(id)).toEqual([2, 0])
})

it('keeps numbers as they are, and refuses a mix of both kinds', () => {
  const id = write([
    { name: 'a', label: 0.25 },
    { name: 'b', label: -3 },
  ])
  expect(getDataset(project.store, id).labels).toEqual({ kind: 'number' })
  expect(labels(id)).toEqual([0.25, -3])
  expect(() =>
    write([
      { name: 'a', label: 'x' },
      { name: 'b', label: 1 },
    ]),
  ).toThrow('a dataset holds one')
})

it('counts labels and groups into the hash of the content', () => {
  const hash = (record: RecordStart): string => getDataset(project.store, write([record])).hash
  const plain = hash({ name: 'a' })
  expect(hash({ name: 'a' })).toBe(plain)
  expect(hash({ name: 'a', label: 'x' })).not.toBe(plain)
  expect(hash({ name: 'a', group: 'x' })).not.toBe(plain)
})
