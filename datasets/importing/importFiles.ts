import { readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Domain, ImportOptions } from '../../main/contract/dataset.ts'
import { importSound } from '../audio/importSound.ts'
import { StrandError, throwIfCancelled } from '../errors.ts'
import { importSequences } from '../genomics/importSequences.ts'
import { DatasetWriter, getDataset, type NewDataset, type WritableStore } from '../store/store.ts'
import { Labeller, type FilePlace } from '../labels/labelSource.ts'
import { fitFolds } from '../splits/folds.ts'
import { planSplits } from '../splits/planSplits.ts'
import { translate } from '../store/connection.ts'
import { importLines } from '../text/importLines.ts'
import { importText } from '../text/importText.ts'
import { importTable } from '../timeseries/importTable.ts'
import { detect, type Detected } from './detect.ts'
import type { Imported, ImportJob } from './job.ts'
import { Names } from './names.ts'
import { ReportBuilder } from './report.ts'
import { assertSpace, Source } from './source.ts'
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
  timeseries: importTable,
  text: (job) => (byLine(job.options) ? importLines(job) : importText(job)),
}

/** What the choice of labels tells of the files. */
export function wantedDomain(options: ImportOptions): Domain | 'auto' {
  if (options.domain && options.domain !== 'auto') return options.domain
  if (byLine(options)) return 'text'
  return options.labels?.from === 'feature' || options.labels?.from === 'header' ? 'genomics' : 'auto'
}

const byLine = ({ records, labels }: ImportOptions): boolean => records === 'lines' || labels?.from === 'line'

/**
 * Files (or folders of files) of one kind → one dataset. Streamed: memory does not grow with the files.
 * Throws StrandError with a sentence; then, as after a cancel, nothing is left in the project. `refused` files count only with `onProblem: 'skip'`.
 */
export async function importFiles(
  store: WritableStore,
  request: { paths: readonly string[]; options: ImportOptions },
  hooks: ImportHooks = {},
): Promise<{ datasetId: number }> {
  const { options } = request
  const report = new ReportBuilder(options.onProblem ?? 'stop')
  const progress = new Progress(hooks)
  let writer: DatasetWriter | null = null
  try {
    const files = await recognise(await listFiles(request.paths), options, report, hooks.signal)
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
      signal: hooks.signal,
    }
    const imported = await IMPORTERS[domain](job)
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
      options,
      report: report.build(),
      facts: { ...imported.facts, ...tokenFacts(codec, (writer as DatasetWriter).unitsPerToken) },
      codec,
      ...fitFolds(plan, imported.codec),
      layout: imported.layout,
      format: imported.format,
      unit: imported.unit,
      plan,
      versionOf: options.versionOf,
    })
    progress.end()
    return { datasetId }
  } catch (error) {
    throw translate(error, store.folder)
  } finally {
    ;(writer as DatasetWriter | null)?.abort()
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

/** Folders are walked; hidden files and links are passed over. In natural order of their paths. */
export async function listFiles(paths: readonly string[]): Promise<string[]> {
  if (paths.length === 0) throw new StrandError('bad-input', 'No file was given. Choose at least one file or folder.')
  const files: string[] = []
  for (const path of paths) {
    const info = await stat(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') throw new StrandError('not-found', `There is no file at ${path}. Check the path.`, { path })
      throw error
    })
    if (!info.isDirectory()) {
      files.push(path)
      continue
    }
    const found = (await readdir(path, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
      .map((entry) => join(entry.parentPath, entry.name))
    if (found.length === 0)
      throw new StrandError('import/empty', `The folder ${path} holds no files. Choose a folder with data in it.`, { path })
    files.push(...found.sort((a, b) => a.localeCompare(b, 'en', { numeric: true })))
  }
  return files
}

/** Opens each file and sees what it is; all must be of one domain. */
export async function recognise(
  paths: readonly string[],
  options: ImportOptions,
  report: ReportBuilder,
  signal?: AbortSignal,
): Promise<{ source: Source; detected: Detected }[]> {
  const files: { source: Source; detected: Detected }[] = []
  for (const path of paths) {
    throwIfCancelled(signal, 'The import')
    try {
      const source = await Source.open(path)
      const detected = await detect(source, { ...options, domain: wantedDomain(options) })
      const first = files[0]
      if (first && first.detected.domain !== detected.domain)
        throw new StrandError(
          'import/unknown-format',
          `${source.name} is ${detected.domain} and ${first.source.name} is ${first.detected.domain}. Import them separately: a dataset holds one kind of data.`,
          { file: source.name },
        )
      files.push({ source, detected })
    } catch (error) {
      // with several files, one of another kind need not end it all when the user chose to skip
      if (!(error instanceof StrandError) || paths.length === 1 || report.onProblem === 'stop') throw error
      report.add(
        'refused',
        'file',
        { file: basename(path), ...(error.facts?.line ? { line: Number(error.facts.line) } : {}) },
        error.message,
      )
    }
  }
  if (files.length === 0)
    throw new StrandError(
      'import/empty',
      `None of the ${paths.length} files can be imported. ${report.build().problems[0]?.message ?? ''}`.trim(),
    )
  return files
}

export function suggestName(paths: readonly string[], files: readonly { source: Source }[]): string {
  return files.length > 1 && paths.length === 1 ? basename(paths[0]) : files[0].source.stem
}

class Progress {
  private readonly hooks: ImportHooks
  private readonly started = performance.now()
  private total = 1
  private before = 0
  private now = 0
  private text = 'looking at the files'
  private told = 0

  constructor(hooks: ImportHooks) {
    this.hooks = hooks
  }

  begin(total: number): void {
    this.total = Math.max(1, total)
  }

  phase(text: string): void {
    this.text = text
    this.tell(false)
  }

  async *watch(source: Source, folder: string, pass = { index: 0, of: 1 }): AsyncGenerator<Buffer> {
    const onRead = (bytes: number): void => {
      this.now = bytes / pass.of
      this.tell(false)
    }
    yield* source.content({ signal: this.hooks.signal, onRead, folder })
    this.before += source.bytes / pass.of
    this.now = 0
  }

  end(): void {
    this.before = this.total
    this.now = 0
    this.text = 'done'
    this.tell(true)
  }

  private tell(always: boolean): void {
    const at = performance.now()
    if (!this.hooks.onProgress || (!always && at - this.told < 100)) return
    this.told = at
    const fraction = Math.min(1, (this.before + this.now) / this.total)
    const seconds = (at - this.started) / 1000
    const secondsLeft = fraction > 0.01 && seconds > 0.5 ? (seconds / fraction) * (1 - fraction) : null
    this.hooks.onProgress({ fraction, phase: this.text, secondsLeft })
  }
}
