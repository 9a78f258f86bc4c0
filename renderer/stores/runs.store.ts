import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import type { MetricPoint, RunDetail, RunSample, RunSummary, StartRun } from '../../main/contract/run.ts'
import { call, on, onReconnect } from '../services/bridge.ts'
import { asCallError, type CallError } from '../services/callError.ts'
import { append, emptySeries, type MetricSeries } from './metricSeries.ts'

/** Every run of the project, and the curves of those that were looked at. */
export const useRuns = defineStore('runs', () => {
  const list = shallowRef<RunSummary[]>([])
  const state = shallowRef<'loading' | 'ready' | 'error'>('loading')
  const error = shallowRef<CallError | null>(null)
  const newSamples = shallowRef<ReadonlyMap<number, RunSample[]>>(new Map())
  /** Counts up once per animation frame when any curve grew, so that a fast run costs one redraw per frame. */
  const frame = shallowRef(0)
  const curves = new Map<number, MetricSeries>()
  const loadingCurves = new Map<number, Promise<void>>()
  /** Points that came live while the whole curve was on its way. */
  const early = new Map<number, MetricPoint[]>()
  let frameAsked = false

  const active = computed(
    () =>
      list.value.find((run) => run.state === 'running') ??
      list.value.find((run) => run.state === 'paused' || run.state === 'queued') ??
      null,
  )

  async function load(): Promise<void> {
    try {
      list.value = await call('run/list')
      state.value = 'ready'
      error.value = null
    } catch (thrown) {
      error.value = asCallError(thrown)
      state.value = 'error'
    }
  }
  function put(run: RunSummary): void {
    const at = list.value.findIndex((known) => known.id === run.id)
    list.value = at < 0 ? [run, ...list.value] : list.value.map((known) => (known.id === run.id ? run : known))
  }
  const byId = (id: number): RunSummary | undefined => list.value.find((run) => run.id === id)
  const detail = (id: number): Promise<RunDetail> => call('run/get', { runId: id })

  function changedCurve(): void {
    if (frameAsked) return
    frameAsked = true
    requestAnimationFrame(() => {
      frameAsked = false
      frame.value++
    })
  }
  /** The run's curve; empty until it has come. Read `frame` beside it to follow it. */
  function curve(id: number): MetricSeries {
    const known = curves.get(id)
    if (known) return known
    const series = emptySeries()
    curves.set(id, series)
    void loadCurve(id)
    return series
  }
  function loadCurve(id: number): Promise<void> {
    const going = loadingCurves.get(id)
    if (going) return going
    early.set(id, [])
    const load = call('run/metrics', { runId: id })
      .then((points) => {
        const series = curves.get(id) ?? emptySeries()
        append(series, points)
        const last = series.step.at(-1) ?? -1
        append(series, early.get(id)?.filter((point) => point.step > last) ?? [])
        changedCurve()
      })
      .catch(() => void curves.delete(id))
      .then(() => {
        early.delete(id)
        loadingCurves.delete(id)
      })
    loadingCurves.set(id, load)
    return load
  }

  const start = async (request: StartRun): Promise<number> => (await call('run/start', request)).runId
  const pause = (id: number): Promise<void> => call('run/pause', { runId: id })
  const resume = (id: number): Promise<void> => call('run/resume', { runId: id })
  const stop = (id: number): Promise<void> => call('run/stop', { runId: id })
  async function rename(id: number, name: string): Promise<void> {
    await call('run/rename', { runId: id, name })
    await load()
  }
  async function remove(id: number): Promise<void> {
    await call('run/delete', { runId: id })
    curves.delete(id)
    await load()
  }

  on('run/changed', put)
  on('run/metrics', ({ runId, points }) => {
    const series = curves.get(runId)
    early.get(runId)?.push(...points)
    if (!series || loadingCurves.has(runId)) return
    append(series, points)
    changedCurve()
  })
  on('run/sample', ({ runId, sample }) => {
    const known = (newSamples.value.get(runId) ?? []).filter((other) => other.step !== sample.step)
    newSamples.value = new Map(newSamples.value).set(runId, [...known, sample])
  })
  on('project/changed', () => void load())
  onReconnect(() => {
    void load()
    for (const id of curves.keys()) void loadCurve(id)
  })
  return { list, state, error, active, frame, newSamples, load, byId, detail, curve, loadCurve, start, pause, resume, stop, rename, remove }
})
