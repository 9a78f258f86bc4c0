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

export type Kept = Result & Conclusion

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

/** Merges into results/NAME.json with what follows from all the rows. */
export function keep(study: Study, results: readonly Result[]): Kept {
  const merged = merge(study, results)
  const kept = { ...merged, ...study.conclude(merged.rows) }
  writeResult(kept, pathOf(study.name))
  return kept
}
