import type { Command } from 'commander'
import { grouped } from '../output.ts'
import { runJob, withCore, type CommonOptions } from '../session.ts'
import { collectSet, integer, type Value } from '../values.ts'

interface SynthFlags extends CommonOptions {
  set?: Record<string, Value>
  seed?: number
  name?: string
}

export function synthCommand(program: Command): void {
  program
    .command('synth')
    .description('generate a task as a dataset; without a task, list the tasks and their options')
    .argument('[task]')
    .option('--project <folder>', 'the project; made when it is missing')
    .option('--set <key=value>', 'an option of the task, as often as wanted', collectSet)
    .option('--seed <number>', 'the same seed gives the same dataset (default 1)', integer)
    .option('--name <name>', "the dataset's name (default: the task's)")
    .option('--json', 'one JSON object a line')
    .action((task: string | undefined, flags: SynthFlags) => (task === undefined ? listTasks(flags) : generate(task, flags)))
}

function listTasks(flags: CommonOptions): Promise<void> {
  return withCore(flags, 'no project', async ({ core, output }) => {
    for (const task of await core.call('synthetic/list', undefined)) {
      output.object('task', task)
      output.line(`${task.id}: ${task.description} (${task.citation})`)
      for (const { key, default: usual, help } of task.options) output.line(`  ${key}=${usual}  ${help}`)
    }
  })
}

function generate(task: string, { set = {}, seed, name, ...flags }: SynthFlags): Promise<void> {
  return withCore(flags, 'new project', async (session) => {
    const { core, output } = session
    const options = Object.fromEntries(Object.entries(set).flatMap(([key, value]) => (value === null ? [] : [[key, value]])))
    const { datasetId } = (await runJob(session, 'synthetic/generate', { task, options, seed, name })) as { datasetId: number }
    const dataset = await core.call('dataset/get', { id: datasetId })
    output.object('dataset', dataset)
    output.line(
      `Dataset ${dataset.id}, ${dataset.name}: ${grouped(dataset.records)} records, ${grouped(dataset.length)} ${dataset.unit}. ${dataset.splitRule}`,
    )
  })
}
