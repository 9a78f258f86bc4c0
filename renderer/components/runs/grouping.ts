import type { Domain } from '../../../main/contract/dataset.ts'
import type { Baseline, RunSummary } from '../../../main/contract/run.ts'

export interface RunGroup {
  datasetId: number
  name: string
  domain: Domain
  unit: string
  baseline: Baseline | null
  runs: RunSummary[]
}

export type SortKey = 'best' | 'name' | 'state' | 'started'

const compare: Record<SortKey, (a: RunSummary, b: RunSummary) => number> = {
  best: (a, b) => (a.bestValidationLoss ?? Infinity) - (b.bestValidationLoss ?? Infinity),
  name: (a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }),
  state: (a, b) => a.state.localeCompare(b.state),
  started: (a, b) => a.startedAt.localeCompare(b.startedAt),
}

/** Runs by dataset, since losses of different units must not share a sorted column; inside a group in the order asked for. */
export function groupRuns(runs: readonly RunSummary[], filter: string, sort: { key: SortKey; down: boolean }): RunGroup[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean)
  const groups = new Map<string, RunGroup>()
  for (const run of runs) {
    const text = `${run.name} ${run.datasetName} ${run.preset} ${run.state}`.toLowerCase()
    if (!words.every((word) => text.includes(word))) continue
    const key = `${run.datasetId} ${run.metric.unit}`
    const group = groups.get(key) ?? {
      datasetId: run.datasetId,
      name: run.datasetName,
      domain: run.domain,
      unit: run.metric.unit,
      baseline: run.baseline,
      runs: [],
    }
    group.runs.push(run)
    group.baseline ??= run.baseline
    groups.set(key, group)
  }
  const direction = sort.down ? -1 : 1
  for (const group of groups.values()) group.runs.sort((a, b) => direction * compare[sort.key](a, b))
  return [...groups.values()]
}
