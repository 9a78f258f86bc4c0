import { fork } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { checkpointModel } from '../testing/writeCheckpoints.ts'
import { readCheckpoint } from './checkpoint.ts'

const WRITER = join(import.meta.dirname, '../testing/writeCheckpoints.ts')

/** Kills a process that writes checkpoints as fast as it can, `ms` after it wrote its first one; answers the last step it reported. */
async function killWriter(folder: string, ms: number): Promise<number> {
  const child = fork(WRITER, [folder], { execArgv: [] })
  let reported = 0
  const first = Promise.withResolvers<void>()
  const ended = new Promise((resolve) => child.on('exit', resolve))
  child.on('message', (step) => {
    reported = step as number
    first.resolve()
  })
  await first.promise
  await new Promise((resolve) => setTimeout(resolve, ms))
  child.kill('SIGKILL')
  await ended
  return reported
}

test('whenever a writer is killed, every checkpoint under its final name is whole, and the newest is not older than reported', async () => {
  const model = checkpointModel()
  for (const ms of [3, 40, 111]) {
    const folder = mkdtempSync(join(tmpdir(), 'strand-kill-'))
    const reported = await killWriter(folder, ms)
    const files = readdirSync(folder).filter((name) => name.endsWith('.safetensors'))
    const steps = files.map((name) => {
      const { progress, weights } = readCheckpoint(join(folder, name), model)
      expect(name).toBe(`step-${progress.step}.safetensors`)
      for (const { offset, elements } of model.params)
        expect(weights.m.subarray(offset, offset + elements).every((value) => value === progress.step)).toBe(true)
      return progress.step
    })
    expect(Math.max(...steps)).toBeGreaterThanOrEqual(reported)
    rmSync(folder, { recursive: true })
  }
})
