import type { Program } from '../backends/backend.ts'
import type { Plan } from '../graph/plan.ts'
import type { Speeds } from './speeds.ts'
import { workOf } from './work.ts'

/** A command is taken at the best of so many replays after those that warm up, so that other work on the machine counts little; fewer where they take longer than this. */
const REPLAYS = 5
const LIMIT_MS = 1500
/** Of replays before anything is timed: an idle card's clocks are a fifth of the working ones. */
const WARM_MS = 250

/**
 * Replays each of `programs` with its commands timed alone, and enters into `speeds` what they took. The replays count: parameters move.
 * Answers the milliseconds of all commands together.
 */
export async function measureCommands(speeds: Speeds, programs: readonly { plan: Plan; program: Program }[]): Promise<number> {
  let all = 0
  for (const { plan, program } of programs) {
    for (const until = performance.now() + WARM_MS; performance.now() < until;) {
      program.run()
      await program.done()
    }
    const replays: number[][] = []
    for (const until = performance.now() + LIMIT_MS; replays.length === 0 || (replays.length < REPLAYS && performance.now() < until);)
      replays.push(await program.profile())
    const byKey = new Map<string, { work: ReturnType<typeof workOf>; times: number[] }>()
    // a command that a backend runs together with an earlier one has no time of its own
    plan.commands.forEach((command, i) => {
      const work = workOf(command)
      const known = byKey.get(work.key) ?? { work, times: [] }
      known.times.push(...replays.map((times) => times[i] ?? 0))
      byKey.set(work.key, known)
    })
    const samples = [...byKey.values()].map(({ work, times }) => ({ ...work, ms: Math.min(...times) }))
    speeds.add(samples)
    all += samples.reduce((sum, { key, ms }) => sum + ms * (byKey.get(key)!.times.length / replays.length), 0)
  }
  return all
}
