import { getLeakage, getRunDetail, listCheckpoints, type ReadableStore } from '../../datasets/store/store.ts'
import { isStrandError } from '../../datasets/errors.ts'
import { learningRate } from '../../kernels/optim/schedule.ts'
import type { Backend } from '../../kernels/backends/backend.ts'
import type { TrainingEnd, TrainingNews, TrainRun } from '../api.ts'
import { requireData, wholeStep, type Experiment } from '../config/configure.ts'
import { datasetFacts, type DatasetFacts } from '../config/facts.ts'
import { chooseBackend } from '../devices/chooseBackend.ts'
import { baselineOf } from '../evaluation/baselines.ts'
import { Sampler } from '../generation/sampler.ts'
import { type BatchSource, canChoose } from './batch.ts'
import type { TrainingControl } from './control.ts'
import type { Progress } from './checkpoint.ts'
import { Engine, type Weights } from './engine.ts'
import { Guard } from './guard.ts'
import { CheckpointKeeper } from './keeper.ts'
import { TrainingLoop } from './loop.ts'
import { measurePlans } from './measurePlans.ts'
import { carriedOver, phaseAt, phasesOf, type Phase } from './phases.ts'
import { StepPrediction } from './predictStep.ts'
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
  const { config } = run
  const phases = phasesOf(config, facts)
  requireData(config, facts)
  const rows = resume ? listCheckpoints(store, runId) : []
  const keeper = new CheckpointKeeper(
    { folder: store.folder, runId },
    (step) => phaseAt(phases, step).experiment.model,
    { config, datasetHash: facts.hash },
    rows,
    tell,
  )
  const note = (text: string, step = keeper.step ?? 0): void => tell({ events: [{ step, text }] })
  const leakage = getLeakage(store, run.datasetId)
  if (!resume && leakage && leakage.findings.length > 0) note(leakage.sentence, 0)
  const sources = phases.map(({ experiment }) => ({
    training: openSource(store, facts, wholeStep(experiment), 'train', true),
    validation: openValidation(store, facts, experiment, note),
  }))
  if (run.baseline === null && sources.at(-1)!.validation) tell({ change: { baseline: baselineOf(store, facts, config) } })
  try {
    for (let losses = 0; ;) {
      const { backend, sentence } = await choose(losses < LOSSES ? device : 'cpu', config.training.precision)
      let lost: string | null = null
      void backend.lost.then((reason) => (lost = reason))
      tell({ change: { device: backend.name } })
      note(sentence)
      try {
        const session = { store, facts, phases, sources, keeper, control, tell }
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
  phases: readonly Phase[]
  /** Of each phase. */
  sources: readonly { training: BatchSource; validation: BatchSource | null }[]
  keeper: CheckpointKeeper
  control: TrainingControl
  tell: (news: TrainingNews) => void
}

/** Where a phase begins. */
interface Start {
  readonly progress: Progress
  readonly weights: Pick<Weights, 'params'> & Partial<Weights>
}

async function onBackend(backend: Backend, session: Session, resume: boolean): Promise<TrainingEnd> {
  const { phases, keeper, tell } = session
  const { checkpoint, problems } = resume ? keeper.newest() : { checkpoint: null, problems: [] }
  const { model, config } = phases[0].experiment
  for (const problem of problems) tell({ events: [{ step: checkpoint?.progress.step ?? 0, text: problem }] })
  if (resume) {
    const step = checkpoint?.progress.step ?? 0
    tell({
      events: [{ step, text: checkpoint ? `Resumed from the checkpoint of step ${step}.` : 'No checkpoint was there; began again.' }],
    })
  }
  let start: Start = checkpoint ?? {
    progress: { step: 0, seconds: 0, bestValidationLoss: null, stale: 0 },
    weights: { params: model.initialise(config.seed) },
  }
  for (let i = phases.indexOf(phaseAt(phases, start.progress.step)); ; i++) {
    const { end, progress, weights } = await runPhase(backend, session, i, start)
    if (end.state === 'stopped' || i + 1 === phases.length) return end
    start = handOn(session, phases[i], phases[i + 1], progress, weights)
  }
}

/** The next phase begins with what was learned under a new head, and with a new optimiser; that is kept before it takes a step. */
function handOn({ keeper, tell }: Session, from: Phase, to: Phase, { step, seconds }: Progress, { params }: Weights): Start {
  const { model, config } = to.experiment
  const next = carriedOver(from.experiment.model, params, model, config.seed)
  const zeros = (): Float32Array => new Float32Array(model.arenaElements)
  const start = {
    progress: { step, seconds, earlier: seconds, bestValidationLoss: null, stale: 0 },
    weights: { params: next, m: zeros(), v: zeros() },
  }
  keeper.save(start.progress, start.weights, false)
  tell({
    events: [{ step, text: `Pretraining ends; the task itself from here, ${to.metric.unit}` }],
    change: { validationLoss: null, bestValidationLoss: null },
  })
  return start
}

async function runPhase(
  backend: Backend,
  session: Session,
  index: number,
  { progress, weights }: Start,
): Promise<{ end: TrainingEnd; progress: Progress; weights: Weights }> {
  const { phases, facts, sources } = session
  const phase = phases[index]
  const { experiment } = phase
  const { config } = experiment
  await measurePlans(backend, experiment, (text) => session.tell({ events: [{ step: progress.step, text }] }))
  const engine = await Engine.create(backend, experiment, 'train')
  if (engine.recomputeReason) session.tell({ events: [{ step: progress.step, text: engine.recomputeReason }] })
  try {
    engine.load(weights)
    const prediction = await predict(engine, weights, sources[index].training, experiment)
    if (prediction) session.tell({ events: [{ step: progress.step, text: prediction.sentence(phase.to - progress.step) }] })
    const writes = config.objective.kind === 'next-token' && config.training.sample_every > 0
    const sampler = writes ? await Sampler.open(backend, session.store, facts, experiment, engine.params) : null
    const schedule = { ...config.optimizer, steps: config.training.steps }
    const loop = new TrainingLoop({
      ...session,
      ...sources[index],
      phase,
      steps: phases[phases.length - 1].to,
      engine,
      sampler,
      guard: new Guard(config.optimizer.lr),
      learningRate: (step) => learningRate(schedule, step),
      progress,
    })
    try {
      const end = await loop.run()
      if (prediction && loop.stepMs !== null)
        session.tell({ events: [{ step: loop.progress.step, text: prediction.compare(loop.stepMs) }] })
      return { end, progress: loop.progress, weights: await engine.weights() }
    } finally {
      sampler?.destroy()
    }
  } finally {
    engine.destroy()
  }
}

/** What a step should take, from the run's own first windows. */
function predict(engine: Engine, weights: Start['weights'], source: BatchSource, { config }: Experiment): Promise<StepPrediction | null> {
  source.fill(config.seed, 0)
  return StepPrediction.make(engine, weights, source.batch)
}

/** Null, with a note, where the validation split has no window. */
function openValidation(
  store: ReadableStore,
  facts: DatasetFacts,
  experiment: Experiment,
  note: (text: string) => void,
): BatchSource | null {
  try {
    const source = openSource(store, facts, experiment, 'validation', false)
    if (!canChoose(source)) {
      const steps = experiment.config.training.steps
      note(
        `${source.records} labelled record${source.records === 1 ? '' : 's'} validate, too few to choose a step by: all ${steps} steps are taken, and the last weights kept.`,
      )
    }
    return source
  } catch (error) {
    if (!isStrandError(error) || error.code !== 'bad-input') throw error
    note(`There is no validation: ${error.message}`)
    return null
  }
}
