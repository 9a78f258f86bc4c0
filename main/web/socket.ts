import type { WebSocket } from 'ws'
import { z } from 'zod'
import type { Core } from '../core/core.ts'
import { envelope } from '../core/errors.ts'

/** Above this many bytes unsent, metric points are left out: the chart fetches what it misses. */
export const DROP_ABOVE = 4 * 1024 * 1024
/** A page that reads nothing any more; holding more for it would only fill memory. */
const GIVE_UP_ABOVE = 256 * 1024 * 1024

const Request = z.object({ id: z.number().int().nonnegative(), name: z.string().max(64), input: z.unknown().optional() })

/** One page's connection: `{id, name, input}` in, `{id, ok}` or `{id, error}` and `{event, payload}` out. */
export function connect(socket: WebSocket, core: Core): void {
  const stop = core.on((event, payload) => {
    if (socket.readyState !== socket.OPEN) return
    if (event === 'run/metrics' && socket.bufferedAmount > DROP_ABOVE) return
    if (socket.bufferedAmount > GIVE_UP_ABOVE) socket.terminate()
    else socket.send(JSON.stringify({ event, payload }))
  })
  const answer = async (text: string): Promise<void> => {
    let message: unknown
    try {
      message = JSON.parse(text)
    } catch {
      message = null
    }
    const request = Request.safeParse(message)
    // without an id nothing can be answered, and our own page never sends such a thing
    if (!request.success) return socket.close(1008, 'not a request')
    const { id, name, input } = request.data
    const outcome = await envelope(() => core.call(name, input))
    if (socket.readyState === socket.OPEN) socket.send(JSON.stringify({ id, ...('ok' in outcome ? { ok: outcome.ok ?? null } : outcome) }))
  }
  socket.on('message', (data: Buffer) => void answer(data.toString()))
  socket.on('close', stop)
  socket.on('error', () => socket.terminate())
}
