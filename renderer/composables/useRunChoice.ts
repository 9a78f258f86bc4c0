import { computed, type ComputedRef } from 'vue'
import { useRoute } from 'vue-router'
import type { RunSummary } from '../../main/contract/run.ts'
import { idOf } from '../router.ts'
import { useRuns } from '../stores/runs.store.ts'

/** The runs that have weights, and the one the path names: else the newest. */
export function useRunChoice(): { usable: ComputedRef<RunSummary[]>; run: ComputedRef<RunSummary | null> } {
  const route = useRoute()
  const runs = useRuns()
  const usable = computed(() => runs.list.filter((run) => run.checkpointStep !== null))
  const run = computed(() => {
    const id = idOf(route.params.id)
    return id === null ? (usable.value[0] ?? null) : (runs.byId(id) ?? null)
  })
  return { usable, run }
}
