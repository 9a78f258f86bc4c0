import type { Evaluation, RunConfig } from '../../main/contract/run.ts'
import type { EvaluateRun, Watch } from '../api.ts'
import { throwIfCancelled } from '../../datasets/errors.ts'
import type { ReadableStore } from '../../datasets/store/store.ts'
import type { Backend } from '../../kernels/backends/backend.ts'
import { chooseBackend } from '../devices/chooseBackend.ts'
import { loadRun, type TrainedRun } from '../runs/loadRun.ts'
import { Engine } from '../training/engine.ts'
import { readingOf } from './reading.ts'
import { scoreLabels } from './scoreLabels.ts'
import { scoreNumbers } from './scoreNumbers.ts'
import { scoreSeries } from './scoreSeries.ts'
import { scoreTask } from './scoreTask.ts'
import { scoreTokens } from './scoreTokens.ts'

export type Judged = Omit<Evaluation, 'runId' | 'step' | 'split' | 'createdAt'>

/** What a scorer works with. `stop` throws when the evaluation was cancelled. */
export interface Judging extends TrainedRun {
  readonly store: ReadableStore
  readonly engine: Engine
  readonly split: 'validation' | 'test'
  progress(fraction: number): Promise<void>
}

export const evaluateRun: EvaluateRun = async (store, { runId, split, device }, watch) => {
  const trained = loadRun(store, runId)
  const { backend } = await chooseBackend(device)
  try {
    const judged = await judge(store, backend, trained, split, watch)
    const reading = await readingOf(store, backend, trained, split)
    return { runId, step: trained.step, split, createdAt: new Date().toISOString(), ...judged, ...(reading ? { reading } : {}) }
  } finally {
    backend.destroy()
  }
}

const SCORES: { readonly [K in Exclude<RunConfig['objective']['kind'], 'label-each'>]: (judging: Judging) => Promise<Judged> } = {
  'next-token': scoreTokens,
  masked: scoreTokens,
  infill: scoreTokens,
  forecast: scoreSeries,
  classify: scoreLabels,
  regress: scoreNumbers,
}

export async function judge(
  store: ReadableStore,
  backend: Backend,
  trained: TrainedRun,
  split: 'validation' | 'test',
  watch: Watch,
): Promise<Judged> {
  const { experiment, params } = trained
  const progress = async (fraction: number): Promise<void> => {
    throwIfCancelled(watch.signal, 'The evaluation')
    watch.progress({ fraction, phase: `scoring the ${split} records` })
    // a cancellation arrives as a message
    await new Promise((resolve) => setImmediate(resolve))
  }
  const { kind } = experiment.config.objective
  if (kind === 'label-each') return scoreTask(store, backend, trained, split, progress)
  const engine = await Engine.create(backend, experiment, 'evaluate')
  try {
    engine.load({ params })
    const judging = { ...trained, store, engine, split, progress }
    return await SCORES[kind](judging)
  } finally {
    engine.destroy()
  }
}
