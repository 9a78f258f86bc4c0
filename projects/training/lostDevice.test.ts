import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { appendEvent, insertCheckpoint, lastCheckpoint } from '../../datasets/store/store.ts'
import type { Backend, Program } from '../../kernels/backends/backend.ts'
import { CpuBackend } from '../../kernels/backends/cpu/cpu.ts'
import type { Plan } from '../../kernels/graph/plan.ts'
import { TestProject, tiny } from '../testing/project.ts'
import { TrainingControl } from './control.ts'
import { trainRun } from './trainRun.ts'

/** The CPU backend, until it has run `runs` plans: then every call fails and `lost` says so, as with a driver that was reset. */
async function losing(runs: number): Promise<Backend> {
  const real = await CpuBackend.open()
  const loss = Promise.withResolvers<string>()
  const losingProgram = (program: Program): Program => ({
    ...program,
    run() {
      if (--runs < 0) {
        loss.resolve('the driver was reset')
        throw new Error('Device is lost')
      }
      program.run()
    },
  })
  return {
    name: real.name,
    description: real.description,
    sizes: real.sizes,
    lost: loss.promise,
    submit: (programs) => programs.forEach((program) => program.run()),
    room: () => real.room(),
    createBuffer: (elements, dtype, label) => real.createBuffer(elements, dtype, label),
    compile: async (plan: Plan, externals) => losingProgram(await real.compile(plan, externals)),
    destroy: () => real.destroy(),
  }
}

test('a lost device costs the steps since the last checkpoint and nothing else', async () => {
  const project = new TestProject()
  const text = await project.import('periodic.txt', 'one two three four. '.repeat(300))
  const set = { ...tiny, 'training.steps': 30, 'training.validate_every': 10, 'training.sample_every': 0 }
  const straight = project.create(text, 'mamba-small', set)
  await project.train(straight)
  const broken = project.create(text, 'mamba-small', set)
  const events: string[] = []
  const devices: string[] = []
  // 10 steps and a validation of 2, then lost at the 16th step; lost again at once; then the CPU
  const losses = [17, 1]
  const end = await trainRun(
    project.store,
    { runId: broken, device: 'auto', resume: false },
    new TrainingControl(),
    ({ events: told = [], checkpoints = [] }) => {
      for (const event of told) appendEvent(project.store, broken, event)
      for (const checkpoint of checkpoints) insertCheckpoint(project.store, broken, checkpoint)
      events.push(...told.map(({ text: sentence }) => sentence))
    },
    async (device) => {
      devices.push(device)
      const runs = losses.shift()
      return { backend: runs === undefined ? await CpuBackend.open() : await losing(runs), sentence: 'chosen' }
    },
  )
  expect(end.state).toBe('done')
  expect(devices).toEqual(['auto', 'auto', 'cpu'])
  expect(events.filter((sentence) => sentence.startsWith('The device was lost (the driver was reset)'))).toHaveLength(2)
  expect(events).toContain('Resumed from the checkpoint of step 10.')
  const weights = (runId: number): Buffer => {
    const bytes = readFileSync(join(project.folder, lastCheckpoint(project.store, runId)!.path))
    return bytes.subarray(8 + Number(bytes.readBigUInt64LE(0)))
  }
  expect(weights(broken).equals(weights(straight))).toBe(true)
  project.close()
})
