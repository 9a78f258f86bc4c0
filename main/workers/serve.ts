import { errorShape, StrandError } from '../core/errors.ts'
import type { FromWorker, MethodTable, ToWorker } from './messages.ts'

export interface WorkerCall<P> {
  readonly signal: AbortSignal
  progress(value: P): void
}

export type Methods<M extends MethodTable<M>> = {
  [K in keyof M]: (input: M[K][0], call: WorkerCall<M[K][2]>) => M[K][1] | Promise<M[K][1]>
}

/** The part of Electron's `process.parentPort` used here. */
interface ParentPort {
  on(event: 'message', listener: (message: { data: ToWorker }) => void): void
  postMessage(message: FromWorker): void
}

interface Parent {
  send(message: FromWorker): void
  listen(listener: (message: ToWorker) => void): void
}

/** The same worker file runs under Electron's utilityProcess (parentPort) and under child_process.fork. */
function parent(): Parent {
  const port = (process as unknown as { parentPort?: ParentPort }).parentPort
  if (port) return { send: (message) => port.postMessage(message), listen: (listener) => port.on('message', ({ data }) => listener(data)) }
  if (!process.send) throw new Error('A worker runs only as a child of Strand.')
  // a worker without its parent would train for nobody and hold the database
  process.on('disconnect', () => process.exit(0))
  return {
    send: (message) => {
      if (process.connected) process.send?.(message)
    },
    listen: (listener) => process.on('message', (message) => listener(message as ToWorker)),
  }
}

/** Answers the parent's requests with `methods`, several at a time. */
export function serve<M extends MethodTable<M>>(methods: Methods<M>): void {
  // Ctrl-C reaches the whole process group; the parent decides when a worker ends
  process.on('SIGINT', () => undefined)
  const { send, listen } = parent()
  const running = new Map<number, AbortController>()
  const answer = async (id: number, method: string, input: unknown): Promise<void> => {
    const abort = new AbortController()
    running.set(id, abort)
    try {
      if (!Object.hasOwn(methods, method)) throw new StrandError('internal', `A worker was asked for ${method}, which it does not have.`)
      const call = { signal: abort.signal, progress: (value: unknown) => send({ kind: 'progress', id, value }) }
      const work = methods[method as keyof M] as (input: unknown, call: WorkerCall<unknown>) => unknown
      send({ kind: 'ok', id, value: await work(input, call) })
    } catch (error) {
      const shape = errorShape(error)
      if (shape.code === 'internal') console.error(error)
      send({ kind: 'error', id, error: shape })
    } finally {
      running.delete(id)
    }
  }
  listen((message) => {
    if (message.kind === 'cancel') running.get(message.id)?.abort()
    else void answer(message.id, message.method, message.input)
  })
  send({ kind: 'ready' })
}
