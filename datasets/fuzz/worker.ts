// A process that runs cases one after the other until it is ended; it tells its parent which case it is at, so that a hang or a crash has a number.
import { openProject } from '../store/store.ts'
import { makeCase, runCase } from './case.ts'
import { corpus } from './corpus.ts'

const [folder, first, pattern] = [process.argv[2], Number(process.argv[3]), process.argv[4] ?? '']
const seeds = corpus().filter(({ name }) => name.includes(pattern))
process.on('disconnect', () => process.exit())
const store = openProject(folder)
for (let seed = first; ; seed++) {
  const wanted = makeCase(seed, seeds)
  process.send!({ seed, from: wanted.from })
  try {
    process.send!({ seed, outcome: await runCase(store, wanted) })
  } catch (error) {
    process.send!({ seed, from: wanted.from, problem: (error as Error).stack ?? String(error) })
    // what it left behind must not blame the next case
    process.exit(3)
  }
}
