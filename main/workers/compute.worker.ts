import { openProjectReadonly, type ReadableStore } from '../../datasets/store/store.ts'
import { doctor } from '../../projects/devices/doctor.ts'
import { evaluateRun } from '../../projects/evaluation/evaluateRun.ts'
import { exportRun } from '../../projects/exporting/exportRun.ts'
import { generateRun } from '../../projects/generation/generateRun.ts'
import { TrainingControl } from '../../projects/training/control.ts'
import { trainRun } from '../../projects/training/trainRun.ts'
import { StrandError } from '../core/errors.ts'
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
  evaluate: ({ folder, ...input }, watch) => reading(folder, (store) => evaluateRun(store, input, watch)),
  generate: ({ folder, ...input }, { signal, progress }) =>
    reading(folder, (store) => generateRun(store, input, { signal, chunk: progress })),
  export: ({ folder, ...input }, watch) => reading(folder, (store) => exportRun(store, input, watch)),
  doctor: (_input, watch) => doctor(watch),
})
