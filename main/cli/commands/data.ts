import { Option, type Command } from 'commander'
import { resolve } from 'node:path'
import type { DatasetDetail, ImportOptions } from '../../contract/dataset.ts'
import { grouped, table } from '../output.ts'
import { findDataset, runJob, withCore, type CommonOptions } from '../session.ts'
import { labelFlags, labelOptions, splitFlags, splitOptions, type LabelFlags, type SplitFlags } from '../importFlags.ts'
import { integer, pcmOf, positive } from '../values.ts'

interface ImportFlags
  extends
    CommonOptions,
    SplitFlags,
    LabelFlags,
    Pick<
      ImportOptions,
      'name' | 'domain' | 'onProblem' | 'tokens' | 'k' | 'overlap' | 'frame' | 'vocab' | 'bits' | 'pcm' | 'missing' | 'sampleRate'
    > {
  versionOf?: string
}

/** So many problems are printed; all are kept with the dataset. */
const SHOWN_PROBLEMS = 20

export function dataCommands(program: Command): void {
  labelFlags(splitFlags(program.command('import')))
    .description('read files into a dataset (several files become one)')
    .argument('<files...>')
    .option('--project <folder>', 'the project; made when it is missing')
    .addOption(
      new Option('--domain <domain>', 'what the files hold; auto looks at the content').choices([
        'auto',
        'genomics',
        'audio',
        'timeseries',
        'text',
      ]),
    )
    .option('--name <name>', "the dataset's name (default: the file's)")
    .addOption(new Option('--on-problem <what>', 'a bad record ends the import, or is left out').choices(['stop', 'skip']))
    .addOption(
      new Option('--tokens <kind>', 'how cells become tokens (text: char; genomics: nucleotide; audio: mu-law)').choices([
        'char',
        'byte',
        'bpe',
        'nucleotide',
        'kmer',
        'codon',
        'amino-acid',
        'protein',
        'mu-law',
        'linear',
        'continuous',
      ]),
    )
    .option('--k <bases>', 'kmer: bases in a token, 2 to 8 (default 6)', positive)
    .option('--overlap', 'kmer: a token at every base')
    .option('--frame <base>', 'codon, amino-acid: first base of a codon, 0 to 2 (default 0)', integer)
    .option('--vocab <size>', 'bpe: most tokens (default 1024)', positive)
    .option('--bits <bits>', 'mu-law, linear: bits of a level, 4 to 12 (default 8)', positive)
    .addOption(new Option('--missing <what>', 'series: what a missing value becomes').choices(['mask', 'previous', 'stop']))
    .option('--pcm <coding,rate,channels>', 'audio without a header, such as s16,44100,2', pcmOf)
    .option('--sample-rate <hz>', "audio: rate to store (default: the file's)", positive)
    .option('--version-of <dataset>', 'the files are the next version of this dataset; give all of them, not only new ones')
    .option('--json', 'one JSON object a line')
    .action((files: string[], flags: ImportFlags) => importFiles(files, flags))

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
              ['id', 'name', 'domain', 'format', 'records', 'length', 'unit'],
              list.map((d) => [d.id, d.name, d.domain, d.format, d.records, grouped(d.length), d.unit]),
            ),
          )
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

const splitTable = ({ splits, unit }: DatasetDetail): string =>
  table(
    ['split', 'records', unit, 'from', 'to'],
    splits.map((split) => [split.split, grouped(split.records), grouped(split.length), split.from, split.to]),
  )

function importFiles(files: string[], { project, json, versionOf, ...flags }: ImportFlags): Promise<void> {
  const { name, domain, onProblem, tokens, missing, sampleRate } = flags
  const own = Object.fromEntries(
    Object.entries({ name, domain, onProblem, tokens, missing, sampleRate }).filter(([, value]) => value !== undefined),
  ) as ImportOptions
  return withCore({ project, json }, 'new project', async (session) => {
    const { core, output } = session
    const options: ImportOptions = {
      ...own,
      ...splitOptions(flags),
      ...labelOptions(flags),
      ...(versionOf === undefined ? {} : { versionOf: (await findDataset(core, versionOf)).id }),
    }
    const paths = files.map((file) => resolve(file))
    const { datasetId } = (await runJob(session, 'dataset/import', { paths, options })) as { datasetId: number }
    const dataset = await core.call('dataset/get', { id: datasetId })
    output.object('dataset', dataset)
    output.line(
      `Dataset ${dataset.id}, ${dataset.name}: ${dataset.format}, ${grouped(dataset.records)} ${dataset.records === 1 ? 'record' : 'records'}, ${grouped(dataset.length)} ${dataset.unit}.`,
    )
    output.line(dataset.splitRule)
    output.line(splitTable(dataset))
    const { accepted, repaired, skipped, problems } = dataset.report
    output.line(`Accepted ${grouped(accepted)}, repaired ${grouped(repaired)}, skipped ${grouped(skipped)}.`)
    for (const { severity, file, line, byte, message } of problems.slice(0, SHOWN_PROBLEMS)) {
      const place = line !== undefined ? `, line ${line}` : byte !== undefined ? `, byte ${byte}` : ''
      output.line(`  ${severity}: ${file}${place}: ${message}`)
    }
    if (problems.length > SHOWN_PROBLEMS) output.line(`  and ${problems.length - SHOWN_PROBLEMS} more, kept with the dataset`)
  })
}
