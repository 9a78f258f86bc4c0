import { shallowRef, watch, type ShallowRef } from 'vue'
import type { DatasetPreview, DatasetSummary } from '../../main/contract/dataset.ts'
import { useDatasets } from '../stores/datasets.store.ts'

/** The first picture of every dataset in a list, as they come. One that fails is simply not shown. */
export function useThumbnails(list: () => DatasetSummary[]): ShallowRef<ReadonlyMap<number, DatasetPreview>> {
  const datasets = useDatasets()
  const shown = shallowRef<ReadonlyMap<number, DatasetPreview>>(new Map())
  watch(
    list,
    (now) => {
      for (const dataset of now) {
        if (shown.value.has(dataset.id)) continue
        datasets.thumbnail(dataset).then(
          (preview) => (shown.value = new Map(shown.value).set(dataset.id, preview)),
          () => undefined,
        )
      }
    },
    { immediate: true },
  )
  return shown
}
