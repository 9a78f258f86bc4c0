import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import type { GeneratedChunk, GenerateRequest } from '../../main/contract/generation.ts'
import { call, on } from '../services/bridge.ts'
import { asCallError, type CallError } from '../services/callError.ts'
import { decodePcm16 } from '../services/pcm.ts'
import { useJobs } from './jobs.store.ts'

export interface Generated {
  runId: number
  request: GenerateRequest
  text: string
  bits: number[]
  samples: Int16Array
  sampleRate: number | null
  series: GeneratedChunk['series'] | null
  made: number
  tokensPerSecond: number
  seconds: number
}

/** The sample being generated, or the last one. Chunks are joined and shown once per animation frame. */
export const useGeneration = defineStore('generation', () => {
  const jobs = useJobs()
  const current = shallowRef<Generated | null>(null)
  const running = shallowRef(false)
  const error = shallowRef<CallError | null>(null)
  const earlier = shallowRef<Generated[]>([])
  let jobId: string | null = null
  let early: GeneratedChunk[] = []
  let pieces: Int16Array[] = []
  let building: Generated | null = null
  let frameAsked = false
  let startedAt = 0

  function show(): void {
    if (frameAsked) return
    frameAsked = true
    requestAnimationFrame(() => {
      frameAsked = false
      if (!building) return
      if (pieces.length > 0) {
        building.samples = joined(building.samples, pieces)
        pieces = []
      }
      current.value = { ...building }
    })
  }
  function receive(chunk: GeneratedChunk): void {
    if (!building) return
    building.text += chunk.text ?? ''
    if (chunk.bits) building.bits.push(...chunk.bits)
    if (chunk.pcm16) pieces.push(decodePcm16(chunk.pcm16))
    building.sampleRate = chunk.sampleRate ?? building.sampleRate
    building.series = chunk.series ?? building.series
    building.made = Math.max(
      chunk.series?.forecast[0]?.length ?? 0,
      building.made,
      chunk.start + (chunk.bits?.length ?? chunk.text?.length ?? 0),
      madeSamples(building, pieces),
    )
    building.tokensPerSecond = chunk.tokensPerSecond || building.tokensPerSecond
    building.seconds = (performance.now() - startedAt) / 1000
    show()
  }
  async function generate(request: GenerateRequest): Promise<void> {
    if (current.value && !running.value) earlier.value = [current.value, ...earlier.value].slice(0, 6)
    if (running.value) await stop()
    error.value = null
    running.value = true
    early = []
    pieces = []
    jobId = null
    startedAt = performance.now()
    building = {
      runId: request.runId,
      request,
      text: '',
      bits: [],
      samples: new Int16Array(0),
      sampleRate: null,
      series: null,
      made: 0,
      tokensPerSecond: 0,
      seconds: 0,
    }
    current.value = { ...building }
    try {
      jobId = (await call('run/generate', request)).jobId
      // the first chunks may come before the answer that names their job
      for (const chunk of early) if (chunk.jobId === jobId) receive(chunk)
      await jobs.result(jobId)
    } catch (thrown) {
      const failed = asCallError(thrown)
      if (failed.code !== 'cancelled') error.value = failed
    } finally {
      running.value = false
      show()
    }
  }
  async function stop(): Promise<void> {
    if (jobId) await jobs.cancel(jobId)
  }
  function showEarlier(sample: Generated): void {
    if (running.value || !current.value) return
    const rest = earlier.value.filter((other) => other !== sample)
    earlier.value = [current.value, ...rest]
    building = null
    current.value = sample
  }
  on('generate/chunk', (chunk) => {
    if (chunk.jobId === jobId) receive(chunk)
    else if (jobId === null && running.value) early.push(chunk)
  })
  return { current, running, error, earlier, generate, stop, showEarlier }
})

const madeSamples = (generated: Generated, pieces: Int16Array[]): number =>
  generated.samples.length + pieces.reduce((sum, piece) => sum + piece.length, 0)

function joined(before: Int16Array, pieces: Int16Array[]): Int16Array {
  const whole = new Int16Array(before.length + pieces.reduce((sum, piece) => sum + piece.length, 0))
  whole.set(before)
  let at = before.length
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}
