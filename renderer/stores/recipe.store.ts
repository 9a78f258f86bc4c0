import { defineStore } from 'pinia'
import { computed, shallowRef, watch } from 'vue'
import type { ModelSummary, Preset, RunConfig } from '../../main/contract/run.ts'
import { call } from '../services/bridge.ts'
import { asCallError, type CallError } from '../services/callError.ts'
import { useApp } from './app.store.ts'
import { useDatasets } from './datasets.store.ts'
import { useRuns } from './runs.store.ts'
import { fittedTo, valueAt, withChanges, type Value } from './withChanges.ts'

/** What the next run will be: a dataset, a preset and what differs from it. Models and Train edit the same recipe. */
export const useRecipe = defineStore('recipe', () => {
  const datasets = useDatasets()
  const runs = useRuns()
  const datasetId = shallowRef<number | null>(null)
  const presetId = shallowRef<string | null>(null)
  const presets = shallowRef<Preset[]>([])
  const changes = shallowRef<Record<string, Value>>({})
  const device = shallowRef<'auto' | 'webgpu' | 'cpu'>('auto')
  const summary = shallowRef<ModelSummary | null>(null)
  const error = shallowRef<CallError | null>(null)
  const starting = shallowRef(false)

  const dataset = computed(() => (datasetId.value === null ? null : (datasets.byId(datasetId.value) ?? null)))
  const preset = computed(() => presets.value.find((known) => known.id === presetId.value) ?? null)
  const config = computed<RunConfig | null>(() => (preset.value ? withChanges(preset.value.config, changes.value) : null))

  async function choose(id: number): Promise<void> {
    if (id === datasetId.value && presets.value.length > 0) return
    datasetId.value = id
    presets.value = []
    changes.value = {}
    error.value = null
    try {
      const offered = await call('model/presets', { datasetId: id })
      if (datasetId.value !== id) return
      presets.value = offered
      // labels are there to be predicted; else "small" is the one to start with, and the list may begin with a smaller one
      const labels = offered[0]?.config.objective.kind === 'classify' || offered[0]?.config.objective.kind === 'regress'
      const first = labels ? offered[0] : (offered.find((one) => one.id.includes('small')) ?? offered[0])
      presetId.value = (offered.find((one) => one.id === presetId.value) ?? first)?.id ?? null
    } catch (thrown) {
      error.value = asCallError(thrown)
    }
  }
  function choosePreset(id: string): void {
    if (id === presetId.value) return
    presetId.value = id
    changes.value = {}
  }
  function set(path: string, value: Value): void {
    const rest = { ...changes.value }
    if (preset.value && valueAt(preset.value.config, path) === value) delete rest[path]
    else rest[path] = value
    changes.value = path === 'training.steps' && preset.value ? fittedTo(value as number, preset.value.config, rest) : rest
  }
  function reset(path: string): void {
    // without its steps there is no pretraining, and nothing to say about it
    const gone = (one: string): boolean => one === path || (path === 'pretraining.steps' && one.startsWith('pretraining.'))
    changes.value = Object.fromEntries(Object.entries(changes.value).filter(([one]) => !gone(one)))
  }
  /** Milliseconds that a step should take on the chosen device, on the fastest one where that is left open; null before it was measured. */
  const stepMs = computed(() => {
    const on = (summary.value?.predictions ?? []).filter((each) => device.value === 'auto' || each.device === device.value)
    return on.length ? Math.min(...on.map((each) => each.stepMs)) : null
  })
  /** As predicted; else the preset's time for as many tokens as the recipe has now, unknown for another model than was measured. */
  const minutes = computed(() => {
    if (stepMs.value !== null && config.value) return (stepMs.value * config.value.training.steps) / 60_000
    if (!preset.value || !config.value || preset.value.minutes === null) return null
    if (Object.keys(changes.value).some((path) => path.startsWith('model.'))) return null
    const tokens = (of: RunConfig): number => of.training.steps * (of.training.accumulate ?? 1) * of.data.batch * of.data.seqlen
    return (preset.value.minutes * tokens(config.value)) / tokens(preset.value.config)
  })
  /** Starts the run and answers its id. */
  async function start(): Promise<number> {
    starting.value = true
    try {
      return await runs.start({ datasetId: datasetId.value!, preset: presetId.value!, set: changes.value, device: device.value })
    } finally {
      starting.value = false
    }
  }

  watch(
    () => datasets.list,
    (list) => {
      if (datasetId.value !== null && !list.some((one) => one.id === datasetId.value)) {
        datasetId.value = null
        presets.value = []
      }
      if (datasetId.value === null && list.length > 0) void choose(list[0].id)
    },
    { immediate: true },
  )
  let described = 0
  watch(config, async (now) => {
    const own = ++described
    if (!now || datasetId.value === null) return
    try {
      const answer = await call('model/describe', { datasetId: datasetId.value, config: now })
      if (own !== described) return
      summary.value = answer
      error.value = null
    } catch (thrown) {
      if (own === described) error.value = asCallError(thrown)
    }
  })
  const app = useApp()
  watch(
    () => app.settings.device,
    (chosen) => (device.value = chosen),
    { immediate: true },
  )
  return {
    datasetId,
    presetId,
    presets,
    changes,
    device,
    summary,
    error,
    starting,
    dataset,
    preset,
    config,
    minutes,
    stepMs,
    choose,
    choosePreset,
    set,
    reset,
    start,
  }
})
