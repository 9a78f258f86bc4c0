import { expect, it } from 'vitest'
import { Names } from '../importing/names.ts'
import type { PlannedRecord } from './newDataset.ts'
import { RecordTable } from './recordTable.ts'

it('gives back every record it was told, whatever it has of labels, groups and splits', () => {
  // the first begins at 0; each of the others where the one before it ends
  let start = -99 * 2 ** 20
  const records = Array.from({ length: 40_000 }, (_, i): PlannedRecord => ({
    name: i % 7 === 0 ? `名前 ${i}` : `read_${i}`,
    start: (start += ((i + 99) % 100) * 2 ** 20),
    length: (i % 100) * 2 ** 20,
    label: i < 2000 ? null : i % 3,
    group: i % 5 === 0 ? null : `group ${i % 11}`,
    fixed: i < 4000 ? null : i % 2 ? 'train' : 'test',
  }))
  const table = new RecordTable()
  records.forEach((record) => table.push(record))
  const plain = ({ name, start, length, label, group, fixed }: PlannedRecord): PlannedRecord => ({
    name,
    start,
    length,
    label,
    group,
    fixed,
  })
  expect(table.map(plain)).toEqual(records)
  table.relabel([10, 20, 30])
  expect(table.at(2001)!.label).toBe(10)
  expect(table.at(1999)!.label).toBeNull()
  expect(table.at(40_000)).toBeUndefined()
  expect(() => table.push({ ...records[1], start: 7 })).toThrow('does not begin where')
})

it('names: the second of a name is told apart, also from a name that looks like it', () => {
  const names = new Names()
  expect(['a', 'b', 'a', 'a (2)', 'a', 'a (3)', 'a'].map((name) => names.take(name).name)).toEqual([
    'a',
    'b',
    'a (2)',
    'a (2) (2)',
    'a (3)',
    'a (3) (2)',
    'a (4)',
  ])
  for (let i = 0; i < 300_000; i++) if (names.take(`read_${i}`).renamed) throw new Error(`read_${i} was taken for another name`)
  for (let i = 0; i < 300_000; i += 1000) expect(names.take(`read_${i}`)).toEqual({ name: `read_${i} (2)`, renamed: true })
})
