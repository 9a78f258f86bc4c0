import { Option, type Command } from 'commander'
import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseRecipe, recipeFolder, recipePaths } from '../../../datasets/importing/recipe.ts'
import { reportCsv } from '../../../datasets/importing/reportCsv.ts'
import type { ImportOptions } from '../../contract/importing.ts'
import { StrandError } from '../../core/errors.ts'
import { labelFlags, labelOptions, splitFlags, splitOptions, type LabelFlags, type SplitFlags } from '../importFlags.ts'
import { grouped } from '../output.ts'
import { findDataset, runJob, withCore, type CommonOptions, type Session } from '../session.ts'
import { tableFlags, tableOptions, type TableFlags } from '../tableFlags.ts'
import { integer, pcmOf, positive } from '../values.ts'
import { leakageLines, splitTable } from './data.ts'

/** Flags that are options of the same name. */
const PLAIN = [
  'name',
  'domain',
  'onProblem',
  'tokens',
  'k',
  'overlap',
  'frame',
  'vocab',
  'bits',
  'pcm',
  'flank',
  'features',
  'splice',
  'minQuality',
  'minLength',
  'phred',
  'missing',
  'sampleRate',
] as const satisfies readonly (keyof ImportOptions)[]

interface ImportFlags extends CommonOptions, SplitFlags, LabelFlags, TableFlags, Pick<ImportOptions, (typeof PLAIN)[number]> {
  versionOf?: string
  recipe?: string
  from?: string
}

/** So many problems are printed; all are kept with the dataset. */
const SHOWN_PROBLEMS = 20

export function importCommands(program: Command): void {
  importFlags(program.command('import')).action((files: string[], flags: ImportFlags) => importFiles(files, flags))

  program
    .command('recipe')
    .description('print how a dataset was imported; "strand import --recipe FILE" does it again')
    .requiredOption('--dataset <dataset>', 'name or number')
    .option('--out <file>', 'write it there; its files are looked for beside it')
    .option('--project <folder>')
    .option('--json', 'one JSON object a line')
    .action(({ dataset, out, ...flags }: CommonOptions & { dataset: string; out?: string }) =>
      withCore(flags, 'project', async ({ core, output }) => {
        const { recipe } = await core.call('dataset/get', { id: (await findDataset(core, dataset)).id })
        output.object('recipe', recipe)
        hand(output, `${JSON.stringify(recipe, null, 2)}\n`, out)
      }),
    )

  program
    .command('report')
    .description('print what an import accepted, repaired, left out and refused, with file, line or byte, and reason')
    .requiredOption('--dataset <dataset>', 'name or number')
    .addOption(new Option('--format <format>', 'how').choices(['csv', 'json']).default('csv'))
    .option('--out <file>', 'write it there')
    .option('--project <folder>')
    .option('--json', 'one JSON object a line')
    .action(({ dataset, format, out, ...flags }: CommonOptions & { dataset: string; format: 'csv' | 'json'; out?: string }) =>
      withCore(flags, 'project', async ({ core, output }) => {
        const { name, sources, report } = await core.call('dataset/get', { id: (await findDataset(core, dataset)).id })
        output.object('report', report)
        hand(output, format === 'csv' ? reportCsv(report) : `${JSON.stringify({ dataset: name, sources, ...report }, null, 2)}\n`, out)
      }),
    )
}

