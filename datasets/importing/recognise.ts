import { readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Domain } from '../../main/contract/dataset.ts'
import type { ImportOptions, TableOptions } from '../../main/contract/importing.ts'
import { StrandError, throwIfCancelled } from '../errors.ts'
import { openSources } from './containers.ts'
import { detect, type Detected } from './detect.ts'
import type { MemberFault } from './members.ts'
import type { ReportBuilder } from './report.ts'
import type { Source } from './source.ts'

/** What the choice of labels tells of the files. */
export function wantedDomain(options: ImportOptions): Domain | 'auto' {
  if (options.domain && options.domain !== 'auto') return options.domain
  if (byLine(options)) return 'text'
  return options.labels?.from === 'feature' || options.labels?.from === 'header' ? 'genomics' : 'auto'
}

export const byLine = ({ records, labels }: ImportOptions): boolean => records === 'lines' || labels?.from === 'line'

/** Options with what a choice of labels says of columns written out. */
export function withColumns(options: ImportOptions): ImportOptions {
  const { labels, table, domain } = options
  if (labels?.from !== 'column') return options
  const roles: TableOptions['roles'] = {
    ...(labels.column ? { [labels.column]: 'label' } : {}),
    ...(labels.group ? { [labels.group]: 'group' } : {}),
    ...(labels.text && domain && domain !== 'auto' ? { [labels.text]: domain === 'genomics' ? 'sequence' : 'text' } : {}),
    ...table?.roles,
  }
  return { ...options, table: { ...(labels.text ? {} : { rows: 'series' as const }), ...table, roles } }
}

/** Options with what the files themselves say of tokens: sequences of amino acids, in all files, are proteins where nothing else was chosen. */
export function withTokens(options: ImportOptions, files: readonly { detected: Detected }[]): ImportOptions {
  const proteins = files.length > 0 && files.every(({ detected }) => detected.proteins)
  return proteins && options.tokens === undefined ? { ...options, tokens: 'protein' } : options
}

/** Made once: a comparison that looks up its language each time takes 20 times as long, and a choice lists the folder anew. */
const NATURAL = new Intl.Collator('en', { numeric: true })

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
    files.push(...found.sort(NATURAL.compare))
  }
  return files
}

export interface KnownFile {
  source: Source
  detected: Detected
}

/** Opens each file, and the files of each archive, and sees what it is; all must be of one domain. */
export async function recognise(
  paths: readonly string[],
  options: ImportOptions,
  report: ReportBuilder,
  signal?: AbortSignal,
): Promise<KnownFile[]> {
  const chosen = withColumns(options)
  const wanted = wantedDomain(options)
  let files: KnownFile[] = []
  for (const path of paths) {
    throwIfCancelled(signal, 'The import')
    try {
      const sources = await openSources(path, (fault) => onFault(report, fault))
      for (const source of sources)
        await tolerate(source.name, report, paths.length * sources.length === 1, async () => {
          throwIfCancelled(signal, 'The import')
          files.push({ source, detected: (await detect(source, wanted, chosen)).detected })
          if (source.crEnds)
            report.add(
              'repaired',
              'file/cr',
              { file: source.name },
              `The lines of ${source.name} end as on old Macs (a lone carriage return); they were read as line ends.`,
            )
        })
    } catch (error) {
      refuse(basename(path), report, paths.length === 1, error)
    }
  }
  if (files.length === 0)
    throw new StrandError(
      'import/empty',
      `None of the ${paths.length === 1 ? 'files of ' + basename(paths[0]) : `${paths.length} files`} can be imported. ${report.build().problems[0]?.message ?? ''}`.trim(),
    )
  files = withoutCompanions(files, report)
  const [first] = files
  return files.filter(({ source, detected }) => {
    if (detected.domain === first.detected.domain) return true
    const error = new StrandError(
      'import/unknown-format',
      `${source.name} is ${detected.domain} and ${first.source.name} is ${first.detected.domain}. Import them separately: a dataset holds one kind of data.`,
      { file: source.name },
    )
    refuse(source.name, report, false, error)
    return false
  })
}

async function tolerate(name: string, report: ReportBuilder, alone: boolean, act: () => Promise<void>): Promise<void> {
  try {
    await act()
  } catch (error) {
    refuse(name, report, alone, error)
  }
}

/** With several files, one of another kind need not end it all when the user chose to skip. */
function refuse(file: string, report: ReportBuilder, alone: boolean, error: unknown): void {
  if (!(error instanceof StrandError) || error.code === 'cancelled' || alone || report.onProblem === 'stop') throw error
  report.add('refused', 'file', { file, ...(error.facts?.line ? { line: Number(error.facts.line) } : {}) }, error.message)
}

/** A member of an archive that is not read. Nothing of it was unpacked. */
function onFault(report: ReportBuilder, { name, fault, harmless }: MemberFault): void {
  if (!harmless && report.onProblem === 'stop')
    throw new StrandError(
      'import/unknown-format',
      `${fault}. Nothing was imported; unpack the archive yourself, or import again and skip bad records.`,
      {
        file: name,
      },
    )
  report.add(harmless ? 'skipped' : 'refused', 'archive/member', { file: name }, `${fault}; it was left out.`)
}

/** A README or a licence beside data of another kind is not data. */
export function withoutCompanions(files: readonly KnownFile[], report: ReportBuilder): KnownFile[] {
  const isCompanion = ({ source, detected }: KnownFile): boolean =>
    detected.domain === 'text' &&
    /^(read[-_ ]?me|licen[cs]e|copying|notice|citation|authors|changelog|changes|sources)\b/i.test(basename(source.name))
  const data = files.filter((file) => !isCompanion(file))
  if (data.length === 0 || data.every(({ detected }) => detected.domain === 'text')) return [...files]
  for (const { source } of files.filter(isCompanion))
    report.add(
      'skipped',
      'file/companion',
      { file: source.name },
      `${source.name} is text beside ${data[0].detected.domain}; it was left out.`,
    )
  return data
}

export function suggestName(paths: readonly string[], files: readonly { source: Source }[]): string {
  const [first] = files
  if (paths.length > 1 || files.length === 1) return first.source.stem
  const name = basename(paths[0])
  // an archive is named without its endings, a folder as it is
  return first.source.origin.plain ? name : name.replace(/(?<=.)(\.tar)?\.[^.]+$/i, '')
}
