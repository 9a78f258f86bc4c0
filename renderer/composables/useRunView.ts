import { computed, watch, type ComputedRef, type Ref } from 'vue'
import type { RunDetail, RunSample, RunSummary } from '../../main/contract/run.ts'
import { emptySeries, type MetricSeries } from '../stores/metricSeries.ts'
import { useRuns } from '../stores/runs.store.ts'
import { useLoad, type Load } from './useLoad.ts'

/** One run with everything that comes in while it goes on: state, curve, samples. A finished run opens in the same view. */
export function useRunView(id: Ref<number | null>): {
  detail: Load<RunDetail>
  run: ComputedRef<RunSummary | null>
  series: ComputedRef<MetricSeries>
  samples: ComputedRef<RunSample[]>
} {
  const runs = useRuns()
  const detail = useLoad(
    () => id.value,
    (wanted) => runs.detail(wanted),
  )
  const run = computed(() => (id.value === null ? null : (runs.byId(id.value) ?? detail.data.value)))
  const series = computed(() => (id.value === null ? emptySeries() : runs.curve(id.value)))
  const samples = computed(() => {
    if (id.value === null) return []
    const fresh = runs.newSamples.get(id.value) ?? []
    const kept = detail.data.value?.samples ?? []
    return [...kept.filter((sample) => !fresh.some((other) => other.step === sample.step)), ...fresh]
  })
  // a change of state writes events (resumed, best) that only the detail holds
  watch(
    () => run.value?.state,
    (now, before) => {
      if (before === undefined || now === before || id.value === null) return
      void detail.reload()
      // points are thinned on their way while it runs; at rest the whole curve is fetched
      if (now !== 'running') void runs.loadCurve(id.value)
    },
  )
  return { detail, run, series, samples }
}
