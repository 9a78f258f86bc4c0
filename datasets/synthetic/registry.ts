import { StrandError } from '../errors.ts'
import { inductionHeads } from './inductionHeads.ts'
import { mqar } from './mqar.ts'
import { parity } from './parity.ts'
import { selectiveCopying } from './selectiveCopying.ts'
import type { SyntheticTask } from './task.ts'

/** Every generated task, in the order they are shown. */
export const tasks: readonly SyntheticTask[] = [parity, selectiveCopying, inductionHeads, mqar]

export function findTask(id: string): SyntheticTask {
  const task = tasks.find((candidate) => candidate.id === id)
  if (!task) throw new StrandError('not-found', `There is no task "${id}". The tasks are: ${tasks.map((t) => t.id).join(', ')}.`, { id })
  return task
}
