import { afterAll, expect, it } from 'vitest'
import { testProject } from '../testing/project.ts'
import { makeCase, runCase } from './case.ts'
import { corpus } from './corpus.ts'

const project = testProject()
afterAll(() => project.remove())

/** `npm run fuzz` goes on from any other number. */
const FIRST = 20_261_124
const CASES = 150

it('mutated files of every format are imported or refused with a sentence, and leave nothing behind', async () => {
  const seeds = corpus()
  expect(seeds.length).toBeGreaterThan(30)
  const outcomes = { imported: 0, refused: 0 }
  for (let seed = FIRST; seed < FIRST + CASES; seed++) {
    const wanted = makeCase(seed, seeds)
    const outcome = await runCase(project.store, wanted).catch((error: Error) => {
      throw new Error(`npm run fuzz -- --case ${seed} (from ${wanted.from}): ${error.message}`, { cause: error })
    })
    outcomes[outcome]++
  }
  // neither a fuzzer that breaks everything at once nor one that breaks nothing would test much
  expect(outcomes.imported).toBeGreaterThan(CASES / 10)
  expect(outcomes.refused).toBeGreaterThan(CASES / 10)
}, 120_000)
