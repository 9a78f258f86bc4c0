import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import WebSocket, { WebSocketServer } from 'ws'
import type { EventName, Events } from '../contract/calls.ts'
import type { Core } from '../core/core.ts'
import { connect, DROP_ABOVE } from './socket.ts'

/** The two things a connection asks of the core, so that a test can decide when an event comes. */
function core(): { core: Core; emit<E extends EventName>(event: E, payload: Events[E]): void } {
  const listeners = new Set<(event: EventName, payload: never) => void>()
  const answers = {
    call: async (name: string) => ({ name }),
    on: (listener: (event: EventName, payload: never) => void) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
  return { core: answers as unknown as Core, emit: (event, payload) => listeners.forEach((listener) => listener(event, payload as never)) }
}

test('a page that does not read loses metric points, never an answer or another event', async () => {
  const source = core()
  const http = createServer().listen(0, '127.0.0.1')
  const server = new WebSocketServer({ server: http })
  await once(http, 'listening')
  const accepted = once(server, 'connection')
  const page = new WebSocket(`ws://127.0.0.1:${(http.address() as AddressInfo).port}`)
  await once(page, 'open')
  const [ours] = (await accepted) as [WebSocket]
  connect(ours, source.core)

  page.send(JSON.stringify({ id: 1, name: 'app/info' }))
  await once(page, 'message')
  page.pause()
  const points = Array.from({ length: 1000 }, (_, step) => ({ step, trainLoss: 1, learningRate: 1, gradNorm: 1, tokensPerSecond: 1 }))
  const sent = 400
  for (let runId = 0; runId < sent; runId++) source.emit('run/metrics', { runId, points })
  expect(ours.bufferedAmount).toBeGreaterThan(DROP_ABOVE)
  expect(ours.bufferedAmount).toBeLessThan(DROP_ABOVE + 1_000_000)
  source.emit('dataset/changed', { id: 5 })
  page.send(JSON.stringify({ id: 2, name: 'job/list' }))
  await new Promise((resolve) => setTimeout(resolve, 100))

  let metrics = 0
  const rest: unknown[] = []
  page.on('message', (data: Buffer) => {
    const message = JSON.parse(data.toString()) as { event?: string }
    if (message.event === 'run/metrics') metrics++
    else rest.push(message)
  })
  page.resume()
  await expect
    .poll(() => rest)
    .toEqual([
      { event: 'dataset/changed', payload: { id: 5 } },
      { id: 2, ok: { name: 'job/list' } },
    ])
  expect(metrics).toBeGreaterThan(0)
  expect(metrics).toBeLessThan(sent)
  page.terminate()
  server.close()
  http.close()
})
