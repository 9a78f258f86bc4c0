import type { StrandErrorShape } from '../contract/errors.ts'

/** method → [input, output, progress]. One such table describes all that a worker can be asked. */
export type MethodTable<M> = { [K in keyof M]: [unknown, unknown, unknown] }

export type ToWorker = { kind: 'request'; id: number; method: string; input: unknown } | { kind: 'cancel'; id: number }

export type FromWorker =
  | { kind: 'ready' }
  | { kind: 'ok'; id: number; value: unknown }
  | { kind: 'error'; id: number; error: StrandErrorShape }
  | { kind: 'progress'; id: number; value: unknown }

/** A started worker as the main process sees it, whichever way it was started. */
export interface WorkerProcess {
  readonly pid: number | undefined
  post(message: ToWorker): void
  onMessage(listener: (message: FromWorker) => void): void
  /** `how` is an exit code or a signal's name. */
  onExit(listener: (how: string) => void): void
  kill(): void
}

export type WorkerKind = 'data' | 'compute'
export type SpawnWorker = (kind: WorkerKind) => WorkerProcess
