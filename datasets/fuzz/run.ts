/**
 * npm run fuzz [-- --seconds 60] [-- --seed 1] [-- --only clip.flac] [-- --case 123]: mutated files through every parser, whole imports, in a process
 * that is watched. A crash, a hang (20 s in one case), unbounded memory or an error without a sentence fails, and its number is printed:
 * `--case N` (with the same `--only`) runs that one again.
 */
import { fork } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openProject } from '../store/store.ts'
import { makeCase, runCase } from './case.ts'
import { corpus } from './corpus.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string' },
    only: { type: 'string', default: '' },
    case: { type: 'string' },
  },
})
const HANG_MS = 20_000
const HEAP_MB = 512

if (values.case !== undefined) await again(Number(values.case))
else await fuzz(Number(values.seed ?? Math.floor(Math.random() * 1e9)), Number(values.seconds))

async function again(seed: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'strand-fuzz-'))
  const wanted = makeCase(
    seed,
    corpus().filter(({ name }) => name.includes(values.only)),
  )
  const kept = join(tmpdir(), `strand-fuzz-case-${seed}`)
  writeFileSync(kept, wanted.bytes)
  console.log(`Case ${seed}, from ${wanted.from}, ${wanted.bytes.length} bytes, kept as ${kept}; options ${JSON.stringify(wanted.options)}`)
  const store = openProject(folder)
  try {
    console.log(await runCase(store, wanted))
  } finally {
    store.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

interface Told {
  seed: number
  from?: string
  outcome?: 'imported' | 'refused'
  problem?: string
}

async function fuzz(first: number, seconds: number): Promise<void> {
  const stop = performance.now() + 1000 * seconds
  const counts = { imported: 0, refused: 0 }
  const failures: string[] = []
  console.log(`Fuzzing for ${seconds} s from case ${first} on.`)
  for (let next = first; performance.now() < stop && failures.length < 20;) next = await watch(next, stop, counts, failures)
  console.log(
    `${counts.imported + counts.refused} cases: ${counts.imported} imported, ${counts.refused} refused with a sentence, ${failures.length} failed.`,
  )
  for (const failure of failures) console.log(`\n${failure}`)
  process.exitCode = failures.length > 0 ? 1 : 0
}

/** One process, until it fails or the time is over; answers the case after the last one it began. */
function watch(first: number, stop: number, counts: Record<'imported' | 'refused', number>, failures: string[]): Promise<number> {
  return new Promise((resolve) => {
    const folder = mkdtempSync(join(tmpdir(), 'strand-fuzz-'))
    const child = fork(join(import.meta.dirname, 'worker.ts'), [folder, String(first), values.only], {
      execArgv: [`--max-old-space-size=${HEAP_MB}`],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    let at: Told = { seed: first }
    let failed = false
    let noise = ''
    child.stderr!.on('data', (data) => (noise = (noise + data).slice(-1500)))
    const fail = (what: string): void => {
      failed = true
      failures.push(`case ${at.seed}, from ${at.from}: ${what}`)
      console.log(`case ${at.seed} failed`)
    }
    const hang = (): void => {
      fail(`no answer for ${HANG_MS / 1000} s`)
      child.kill('SIGKILL')
    }
    let timer = setTimeout(hang, HANG_MS)
    const end = setTimeout(() => child.kill('SIGKILL'), Math.max(0, stop - performance.now()))
    child.on('message', (told: Told) => {
      clearTimeout(timer)
      timer = setTimeout(hang, HANG_MS)
      if (told.outcome) counts[told.outcome]++
      else at = told
      if (told.problem) fail(told.problem)
    })
    child.on('exit', (code, signal) => {
      clearTimeout(timer)
      clearTimeout(end)
      rmSync(folder, { recursive: true, force: true })
      if (!failed && performance.now() < stop) fail(`the process ended with ${signal ?? `code ${code}`}\n${noise}`)
      resolve(at.seed + 1)
    })
  })
}
