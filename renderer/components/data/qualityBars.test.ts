import { expect, test } from 'vitest'
import { qualityBars } from './qualityBars.ts'

const none = { classes: [], values: [], unlabelled: 3, lengths: [], groups: [], groupCount: 0, notes: [] }

test('every bar asks for its records; the last length takes its end with it', () => {
  const lengths = [
    { from: 10, to: 20, records: 2 },
    { from: 20, to: 30, records: 1 },
  ]
  const classes = [{ label: 0, name: 'EI', train: 2, validation: 0, test: 1, mixed: 0, records: 3 }]
  const { labels, lengths: bars, groups, asks } = qualityBars({ ...none, classes, lengths, groups: [{ name: 'ada', records: 3 }] }, 'bases')
  expect([...labels, ...bars, ...groups].map(({ key }) => asks.get(key))).toEqual([
    { title: 'EI', query: { label: 0 } },
    { title: 'Without a label', query: { label: null } },
    { title: '10 to 20 bases', query: { length: { from: 10, to: 19 } } },
    { title: '20 to 30 bases', query: { length: { from: 20, to: 30 } } },
    { title: 'ada', query: { group: 'ada' } },
  ])
})

test('without any label there is no bar for those without', () => {
  expect(qualityBars(none, 'rows').labels).toEqual([])
})
