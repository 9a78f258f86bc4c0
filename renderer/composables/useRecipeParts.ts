import { computed, type ComputedRef } from 'vue'
import type { SentenceParts } from '../components/train/sentence.ts'
import { useDatasets } from '../stores/datasets.store.ts'
import { useRecipe } from '../stores/recipe.store.ts'

/** The draft recipe as the sentence shows it; null while there is no dataset or its presets are on their way. */
export function useRecipeParts(): ComputedRef<SentenceParts | null> {
  const recipe = useRecipe()
  const datasets = useDatasets()
  return computed(() => {
    const { dataset, preset, config } = recipe
    if (!dataset || !preset || !config) return null
    return {
      datasets: datasets.list,
      dataset,
      presets: recipe.presets,
      presetId: preset.id,
      config,
      original: preset.config,
      device: recipe.device,
    }
  })
}
