import type { Command } from 'commander'
import type { DatasetDetail, DatasetSummary } from '../../contract/dataset.ts'
import { grouped, table } from '../output.ts'
import { findDataset, withCore, type CommonOptions } from '../session.ts'
import { splitFlags, splitOptions, type SplitFlags } from '../importFlags.ts'

export function dataCommands(program: Command): void {
  program
    .command('datasets')
    .description('list the datasets')
    .option('--project <folder>')
    .option('--json', 'one JSON object a line')
    .action((flags: CommonOptions) =>
      withCore(flags, 'project', async ({ core, output }) => {
        const list = await core.call('dataset/list', undefined)
        for (const dataset of list) output.object('dataset', dataset)
        if (list.length === 0) output.line('No datasets yet. "strand import FILE" makes one.')
        else
          output.line(
            table(
              ['id', 'name', 'domain', 'format', 'records', 'length', 'unit', 'labels', 'folds'],
              list.map((d) => [d.id, d.name, d.domain, d.format, d.records, grouped(d.length), d.unit, labelsText(d), d.folds || '']),
            ),
          )
        for (const { name, leaks } of list) if (leaks) output.line(`${name}: ${leaks}`)
      }),
    )

  splitFlags(program.command('split'))
    .description('divide the records of a dataset anew, as a version that shares its cells; runs keep the version they were trained on')
    .argument('<dataset>', 'name or number')
    .option('--project <folder>')
    .option('--json', 'one JSON object a line')
    .action((dataset: string, flags: CommonOptions & SplitFlags) =>
      withCore(flags, 'project', async ({ core, output }) => {
        const { id } = await findDataset(core, dataset)
        const { datasetId } = await core.call('dataset/split', { id, options: splitOptions(flags) })
        const detail = await core.call('dataset/get', { id: datasetId })
        output.object('dataset', detail)
        output.line(`Dataset ${detail.id}, ${detail.name}, version ${detail.version}. ${detail.splitRule}`)
        output.line(splitTable(detail))
        for (const line of leakageLines(detail)) output.line(line)
      }),
    )

  program
    .command('versions')
    .description('list the versions of a dataset; a number given for a dataset anywhere means one version')
    .argument('<dataset>', 'name or number')
    .option('--project <folder>')
    .option('--json', 'one JSON object a line')
    .action((dataset: string, flags: CommonOptions) =>
      withCore(flags, 'project', async ({ core, output }) => {
        const versions = await core.call('dataset/versions', { id: (await findDataset(core, dataset)).id })
        for (const version of versions) output.object('version', version)
        output.line(
          table(
            ['version', 'dataset', 'made', 'hash', 'records', 'runs', 'change'],
            versions.map((v) => [
              v.version,
              v.id,
              v.createdAt.slice(0, 16).replace('T', ' '),
              v.hash.slice(0, 12),
              v.records,
              v.runs,
              v.change,
            ]),
          ),
        )
      }),
    )
}

const labelsText = ({ labels }: DatasetSummary): string =>
  labels === null ? '' : labels.kind === 'class' ? `${labels.names.length} classes` : 'numbers'

export const splitTable = ({ splits, unit }: DatasetDetail): string =>
  table(
    ['split', 'records', unit, 'from', 'to'],
    splits.map((split) => [split.split, grouped(split.records), grouped(split.length), split.from, split.to]),
  )

/** What leaks from training into what is held out, in a sentence each. */
export function leakageLines({ leakage }: DatasetDetail): string[] {
  if (!leakage) return []
  const { contents, records, conflicts } = leakage.repeated
  const different = conflicts > 0 ? `, ${grouped(conflicts)} of them with different labels` : ''
  return [
    leakage.sentence,
    ...leakage.findings.map(({ sentence }) => `  ${sentence}`),
    ...(contents > 0
      ? [
          `  ${grouped(records - contents)} records repeat the content of another: ${grouped(contents)} contents occur more than once${different}.`,
        ]
      : []),
  ]
}
