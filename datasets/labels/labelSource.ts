import { basename, dirname } from 'node:path'
import type { Split } from '../../main/contract/dataset.ts'
import type { LabelSource } from '../../main/contract/importing.ts'
import { StrandError } from '../errors.ts'
import type { ReportBuilder } from '../importing/report.ts'
import { count, plural } from '../importing/source.ts'
import type { RecordStart } from '../store/store.ts'

/** What a pattern looks at is cut here: a header is no place for a book. */
const LONGEST = 10_000

/** What a source of labels finds in one place. */
export interface Found {
  label?: string
  group?: string
  split?: Split | null
}

/** The file a record comes from. */
export interface FilePlace {
  name: string
  path: string
}

/** "train", "dev", "TEST": the words published data sets are divided by. null for any other. */
export function splitNamed(word: string): Split | null {
  const lower = word.toLowerCase()
  if (lower.startsWith('train')) return 'train'
  if (lower.startsWith('test')) return 'test'
  return lower === 'dev' || lower.startsWith('val') ? 'validation' : null
}

/** The split that a file's own name, else its folder's, says: GunPoint_TRAIN.ts, dev/clip.wav. */
export function publishedSplit({ name, path }: FilePlace): Split | null {
  for (const place of [name, basename(dirname(path))]) {
    const word = /(?:^|[^a-z])(train|training|test|testing|dev|val|valid|validation)(?:[^a-z]|$)/i.exec(place)?.[1]
    if (word) return splitNamed(word)
  }
  return null
}

/** A file's name without its endings: "0_george_3" for 0_george_3.wav.gz. */
export const stemOf = (name: string): string => name.replace(/\.(gz|bgz|zst|xz)$/i, '').replace(/(?<=.)\.[^.]+$/, '')

/** The pattern as typed → an expression that has at least one of the named groups. */
export function compilePattern(pattern: string): RegExp {
  let expression: RegExp
  try {
    expression = new RegExp(pattern, 'u')
  } catch (error) {
    throw new StrandError(
      'bad-input',
      `The label pattern is no regular expression: ${(error as Error).message.replace(/^Invalid regular expression: /, '')}. Write for example (?<label>\\d)_(?<group>[a-z]+)_\\d+\\.wav`,
    )
  }
  if (!/\(\?<(label|group|split|train|validation|test)>/.test(pattern))
    throw new StrandError(
      'bad-input',
      `The label pattern ${pattern} names no part of what it matches. Put (?<label>…) around the part that is the label, and (?<group>…) or (?<split>…) where there are any.`,
    )
  return expression
}

/** By the word that group `split` matched, or by which of the groups `train`, `validation` and `test` matched anything. */
function splitSaid(groups: Record<string, string | undefined>): { split?: Split | null } {
  if (groups.split) return { split: splitNamed(groups.split) }
  const split = (['train', 'validation', 'test'] as const).find((name) => groups[name] !== undefined)
  return split ? { split } : {}
}

/** What the user's label source says of one record; the pattern of a line is the business of the line reader. */
function look(source: LabelSource, pattern: RegExp | null, { header, name }: RecordStart, file: FilePlace): Found | null {
  if (source.from === 'none') return {}
  if (source.from !== 'folder' && source.from !== 'file' && source.from !== 'header') return null
  const path = file.path.replaceAll('\\', '/')
  if (pattern) {
    const text = source.from === 'file' ? file.name : source.from === 'folder' ? path : (header ?? name)
    const groups = pattern.exec(text.slice(0, LONGEST))?.groups
    return groups ? { label: groups.label, group: groups.group, ...splitSaid(groups) } : {}
  }
  return { label: source.from === 'folder' ? basename(dirname(path)) : stemOf(file.name) }
}

/**
 * Completes what importers say of their records by the user's choice of a label source, and by the published split that file names tell.
 * A record that the source says nothing about has no label; how many there are is reported once, with the first of them.
 */
export class Labeller {
  private readonly source: LabelSource | undefined
  private readonly pattern: RegExp | null
  private without = 0
  private with = 0
  private first: { record: string; file: string } | null = null
  /** What the name of the file read last says: it is asked for every record. */
  private published: { path: string; split: Split | null } = { path: '', split: null }

  constructor(source: LabelSource | undefined) {
    this.source = source
    const patterned = source?.from === 'folder' || source?.from === 'file' || source?.from === 'header'
    this.pattern = patterned && source.pattern ? compilePattern(source.pattern) : null
    if (source?.from === 'header' && !source.pattern)
      throw new StrandError('bad-input', 'Labels from a header need a pattern, for example class=(?<label>\\w+).')
  }

  complete(record: RecordStart, file: FilePlace): RecordStart {
    const found = this.source ? look(this.source, this.pattern, record, file) : null
    const { label, group, split } = found ? { ...record, label: found.label, ...kept(found) } : record
    this.note(label ?? null, record.name, file.name)
    return { ...record, label: this.read(label ?? null, record.name, file.name), group, split: split ?? this.publishedBy(file) }
  }

  private publishedBy(file: FilePlace): Split | null {
    if (this.published.path !== file.path) this.published = { path: file.path, split: publishedSplit(file) }
    return this.published.split
  }

  private note(label: string | number | null, record: string, file: string): void {
    if (label !== null && label !== '') this.with++
    else if (this.without++ === 0) this.first = { record, file }
  }

  private read(label: string | number | null, record: string, file: string): string | number | null {
    if (label === null || label === '') return null
    if (!this.source?.numbers || typeof label === 'number') return label
    const value = label.trim() === '' ? NaN : Number(label)
    if (Number.isFinite(value)) return value
    throw new StrandError(
      'import/bad-record',
      `The label of "${record}" in ${file} is "${label}", not a number. Read the labels as classes, or choose another source.`,
      { file },
    )
  }

  /** After the last record. Throws where a source was chosen that says nothing of any record. */
  finish(report: ReportBuilder): void {
    if (!this.source || this.source.from === 'none' || this.without === 0) return
    const { record, file } = this.first!
    const where = this.source.from === 'file' ? file : `"${record}" in ${file}`
    const what = this.pattern ? `the pattern ${this.source.pattern} does not match` : 'there is nothing to read one from'
    if (this.with === 0)
      throw new StrandError('bad-input', `None of the ${plural(this.without, 'record')} gets a label: ${what}, for example in ${where}.`, {
        file,
      })
    const all = this.with + this.without
    const one = this.without === 1
    report.add(
      'note',
      'label/missing',
      { file },
      `${count(this.without)} of ${plural(all, 'record')} ${one ? 'has' : 'have'} no label: ${what}, ${one ? '' : 'first '}in ${where}. ${one ? 'It is kept, and classification leaves it out' : 'They are kept, and classification leaves them out'}.`,
    )
  }
}

/** Only what was found: an importer's own group and split stay where the source says nothing of them. */
const kept = ({ group, split }: Found): Found => ({ ...(group ? { group } : {}), ...(split ? { split } : {}) })
