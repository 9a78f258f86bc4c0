import type { CpuOptions } from '../../kernels/backends/cpu/cpu.ts'

/** One result of a study: a trained contestant under one seed and setting, with what was measured. */
export type Row = Readonly<Record<string, string | number | boolean | null>>

export interface Conclusion {
  /** Whether the claim showed, and in one sentence what was seen. */
  readonly passed: boolean
  readonly sentence: string
}

/** A published claim at the smallest size that may still show it. */
export interface Study {
  readonly name: string
  readonly title: string
  /** What the paper says, who says it, and at what size. */
  readonly claim: string
  /** What is done here, and where it is smaller than the paper. */
  readonly setting: string
  /** What is compared, in the order of the table. A run may do some of them; runs are put together by `npm run study:merge`. */
  readonly models: readonly string[]
  /** What each of them is tried on (a speaker left out, a dataset), where there are several; and the column that says it. */
  readonly cases?: { readonly column: string; readonly all: readonly string[] }
  /** Where one is enough, because the cases are the repetitions; 1, 2 and 3 when left out. */
  readonly seeds?: readonly number[]
  /** Files that `--from` must hold, as datasets/recipes/README.md lists them; nothing else is needed. */
  readonly recipes?: readonly string[]
  run(context: Context): Promise<Row[]>
  /** From the rows of all models, cases and seeds. */
  conclude(rows: readonly Row[]): Conclusion
  /** What the page shows of many rows, instead of all of them. */
  table?(rows: readonly Row[]): Row[]
  /** An SVG of the rows. */
  picture?(rows: readonly Row[]): string
}

export interface Context {
  readonly seeds: readonly number[]
  readonly models: readonly string[]
  readonly cases: readonly string[]
  readonly device: 'cpu' | 'webgpu'
  readonly threads?: CpuOptions['threads']
  /** At most so many steps of each training and no measuring on the way: how long a step takes, not what is learned. */
  readonly timing?: number
  /** The folder that holds published data sets, as recipes find them. */
  readonly from?: string
  say(line: string): void
  /** Called with rows as they come; together they are what `run` answers. */
  keep(rows: readonly Row[]): void
}
