import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Machine } from './device.ts'
import type { Conclusion, Row, Study } from './study.ts'

/** Who made some of the rows, on what. */
export interface Making {
  readonly date: string
  readonly machine: Machine
  /** "CPU, 2 threads, SIMD with FMA", "NVIDIA H100 (Vulkan)". */
  readonly device: string
  readonly node: string
  readonly minutes: number
}

/** What one run of a study leaves; all of it, or of some models, cases and seeds. */
export interface Result {
  readonly name: string
  readonly made: readonly Making[]
  readonly rows: readonly Row[]
}

export type Kept = Result & Conclusion & { readonly timed?: Timed }

/** How long the steps of the kept rows take on another machine, a few of each model timed there: training alone. */
export interface Timed {
  readonly machine: Machine
  readonly device: string
  readonly minutes: number
}

/** The seeds that a study runs when none are named. */
export const SEEDS = [1, 2, 3]

const pathOf = (name: string): string => join(import.meta.dirname, 'results', `${name}.json`)

export const readResult = (path: string): Result => JSON.parse(readFileSync(path, 'utf8')) as Result

/** Null where the study has not been run. */
export const keptResult = (name: string): Kept | null => (existsSync(pathOf(name)) ? (readResult(pathOf(name)) as Kept) : null)

/** Whole or not at all, so that runs beside each other do not read half a file. */
export function writeResult(result: Result | Kept, path: string): void {
  writeFileSync(`${path}.part`, `${JSON.stringify(result, null, 1)}\n`)
  renameSync(`${path}.part`, path)
}

/** Rows of the same model, case and seed are replaced by those of a later result; the order is the study's. */
export function merge(study: Study, results: readonly Result[]): Result {
  const key = (row: Row): string => JSON.stringify([row.model, study.cases ? row[study.cases.column] : null, row.seed ?? null])
  const byKey = new Map<string, readonly Row[]>()
  for (const { rows } of results) {
    const own = Map.groupBy(rows, key)
    for (const [name, group] of own) byKey.set(name, group)
  }
  const place = (row: Row): number[] => {
    const model = study.models.indexOf(String(row.model))
    return [
      study.cases ? study.cases.all.indexOf(String(row[study.cases.column])) : 0,
      model < 0 ? study.models.length : model,
      Number(row.seed ?? 0),
    ]
  }
  const compare = (a: readonly Row[], b: readonly Row[]): number => {
    const [p, q] = [place(a[0]), place(b[0])]
    return p[0] - q[0] || p[1] - q[1] || p[2] - q[2]
  }
  const rows = [...byKey.values()].sort(compare).flat()
  return { name: study.name, made: results.flatMap(({ made }) => made), rows }
}

const secondsPerStep = (rows: readonly Row[]): number =>
  rows.reduce((sum, { seconds }) => sum + Number(seconds), 0) / rows.reduce((sum, { steps }) => sum + Number(steps), 0)

/** One row for each training: some studies make a row for each of several measurements. */
const trainings = (rows: readonly Row[], column?: string): Row[] => [
  ...new Map(
    rows.flatMap((row) =>
      row.seed === undefined ? [] : [[JSON.stringify([row.model, column ? row[column] : 0, row.seed]), row] as const],
    ),
  ).values(),
]

/** The minutes that the rows of `kept` would take where `timing` was made. A case that was not timed counts as those of its model that were; throws where a model was not. */
export function timedOf(study: Study, kept: Result, timing: Result): Timed {
  const column = study.cases?.column
  const timed = trainings(timing.rows, column)
  const minutes = trainings(kept.rows, column).reduce((sum, row) => {
    const own = timed.filter(({ model }) => model === row.model)
    if (own.length === 0) throw new Error(`No step of "${String(row.model)}" was timed.`)
    const same = column ? own.filter((other) => other[column] === row[column]) : own
    return sum + (Number(row.steps) * secondsPerStep(same.length > 0 ? same : own)) / 60
  }, 0)
  const { machine, device } = timing.made[0]
  return { machine, device, minutes }
}

/** Merges into results/NAME.json with what follows from all the rows. */
export function keep(study: Study, results: readonly Result[], timed?: Timed): Kept {
  const merged = merge(study, results)
  const kept = { ...merged, ...study.conclude(merged.rows), timed: timed ?? keptResult(study.name)?.timed }
  writeResult(kept, pathOf(study.name))
  return kept
}