function hand(output: Session['output'], text: string, out: string | undefined): void {
  if (out === undefined) {
    output.text(text)
    return
  }
  // a file that is there is somebody's
  try {
    writeFileSync(out, text, { flag: 'wx' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST')
      throw new StrandError('bad-input', `${out} is there already and is not written over. Choose another name.`, { file: out })
    throw error
  }
  output.line(`Written to ${out}.`)
}

function importFlags(command: Command): Command {
  return tableFlags(labelFlags(splitFlags(command)))
    .description('read files, folders or archives into a dataset (several files become one)')
    .argument('[files...]')
    .addHelpText(
      'after',
      '\nJSON lines of chats ({"messages": [{"role": "user", "content": "…"}, …]}, or "conversations" of "from" and "value") become texts: each\n' +
        'turn is a line with its role, such as "user:", and the words below it; an empty line stands between turns.\n',
    )
    .option('--recipe <file>', 'as it was done before: a file of "strand recipe"; files and flags given here go before its own')
    .option('--from <folder>', "where the recipe's files lie (default: beside the recipe)")
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
    .addOption(
      new Option('--on-problem <what>', 'a bad record ends the import, is left out, or is mended where nothing is invented').choices([
        'stop',
        'skip',
        'fix',
      ]),
    )
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
    .addOption(
      new Option('--missing <what>', 'series: what a missing value or a hole in time becomes (default mask)').choices([
        'mask',
        'previous',
        'linear',
        'split',
        'stop',
      ]),
    )
    .option('--flank <bases>', 'BED, GFF3: bases around a region; VCF: windows around variants', integer)
    .option('--features <types...>', 'GFF3: feature types to keep')
    .option('--splice', 'BED with blocks: the blocks joined')
    .option('--min-quality <q>', 'FASTQ: cut ends of reads below this quality', integer)
    .option('--min-length <bases>', 'FASTQ: leave shorter reads out', positive)
    .option('--phred <offset>', 'FASTQ: 33 or 64 (default: told from the reads)', integer)
    .option('--pcm <coding,rate,channels>', 'audio without a header, such as s16,44100,2', pcmOf)
    .option('--sample-rate <hz>', "audio: rate to store (default: the file's)", positive)
    .option('--version-of <dataset>', 'the files are the next version of this dataset; give all of them, not only new ones')
    .option('--json', 'one JSON object a line')
}

/** Without a key for what was not given: options are kept with the dataset as they were chosen. */
function chosen(flags: ImportFlags): ImportOptions {
  const own = Object.fromEntries(PLAIN.flatMap((key) => (flags[key] === undefined ? [] : [[key, flags[key]]]))) as ImportOptions
  return { ...own, ...splitOptions(flags), ...labelOptions(flags), ...tableOptions(flags) }
}

function importFiles(files: string[], { project, json, versionOf, recipe, from, ...flags }: ImportFlags): Promise<void> {
  return withCore({ project, json }, 'new project', async (session) => {
    const { core, output } = session
    const before = recipe === undefined ? null : readRecipe(recipe)
    if (!before && files.length === 0)
      throw new StrandError('bad-input', 'No file was given. Name at least one file or folder, or a --recipe.')
    const options: ImportOptions = {
      ...before?.options,
      ...chosen(flags),
      ...(versionOf === undefined ? {} : { versionOf: (await findDataset(core, versionOf)).id }),
    }
    const paths = files.length > 0 ? files.map((file) => resolve(file)) : recipePaths(before!, from ?? recipeFolder(recipe!))
    const { datasetId } = (await runJob(session, 'dataset/import', { paths, options })) as { datasetId: number }
    const dataset = await core.call('dataset/get', { id: datasetId })
    output.object('dataset', dataset)
    output.line(
      `Dataset ${dataset.id}, ${dataset.name}: ${dataset.format}, ${grouped(dataset.records)} ${dataset.records === 1 ? 'record' : 'records'}, ${grouped(dataset.length)} ${dataset.unit}.`,
    )
    output.line(dataset.splitRule)
    output.line(splitTable(dataset))
    for (const line of leakageLines(dataset)) output.line(line)
    const { accepted, repaired, skipped, refused, problems } = dataset.report
    output.line(
      `Accepted ${grouped(accepted)}, repaired ${grouped(repaired)}, skipped ${grouped(skipped)}${refused > 0 ? `, refused ${grouped(refused)}` : ''}.`,
    )
    for (const { severity, file, line, byte, message } of problems.slice(0, SHOWN_PROBLEMS)) {
      const place = line !== undefined ? `, line ${line}` : byte !== undefined ? `, byte ${byte}` : ''
      output.line(`  ${severity}: ${file}${place}: ${message}`)
    }
    if (problems.length > SHOWN_PROBLEMS)
      output.line(`  and ${problems.length - SHOWN_PROBLEMS} more, kept with the dataset: strand report --dataset ${dataset.id}`)
  })
}

function readRecipe(file: string): ReturnType<typeof parseRecipe> {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    throw new StrandError('not-found', `There is no file ${file}. Check the path of the recipe.`, { file })
  }
  return parseRecipe(text, file)
}
