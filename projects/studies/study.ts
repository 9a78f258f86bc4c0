/** One result of a study: a trained contestant under one seed and setting, with what was measured. */
export type Row = Readonly<Record<string, string | number | boolean | null>>

export interface Outcome {
  readonly rows: readonly Row[]
  /** Whether the claim showed, and in one sentence what was seen. */
  readonly passed: boolean
  readonly sentence: string
}

/** A published claim that can be tried on two cores in minutes. */
export interface Study {
  readonly name: string
  readonly title: string
  /** What the paper says, who says it, and at what size. */
  readonly claim: string
  /** What is done here, and where it is smaller than the paper. */
  readonly setting: string
  run(context: Context): Promise<Outcome>
}

export interface Context {
  readonly seeds: readonly number[]
  readonly threads?: number
  say(line: string): void
}
