import { afterEach, expect, test, vi } from 'vitest'
import { webBridge, type Wire } from './webBridge.ts'

/** The wire only: what goes over it is checked, nothing of ours is replaced. */
class TestWire implements Wire {
  onopen: (() => void) | null = null
  onclose: (() => void) | null = null
  onmessage: ((message: { data: unknown }) => void) | null = null
  sent: { id: number; name: string; input: unknown }[] = []
  send(text: string): void {
    this.sent.push(JSON.parse(text))
  }
  answer(message: unknown): void {
    this.onmessage?.({ data: JSON.stringify(message) })
  }
}
function connect(): { wires: TestWire[]; bridge: ReturnType<typeof webBridge> } {
  const wires: TestWire[] = []
  const bridge = webBridge(() => wires[wires.push(new TestWire()) - 1])
  return { wires, bridge }
}
afterEach(() => vi.useRealTimers())

test('calls wait for the connection, and answers find their call', async () => {
  const { wires, bridge } = connect()
  const list = bridge.call('dataset/list', undefined)
  const run = bridge.call('run/get', { runId: 7 })
  expect(wires[0].sent).toEqual([])
  wires[0].onopen?.()
  expect(bridge.connected.value).toBe(true)
  expect(wires[0].sent).toEqual([
    { id: 1, name: 'dataset/list' },
    { id: 2, name: 'run/get', input: { runId: 7 } },
  ])
  wires[0].answer({ id: 2, error: { code: 'not-found', message: 'There is no run 7.', facts: { run: 7 } } })
  wires[0].answer({ id: 1, ok: [] })
  await expect(list).resolves.toEqual([])
  await expect(run).rejects.toMatchObject({ code: 'not-found', message: 'There is no run 7.', facts: { run: 7 } })
})

test('events reach their listeners until they stop listening', () => {
  const { wires, bridge } = connect()
  const heard: unknown[] = []
  const stop = bridge.on('dataset/changed', (payload) => heard.push(payload))
  wires[0].answer({ event: 'dataset/changed', payload: { id: 1 } })
  wires[0].answer({ event: 'run/changed', payload: {} })
  stop()
  wires[0].answer({ event: 'dataset/changed', payload: { id: 2 } })
  expect(heard).toEqual([{ id: 1 }])
})

test('a lost connection fails what was asked, shows, and is opened again', async () => {
  vi.useFakeTimers()
  const { wires, bridge } = connect()
  wires[0].onopen?.()
  const asked = bridge.call('run/list', undefined)
  wires[0].onclose?.()
  await expect(asked).rejects.toMatchObject({ code: 'worker-crashed' })
  expect(bridge.connected.value).toBe(false)
  const later = bridge.call('run/list', undefined)
  vi.advanceTimersByTime(250)
  wires[1].onopen?.()
  expect(bridge.connected.value).toBe(true)
  wires[1].answer({ id: wires[1].sent[0].id, ok: [] })
  await expect(later).resolves.toEqual([])
})
