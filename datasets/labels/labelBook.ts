import type { Labels } from '../../main/contract/dataset.ts'
import { StrandError } from '../errors.ts'

/** More names than this are not classes: a model would see most of them once. */
const MOST_CLASSES = 10_000

/** Names as people sort them: "2" before "10", "E. coli" beside "e. coli". */
export const byName = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true }) || (a < b ? -1 : a > b ? 1 : 0)

/**
 * Collects the labels of an import. A text is the name of a class, a number is a number; one dataset has one kind.
 * Classes are numbered as they come; `settle` puts them in the order the file declares, else in order of their names.
 */
export class LabelBook {
  private readonly ids = new Map<string, number>()
  private kind: Labels['kind'] | null = null
  private declared: readonly string[] = []

  /** Classes a file lists before its records, in its order. They are classes even where no record has them. */
  declare(names: readonly string[]): void {
    this.declared = names
    for (const name of names) this.add(name)
  }

  /** The label as it is kept until `settle`. */
  add(label: string | number): number {
    const kind = typeof label === 'string' ? 'class' : 'number'
    this.kind ??= kind
    if (this.kind !== kind)
      throw new StrandError(
        'import/bad-record',
        `Some labels are classes and others are numbers (${JSON.stringify(label)} is one of them). Choose one kind: a dataset holds one.`,
      )
    if (typeof label === 'number') return label
    let id = this.ids.get(label)
    if (id === undefined) {
      id = this.ids.size
      if (id === MOST_CLASSES)
        throw new StrandError(
          'import/bad-record',
          `There are more than ${MOST_CLASSES.toLocaleString('en-US')} different labels, such as "${[...this.ids.keys()].slice(0, 3).join('", "')}": these are no classes. Choose another column or pattern, or read the labels as numbers.`,
        )
      this.ids.set(label, id)
    }
    return id
  }

  /** What the labels are, with `place[kept]` for the final place of each class; null when no record had one. */
  settle(): { labels: Labels; place: Float64Array | null } | null {
    if (this.kind === null) return null
    if (this.kind === 'number') return { labels: { kind: 'number' }, place: null }
    const rest = [...this.ids.keys()].filter((name) => !this.declared.includes(name)).sort(byName)
    const names = [...new Set([...this.declared, ...rest])]
    const place = new Float64Array(this.ids.size)
    names.forEach((name, i) => (place[this.ids.get(name)!] = i))
    return { labels: { kind: 'class', names }, place }
  }
}
