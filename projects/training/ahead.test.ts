import { expect, test } from 'vitest'
import { Ahead, type Arrived, DEPTH } from './ahead.ts'

const all = async (ahead: Ahead, left: number): Promise<Pick<Arrived, 'step' | 'steps'>[]> => {
  const found: Pick<Arrived, 'step' | 'steps'>[] = []
  for await (const { step, steps } of ahead.take(left)) found.push({ step, steps })
  return found
}

test('a submitted step is not waited for while no more than two reads are under way', async () => {
  const ahead = new Ahead()
  const reads = Array.from({ length: 4 }, () => Promise.withResolvers<{ loss: number; gradNorm: number }>())
  for (const step of [1, 2]) {
    ahead.begin()
    ahead.ask(step, () => reads[step - 1].promise)
    // resolves though nothing arrived
    expect(await all(ahead, DEPTH)).toEqual([])
  }
  ahead.begin()
  ahead.begin()
  ahead.ask(4, () => reads[2].promise)
  let taken: unknown = null
  const waiting = all(ahead, DEPTH).then((found) => (taken = found))
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(taken).toBeNull()
  reads[0].resolve({ loss: 1, gradNorm: 1 })
  await waiting
  expect(taken).toEqual([{ step: 1, steps: 1 }])
  reads[1].resolve({ loss: 1, gradNorm: 1 })
  reads[2].resolve({ loss: 1, gradNorm: 1 })
  expect(await all(ahead, 0)).toEqual([
    { step: 2, steps: 1 },
    { step: 4, steps: 2 },
  ])
  expect(ahead.idle).toBe(true)
  // nothing was submitted since: there is nothing to ask for
  ahead.ask(4, () => Promise.reject(new Error('asked for nothing')))
  expect(await all(ahead, 0)).toEqual([])
})

test('short steps share a read, long ones have one each', () => {
  const ahead = new Ahead()
  ahead.begin()
  expect([ahead.due(null), ahead.due(50), ahead.due(3)]).toEqual([true, true, false])
  ahead.begin()
  expect([ahead.due(3), ahead.due(0.1)]).toEqual([true, false])
  for (let k = 0; k < 8; k++) ahead.begin()
  expect(ahead.due(0.1)).toBe(true)
})

test('a read that fails fails where it is taken, and nowhere before', async () => {
  const ahead = new Ahead()
  ahead.begin()
  ahead.ask(1, () => Promise.reject(new Error('the device is gone')))
  await new Promise((resolve) => setTimeout(resolve, 5))
  await expect(all(ahead, 0)).rejects.toThrow('the device is gone')
})

test('a step counts from where it began, also on a device that is done when it returns', async () => {
  const ahead = new Ahead()
  const times: number[] = []
  for (let step = 1; step <= 2; step++) {
    await new Promise((resolve) => setTimeout(resolve, 30))
    ahead.begin()
    const until = performance.now() + 20
    while (performance.now() < until);
    ahead.ask(step, () => Promise.resolve({ loss: 1, gradNorm: 1 }))
    for await (const { ms } of ahead.take(0)) times.push(ms)
  }
  for (const ms of times) expect(ms).toBeGreaterThanOrEqual(20)
  // what lay between the steps is not theirs
  expect(Math.min(...times)).toBeLessThan(45)
})
