import { Option, type Command } from 'commander'
import type { RunState, RunSummary } from '../../contract/run.ts'
import { StrandError } from '../../core/errors.ts'
import type { Device } from '../../../projects/api.ts'
import { duration, grouped, table } from '../output.ts'
import { findDataset, findRun, listen, withCore, type CommonOptions, type Session } from '../session.ts'
import { collectSet, integer, positive, readConfigFile, type Value } from '../values.ts'

interface TrainFlags extends CommonOptions {
  dataset: string
  preset?: string
  name?: string
  config?: string
  set?: Record<string, Value>
  steps?: number
  device?: Device
  seed?: number
  precision?: 'f32' | 'mixed'
}

const ENDED: readonly RunState[] = ['done', 'stopped', 'failed', 'interrupted']

export function trainCommands(program: Command): void {
  program
    .command('train')
    .description('train a model on a dataset; Ctrl-C stops it with a checkpoint')
    .requiredOption('--dataset <id or name>')
    .option('--preset <id>', 'a ready configuration (default: the first one for the domain)')
    .option('--project <folder>')
    .option('--name <name>', "the run's name")
    .option('--config <file>', 'JSON whose values replace those of the preset')
    .option('--set <key=value...>', 'one value, by its dotted path: optimizer.lr=0.001', collectSet)
    .option('--steps <count>', 'the same as --set training.steps=…', positive)
    .addOption(new Option('--device <device>', 'auto measures').choices(['auto', 'webgpu', 'cpu', 'reference']))
    .option('--seed <number>', 'the same as --set seed=…', integer)
    .addOption(
      new Option('--precision <kind>', 'mixed: float16 in matrix products and in memory, on a GPU that can').choices(['f32', 'mixed']),
    )
    .option('--json', 'one JSON object a line')
    .action((flags: TrainFlags) => train(flags))

  program
    .command('resume')
    .description('continue a stopped or interrupted run from its last checkpoint')
    .requiredOption('--run <id or name>')
    .option('--project <folder>')
    .option('--json', 'one JSON object a line')
    .action((flags: CommonOptions & { run: string }) =>
      withCore(flags, 'project', async (session) => {
        const { id } = await findRun(session.core, flags.run)
        await follow(session, async () => {
          await session.core.call('run/resume', { runId: id })
          return id
        })
      }),
    )

  program
    .command('runs')
    .description('list the runs')
    .option('--project <folder>')
    .option('--json', 'one JSON object a line')
    .action((flags: CommonOptions) =>
      withCore(flags, 'project', async ({ core, output }) => {
        const list = await core.call('run/list', undefined)
        for (const run of list) output.object('run', run)
        if (list.length === 0) output.line('No runs yet. "strand train --dataset N" starts one.')
        else output.line(table(['id', 'name', 'dataset', 'preset', 'state', 'step', 'loss', 'unit'], list.map(row)))
      }),
    )
}

function row(run: RunSummary): (string | number)[] {
  return [
    run.id,
    run.name,
    run.datasetName,
    run.preset,
    run.state,
    `${run.step}/${run.steps}`,
    shown(run, run.bestValidationLoss),
    run.metric.unit,
  ]
}

const shown = ({ metric }: RunSummary, loss: number | null): string => (loss === null ? '' : (loss * metric.scale).toFixed(4))

function train(flags: TrainFlags): Promise<void> {
  return withCore(flags, 'project', async (session) => {
    const { core } = session
    const dataset = await findDataset(core, flags.dataset)
    const presets = await core.call('model/presets', { datasetId: dataset.id })
    const preset = flags.preset ?? presets[0]?.id
    if (!presets.some(({ id }) => id === preset)) {
      const known = presets.map(({ id }) => id).join(', ')
      throw new StrandError(
        'not-found',
        `There is no preset "${preset}" for ${dataset.domain} data; there ${known ? `are ${known}` : 'is none'}.`,
      )
    }
    const set = {
      ...(flags.config ? readConfigFile(flags.config) : {}),
      ...flags.set,
      ...(flags.steps === undefined ? {} : { 'training.steps': flags.steps }),
      ...(flags.seed === undefined ? {} : { seed: flags.seed }),
      ...(flags.precision === undefined ? {} : { 'training.precision': flags.precision }),
    }
    const { name, device } = flags
    await follow(session, async () => (await core.call('run/start', { datasetId: dataset.id, preset, name, set, device })).runId)
  })
}

/** Shows a run until it has ended. Ctrl-C stops it, which saves a checkpoint; the run can be resumed. */
async function follow({ core, output, onInterrupt }: Session, begin: () => Promise<number>): Promise<void> {
  let runId: number | undefined
  let finish: (run: RunSummary) => void = () => undefined
  const ended = new Promise<RunSummary>((resolve) => (finish = resolve))
  const stops = [
    listen(core, 'run/metrics', (news) => {
      for (const point of news.points) output.object('metrics', { runId: news.runId, ...point })
    }),
    listen(core, 'run/sample', ({ sample }) => {
      output.object('sample', sample)
      if (sample.text !== null) output.line(`step ${grouped(sample.step)}: ${JSON.stringify(sample.text.slice(0, 120))}`)
    }),
    listen(core, 'run/changed', (run) => {
      if (runId !== undefined && run.id !== runId) return
      if (ENDED.includes(run.state)) return finish(run)
      output.object('progress', run)
      output.progress(progressLine(run))
      // what was chosen and predicted stands there from the first step on
      if (told === 0 && run.step > 0) void notes(run.id).catch(() => undefined)
    }),
  ]
  let told = 0
  const notes = async (id: number): Promise<void> => {
    const { events } = await core.call('run/get', { runId: id })
    for (const event of events.slice(told)) output.object('event', event)
    for (const { step, text } of events.slice(told)) output.line(`${step > 0 ? `step ${grouped(step)}: ` : ''}${text}`)
    told = events.length
  }
  try {
    const id = await begin()
    runId = id
    onInterrupt(() => {
      output.line('Stopping after this step and saving a checkpoint. Ctrl-C again ends at once.')
      core.call('run/stop', { runId: id }).catch(() => undefined)
    })
    const run = await ended
    await notes(id)
    output.object('run', run)
    if (run.state === 'failed' || run.state === 'interrupted')
      throw new StrandError('internal', run.message ?? `The run ${run.state}.`, { runId: run.id })
    output.line(summaryLine(run))
  } finally {
    for (const stop of stops) stop()
  }
}

function progressLine(run: RunSummary): string {
  const parts = [`step ${grouped(run.step)}/${grouped(run.steps)}`]
  if (run.trainLoss !== null) parts.push(`train ${shown(run, run.trainLoss)}`)
  if (run.validationLoss !== null) parts.push(`validation ${shown(run, run.validationLoss)} ${run.metric.unit}`)
  if (run.tokensPerSecond !== null) parts.push(`${grouped(run.tokensPerSecond)} ${run.metric.token}s/s`)
  if (run.secondsLeft !== null) parts.push(`${duration(run.secondsLeft)} left`)
  return parts.join('  ')
}

function summaryLine(run: RunSummary): string {
  const best = run.bestValidationLoss === null ? '' : `, best validation ${shown(run, run.bestValidationLoss)} ${run.metric.unit}`
  const baseline = run.baseline ? ` (${run.baseline.name}: ${run.baseline.value.toFixed(4)})` : ''
  const why = run.message ? ` ${run.message}` : ''
  return `Run ${run.id}, ${run.name}: ${run.state} at step ${grouped(run.step)} after ${duration(run.seconds)}${best}${baseline}.${why}`
}
