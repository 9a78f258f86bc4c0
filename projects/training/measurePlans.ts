import type { Backend } from '../../kernels/backends/backend.ts'
import type { Experiment } from '../config/configure.ts'
import { measureKernels } from '../devices/kernelChoices.ts'
import { allPlans, chooseRecompute } from './stepPlans.ts'

/** Measures the kernels a run will need, where that was never done on its GPU; the notes say so. Comes before its plans are made. */
export async function measurePlans(backend: Backend, experiment: Experiment, note: (text: string) => void): Promise<void> {
  let told = false
  const outcome = await measureKernels(backend, () => allPlans(chooseRecompute(experiment, backend.sizes, backend.room()).plans), {
    tell: () => {
      if (!told) note('Measuring kernels on this GPU, once; it takes some seconds.')
      told = true
    },
  })
  if (outcome) note(outcome)
}
