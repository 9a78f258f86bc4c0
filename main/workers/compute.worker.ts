import { join } from 'node:path'
import { openProjectReadonly, type ReadableStore } from '../../datasets/store/store.ts'
import { keepChoicesIn } from '../../projects/devices/kernelChoices.ts'
import { keepSpeedsIn } from '../../projects/devices/speeds.ts'
import { TrainingControl } from '../../projects/training/control.ts'
import { trainRun } from '../../projects/training/trainRun.ts'
import { StrandError } from '../core/errors.ts'
import { userDataDir } from '../core/folders.ts'
import type { ComputeMethods } from './methods.ts'
import { serve } from './serve.ts'

let control: TrainingControl | null = null

function training(): TrainingControl {
  if (!control) throw new StrandError('bad-input', 'No run is training here.')
  return control
}

/** Reads the project for the time of one piece of work; never writes to it. */
async function reading<T>(folder: string, work: (store: ReadableStore) => Promise<T>): Promise<T> {
  const store = openProjectReadonly(folder)
  try {
    return await work(store)
  } finally {
    store.close()
  }
}

keepChoicesIn(join(userDataDir(), 'kernels.json'))
keepSpeedsIn(join(userDataDir(), 'speeds.json'))

serve<ComputeMethods>({
  train: async ({ folder, ...input }, { progress }) => {
    if (control) throw new StrandError('busy', 'A run is already training here.')
    const own = (control = new TrainingControl())
    try {
      return await reading(folder, (store) => trainRun(store, input, own, progress))
    } finally {
      own.end()
      control = null
    }
  },
  'train/pause': () => training().pause(),
  'train/continue': () => training().continue(),
  'train/stop': () => training().stop(),
  // a process does one kind of work and loads only that
  evaluate: async ({ folder, ...input }, watch) => {
    const { evaluateRun } = await import('../../projects/evaluation/evaluateRun.ts')
    return reading(folder, (store) => evaluateRun(store, input, watch))
  },
  generate: async ({ folder, ...input }, { signal, progress }) => {
    const { generateRun } = await import('../../projects/generation/generateRun.ts')
    return reading(folder, (store) => generateRun(store, input, { signal, chunk: progress }))
  },
  export: async ({ folder, ...input }, watch) => {
    const { exportRun } = await import('../../projects/exporting/exportRun.ts')
    return reading(folder, (store) => exportRun(store, input, watch))
  },
  doctor: async (input, watch) => (await import('../../projects/devices/doctor.ts')).doctor(input, watch),
})
