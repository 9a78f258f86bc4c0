import { getLeakage, getRunDetail, listCheckpoints, type ReadableStore } from '../../datasets/store/store.ts'
import { isStrandError } from '../../datasets/errors.ts'
import { learningRate } from '../../kernels/optim/schedule.ts'
import type { Backend } from '../../kernels/backends/backend.ts'
import type { TrainingEnd, TrainingNews, TrainRun } from '../api.ts'
import { configure, requireData, wholeStep, type Experiment } from '../config/configure.ts'
import { datasetFacts, metricOf, type DatasetFacts } from '../config/facts.ts'
import { chooseBackend } from '../devices/chooseBackend.ts'
import { baselineOf } from '../evaluation/baselines.ts'
import { Sampler } from '../generation/sampler.ts'
import type { BatchSource } from './batch.ts'
import type { TrainingControl } from './control.ts'
import { Engine } from './engine.ts'
import { Guard } from './guard.ts'
import { CheckpointKeeper } from './keeper.ts'
import { TrainingLoop } from './loop.ts'
import { openSource } from './sources.ts'

/** After so many lost devices the CPU takes over. */
const LOSSES = 2

/** `choose`: where backends come from; a test gives one that gets lost. */
export const trainRun = async (
  store: ReadableStore,
  { runId, device, resume }: Parameters<TrainRun>[1],
  control: TrainingControl,
  tell: (news: TrainingNews) => void,
  choose = chooseBackend,
): Promise<TrainingEnd> => {
  const run = getRunDetail(store, runId)
  const facts = datasetFacts(store, run.datasetId, run.config.data.fold)
  const experiment = configure(run.config, facts)
  requireData(run.config, facts)
  const { config, model } = experiment
  const rows = resume ? listCheckpoints(store, runId) : []
  const keeper = new CheckpointKeeper({ folder: store.folder, runId }, model, { config, datasetHash: facts.hash }, rows, tell)
  const note = (text: string, step = keeper.step ?? 0): void => tell({ events: [{ step, text }] })
  const leakage = getLeakage(store, run.datasetId)
  if (!resume && leakage && leakage.findings.length > 0) note(leakage.sentence, 0)
  const training = openSource(store, facts, wholeStep(experiment), 'train', true)
  const validation = openValidation(store, facts, experiment, note)
  if (run.baseline === null && validation) tell({ change: { baseline: baselineOf(store, facts, config) } })
  try {
    for (let losses = 0; ;) {
      const { backend, sentence } = await choose(losses < LOSSES ? device : 'cpu')
      let lost: string | null = null
      void backend.lost.then((reason) => (lost = reason))
      tell({ change: { device: backend.name } })
      note(sentence)
      try {
        const session = { store, facts, experiment, keeper, control, tell, training, validation }
        return await onBackend(backend, session, resume || losses > 0)
      } catch (error) {
        // the error of a call on a lost device arrives before or after the device's own message
        await new Promise((resolve) => setTimeout(resolve, 50))
        if (lost === null) throw error
        losses++
        note(`The device was lost (${lost}). Training goes on from the last checkpoint${losses < LOSSES ? '' : ' on the CPU'}.`)
      } finally {
        backend.destroy()
      }
    }
  } finally {
    control.end()
    await keeper.settle()
  }
}

interface Session {
  store: ReadableStore
  facts: DatasetFacts
  experiment: Experiment
  keeper: CheckpointKeeper
  control: TrainingControl
  tell: (news: TrainingNews) => void
  training: BatchSource
  validation: BatchSource | null
}

async function onBackend(backend: Backend, session: Session, resume: boolean): Promise<TrainingEnd> {
  const { experiment, facts, keeper, tell } = session
  const { config, model } = experiment
  const engine = await Engine.create(backend, experiment, 'train')
  if (engine.recomputeReason) tell({ events: [{ step: keeper.step ?? 0, text: engine.recomputeReason }] })
  try {
    const { checkpoint, problems } = resume ? keeper.newest() : { checkpoint: null, problems: [] }
    for (const problem of problems) tell({ events: [{ step: checkpoint?.progress.step ?? 0, text: problem }] })
    engine.load(checkpoint?.weights ?? { params: model.initialise(config.seed) })
    if (resume) {
      const step = checkpoint?.progress.step ?? 0
      tell({
        events: [{ step, text: checkpoint ? `Resumed from the checkpoint of step ${step}.` : 'No checkpoint was there; began again.' }],
      })
    }
    const writes = config.objective.kind === 'next-token' && config.training.sample_every > 0
    const sampler = writes ? await Sampler.open(backend, session.store, facts, experiment, engine.params) : null
    const schedule = { ...config.optimizer, steps: config.training.steps }
    const loop = new TrainingLoop({
      ...session,
      engine,
      sampler,
      metric: metricOf(facts, config.objective),
      guard: new Guard(config.optimizer.lr),
      learningRate: (step) => learningRate(schedule, step),
      progress: checkpoint?.progress ?? { step: 0, seconds: 0, bestValidationLoss: null, stale: 0 },
    })
    try {
      return await loop.run()
    } finally {
      sampler?.destroy()
    }
  } finally {
    engine.destroy()
  }
}

/** Null, with a note, where the validation split has no window. */
function openValidation(
  store: ReadableStore,
  facts: DatasetFacts,
  experiment: Experiment,
  note: (text: string) => void,
): BatchSource | null {
  try {
    return openSource(store, facts, experiment, 'validation', false)
  } catch (error) {
    if (!isStrandError(error) || error.code !== 'bad-input') throw error
    note(`There is no validation: ${error.message}`)
    return null
  }
}
