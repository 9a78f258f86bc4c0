import { expect, test } from 'vitest'
import { heatMap } from './heatMap.ts'

test('a cell for each model and setting, darker for more, with its number', () => {
  const across = [
    { group: 'length 32', label: '4' },
    { group: 'length 64', label: '4' },
  ]
  const svg = heatMap({
    title: 'a < b',
    across,
    acrossTitle: 'pairs',
    down: ['Mamba', 'attention'],
    value: (row, column) => 100 * row + column,
  })
  expect(svg.match(/<rect x/g)).toHaveLength(4)
  expect(svg).toContain('a &lt; b')
  expect(svg).toContain('rgb(236,240,246)')
  expect(svg).toContain('rgb(24,74,140)')
  expect([...svg.matchAll(/>length (\d+)</g)].map(([, length]) => length)).toEqual(['32', '64'])
})
