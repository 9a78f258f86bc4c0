import { StrandError } from '../../datasets/errors.ts'
import type { RunConfig } from '../../main/contract/run.ts'
import type { NewRunOf } from '../api.ts'
import { applySet, type Setting } from '../config/check.ts'
import { requireData } from '../config/configure.ts'
import { datasetFacts, metricOf } from '../config/facts.ts'
import { fitPreset } from '../presets/fit.ts'
import { presetsFor } from '../presets/presets.ts'
import { phasesOf } from '../training/phases.ts'

export const newRun: NewRunOf = (store, { datasetId, preset: id, name, set = {}, device = 'auto' }) => {
  const facts = datasetFacts(store, datasetId, typeof set['data.fold'] === 'number' ? set['data.fold'] : 0)
  const known = presetsFor(facts)
  const preset = known.find((candidate) => candidate.id === id)
  if (!preset)
    throw new StrandError(
      'not-found',
      `There is no preset "${id}" for ${facts.domain} data; there are ${known.map((p) => p.id).join(', ')}.`,
    )
  const config = follow(applySet(fitPreset(preset.config, facts), set), preset.config, set)
  const { model } = phasesOf(config, facts).at(-1)!.experiment
  requireData(config, facts)
  return {
    name: name ?? `${preset.title} on ${facts.name}${facts.fold > 0 ? `, fold ${facts.fold}` : ''}`,
    datasetId,
    preset: id,
    config,
    device,
    metric: metricOf(facts, config.objective),
    parameters: model.parameterCount,
  }
}

/** Settings that go with another one follow it where they were not given themselves. */
function follow(config: RunConfig, preset: RunConfig, set: Readonly<Record<string, Setting>>): RunConfig {
  const next = structuredClone(config)
  const { training, optimizer, objective, data } = next
  const given = (path: string): boolean => Object.hasOwn(set, path)
  if (given('training.steps')) {
    const part = (of: number): number => Math.max(1, Math.floor(training.steps / of))
    if (!given('optimizer.warmup')) optimizer.warmup = Math.min(optimizer.warmup, Math.floor(training.steps / 10))
    if (!given('training.validate_every')) training.validate_every = Math.min(training.validate_every, part(4))
    if (!given('training.sample_every') && training.sample_every > 0) training.sample_every = Math.min(training.sample_every, part(2))
  }
  if (given('optimizer.lr') && !given('optimizer.min_lr')) optimizer.min_lr = (preset.optimizer.min_lr / preset.optimizer.lr) * optimizer.lr
  if (objective.kind === 'forecast' && !given('data.seqlen') && objective.lookback % objective.patch === 0)
    data.seqlen = objective.lookback / objective.patch
  return next
}
