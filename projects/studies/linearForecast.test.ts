import { expect, test } from 'vitest'
import { openSeriesWindows } from '../../datasets/batching/seriesWindows.ts'
import { TestProject } from '../testing/project.ts'
import { linearForecast } from './linearForecast.ts'

test('a series that follows a linear rule is told almost exactly, which repeating the last value is not', async () => {
  const project = new TestProject()
  try {
    const rows = Array.from({ length: 600 }, (_, t) => `${Math.sin(t / 5).toFixed(6)},${(2 * Math.cos(t / 7)).toFixed(6)}`)
    const datasetId = await project.import('waves.csv', `a,b\n${rows.join('\n')}\n`)
    const [train, validation, test] = (['train', 'validation', 'test'] as const).map((split) =>
      openSeriesWindows(project.store, datasetId, split, { lookback: 12, horizon: 6 }),
    )
    const { mse, mae } = linearForecast(train, validation, test)
    expect(mse).toBeLessThan(1e-3)
    expect(mae).toBeLessThan(0.03)
  } finally {
    project.close()
  }
})
