import { computed, type ComputedRef } from 'vue'
import { useRoute } from 'vue-router'
import { idOf } from '../router.ts'
import { useDatasets } from '../stores/datasets.store.ts'
import { useRuns } from '../stores/runs.store.ts'

/** Where the window is: the screen, then what the id in the path names. */
export function useCrumbs(): ComputedRef<{ text: string; to?: string }[]> {
  const route = useRoute()
  const datasets = useDatasets()
  const runs = useRuns()
  return computed(() => {
    const { title, names } = route.meta
    const first = { text: title ?? 'Home', to: title === 'Home' ? '/' : `/${title?.toLowerCase() ?? ''}` }
    const id = idOf(route.params.id)
    const name = id === null ? undefined : names === 'dataset' ? datasets.byId(id)?.name : names === 'run' ? runs.byId(id)?.name : undefined
    return name ? [first, { text: name }] : [first]
  })
}
