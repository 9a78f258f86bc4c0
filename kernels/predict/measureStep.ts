import type { Program } from '../backends/backend.ts'
import type { Plan } from '../graph/plan.ts'
import type { Speeds } from './speeds.ts'
import { workOf } from './work.ts'

/** A command is taken at the median of so many replays: the first of them warm up what is cold. */
const REPLAYS = 5

/**
 * Replays each of `programs` with its commands timed alone, and enters into `speeds` what they took. The replays count: parameters move.
 * Answers the milliseconds of all commands together.
 */
export async function measureCommands(speeds: Speeds, programs: readonly { plan: Plan; program: Program }[]): Promise<number> {
  let all = 0
  for (const { plan, program } of programs) {
    await program.profile()
    const replays: number[][] = []
    for (let k = 0; k < REPLAYS; k++) replays.push(await program.profile())
    const byKey = new Map<string, { work: ReturnType<typeof workOf>; times: number[] }>()
    plan.commands.forEach((command, i) => {
      const work = workOf(command)
      const known = byKey.get(work.key) ?? { work, times: [] }
      known.times.push(...replays.map((times) => times[i]))
      byKey.set(work.key, known)
    })
    const samples = [...byKey.values()].map(({ work, times }) => ({ ...work, ms: median(times) }))
    speeds.add(samples)
    all += samples.reduce((sum, { key, ms }) => sum + ms * (byKey.get(key)!.times.length / REPLAYS), 0)
  }
  return all
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]
