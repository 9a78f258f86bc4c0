import { StrandError } from '../errors.ts'
import { copying } from './copying.ts'
import { cycleNavigation } from './cycleNavigation.ts'
import { dyck } from './dyck.ts'
import { inductionHeads } from './inductionHeads.ts'
import { listOps } from './listOps.ts'
import { mackeyGlass } from './mackeyGlass.ts'
import { modularArithmetic } from './modularArithmetic.ts'
import { mqar } from './mqar.ts'
import { parity } from './parity.ts'
import { selectiveCopying } from './selectiveCopying.ts'
import { sineMixtures } from './sineMixtures.ts'
import type { SyntheticTask } from './task.ts'
import { toyPromoters } from './toyPromoters.ts'

/** Every generated task, in the order they are shown. */
export const tasks: readonly SyntheticTask[] = [
  copying,
  selectiveCopying,
  inductionHeads,
  mqar,
  parity,
  modularArithmetic,
  cycleNavigation,
  dyck,
  listOps,
  mackeyGlass,
  sineMixtures,
  toyPromoters,
]

export function findTask(id: string): SyntheticTask {
  const task = tasks.find((candidate) => candidate.id === id)
  if (!task) throw new StrandError('not-found', `There is no task "${id}". The tasks are: ${tasks.map((t) => t.id).join(', ')}.`, { id })
  return task
}
