import { basename } from 'node:path'
import type { Domain } from '../../main/contract/dataset.ts'
import type { ImportOptions } from '../../main/contract/importing.ts'
import { importSound } from '../audio/importSound.ts'
import { StrandError, throwIfCancelled } from '../errors.ts'
import { importSequences } from '../genomics/importSequences.ts'
import { DatasetWriter, getDataset, setLeakage, type NewDataset, type WritableStore } from '../store/store.ts'
import { Labeller, type FilePlace } from '../labels/labelSource.ts'
import { checkLeakage, leakageUnits } from '../quality/leakage.ts'
import { plannedRows, type Units } from '../quality/units.ts'
import { fitFolds } from '../splits/folds.ts'
import { planSplits } from '../splits/planSplits.ts'
import { translate } from '../store/connection.ts'
import { importRows } from '../text/importRows.ts'
import { importText } from '../text/importText.ts'
import { importSeries } from '../timeseries/importSeries.ts'
import type { Imported, ImportJob } from './job.ts'
import { Names } from './names.ts'
import { Progress } from './progress.ts'
import { byLine, listFiles, recognise, suggestName, withTokens } from './recognise.ts'
import { ReportBuilder } from './report.ts'
import { assertSpace } from './source.ts'
import { reportTrimmed, tokenFacts } from './tokens.ts'

export interface ImportProgress {
  /** 0…1 */
  fraction: number
  /** "reading lambda.fa.gz" */
  phase: string
  secondsLeft: number | null
}

export interface ImportHooks {
  signal?: AbortSignal
  /** At most ten times a second, and once at the end. */
  onProgress?: (progress: ImportProgress) => void
}

const IMPORTERS: { readonly [K in Domain]: (job: ImportJob) => Promise<Imported> } = {
  genomics: importSequences,
  audio: importSound,
  timeseries: importSeries,
  text: (job) => (byLine(job.options) || job.files.some(({ detected }) => detected.format !== 'text') ? importRows(job) : importText(job)),
}

/**
 * Files (or folders of files) of one kind → one dataset. Streamed: memory does not grow with the files.
 * Throws StrandError with a sentence; then, as after a cancel, nothing is left in the project. `refused` files count only with `onProblem: 'skip'`.
 */
export async function importFiles(
  store: WritableStore,
  request: { paths: readonly string[]; options: ImportOptions },
  hooks: ImportHooks = {},
): Promise<{ datasetId: number }> {
  const progress = new Progress(hooks)
  // in a function of its own, so that what it held of a million records is free before they are compared
  const { datasetId, units } = await write(store, request, hooks, progress)
  try {
    progress.phase('comparing held-out records with training ones')
    await keepLeakage(store, datasetId, units, hooks.signal)
    progress.end()
    return { datasetId }
  } catch (error) {
    throw translate(error, store.folder)
  }
}

/** Everything up to the whole dataset. */
async function write(
  store: WritableStore,
  request: { paths: readonly string[]; options: ImportOptions },
  hooks: ImportHooks,
  progress: Progress,
): Promise<{ datasetId: number; units: Units }> {
  const report = new ReportBuilder(request.options.onProblem ?? 'stop')
  let writer: DatasetWriter | null = null
  try {
    const files = await recognise(await listFiles(request.paths), request.options, report, hooks.signal)
    const options = withTokens(request.options, files)
    if (options.tokens !== request.options.tokens)
      report.add(
        'note',
        'sequence/proteins',
        { file: files[0].source.name },
        'The letters of these sequences are amino acids: they were read as proteins.',
      )
    const { domain } = files[0].detected
    const total = files.reduce((sum, { source }) => sum + source.bytes, 0)
    assertSpace(store.folder, total, files.length === 1 ? files[0].source.name : `${files.length} files`)
    progress.begin(total)
    // a name belongs to all versions
    const name =
      options.versionOf === undefined
        ? options.name?.trim() || suggestName(request.paths, files)
        : getDataset(store, options.versionOf).name
    const labeller = new Labeller(options.labels)
    let current: FilePlace = files[0].source
    const job: ImportJob = {
      files,
      options,
      report,
      names: new Names(),
      read(source, pass) {
        current = source
        return progress.watch(source, store.folder, pass)
      },
      write(spec: Omit<NewDataset, 'name'>) {
        writer = new DatasetWriter(store, { ...spec, name })
        // a record ends while its own file is being read, so `current` is that file
        writer.complete = (record) => labeller.complete(record, current)
        return writer
      },
      phase: (text) => progress.phase(text),
      at: (source, fraction, pass) => progress.at(source, fraction, pass),
      signal: hooks.signal,
      folder: store.folder,
    }
    const imported = await IMPORTERS[domain](job)
    job.names.end()
    for (const { source } of files) if (source.sha256 === '') await source.digest({ signal: hooks.signal })
    if (writer === null) throw new StrandError('internal', 'The importer wrote nothing. Report this with the file.')
    const { records } = writer as DatasetWriter
    if (records.length === 0) throw nothingLeft(files[0].source.name, report)
    labeller.finish(report)
    const plan = planSplits(records, domain, options, (writer as DatasetWriter).labels())
    throwIfCancelled(hooks.signal, `Importing ${name}`)
    if (imported.cut && plan.folds)
      throw new StrandError(
        'bad-input',
        'BPE tokens are learned from one training split and cannot change from fold to fold. Choose other tokens, or no folds.',
      )
    const fitted = typeof imported.codec === 'function' ? imported.codec(plan) : imported.codec
    const codec = imported.cut ? await imported.cut(plan) : fitted
    reportTrimmed(report, codec, files[0].source.name, records, plan)
    throwIfCancelled(hooks.signal, `Importing ${name}`)
    const datasetId = (writer as DatasetWriter).seal({
      sources: files.map(({ source }) => ({ name: source.name, bytes: source.bytes, sha256: source.sha256 })),
      options: { ...options, from: request.paths.map((path) => basename(path)) },
      report: report.build(),
      facts: { ...imported.facts, ...tokenFacts((writer as DatasetWriter).unitsPerToken) },
      codec,
      ...fitFolds(plan, imported.codec),
      layout: imported.layout,
      format: imported.format,
      unit: imported.unit,
      plan,
      versionOf: options.versionOf,
    })
    return { datasetId, units: leakageUnits(store, datasetId, plannedRows(records, plan)) }
  } catch (error) {
    throw translate(error, store.folder)
  } finally {
    ;(writer as DatasetWriter | null)?.abort()
  }
}

/** The dataset is whole by now: who cancels here loses the check, not the data. */
async function keepLeakage(store: WritableStore, datasetId: number, units: Units, signal: AbortSignal | undefined): Promise<void> {
  try {
    setLeakage(store, datasetId, await checkLeakage(store, datasetId, { signal }, units))
  } catch (error) {
    if (!(error instanceof StrandError) || error.code !== 'cancelled') throw error
  }
}

function nothingLeft(file: string, report: ReportBuilder): StrandError {
  const { problems } = report.build()
  const first = problems.find((problem) => problem.severity !== 'note')
  return new StrandError(
    'import/empty',
    `Nothing in ${file} could be imported.${first ? ` ${first.message}` : ' Choose a file with records in it.'}`,
    { file },
  )
}
