import { onScopeDispose, shallowRef, type ShallowRef } from 'vue'

export interface Player {
  readonly playing: ShallowRef<boolean>
  /** Seconds from the start. */
  readonly position: ShallowRef<number>
  toggle(): void
  seek(seconds: number): void
  stop(): void
}

/** Plays samples that are given, from where the playhead stands. Closes its sound device with the component. */
export function usePlayer(sound: () => { samples: Int16Array; sampleRate: number } | null): Player {
  const playing = shallowRef(false)
  const position = shallowRef(0)
  let context: AudioContext | null = null
  let source: AudioBufferSourceNode | null = null
  let startedAt = 0
  let from = 0
  let frame = 0

  function follow(): void {
    if (!context || !playing.value) return
    position.value = from + context.currentTime - startedAt
    frame = requestAnimationFrame(follow)
  }
  function play(): void {
    const given = sound()
    if (!given || given.samples.length === 0) return
    context ??= new AudioContext()
    void context.resume()
    const buffer = context.createBuffer(1, given.samples.length, given.sampleRate)
    const channel = buffer.getChannelData(0)
    for (let i = 0; i < given.samples.length; i++) channel[i] = given.samples[i] / 32768
    if (position.value >= buffer.duration - 0.01) position.value = 0
    source = context.createBufferSource()
    source.buffer = buffer
    source.connect(context.destination)
    source.onended = ended
    from = position.value
    startedAt = context.currentTime
    source.start(0, from)
    playing.value = true
    follow()
  }
  function ended(): void {
    playing.value = false
    position.value = 0
    cancelAnimationFrame(frame)
  }
  function halt(): void {
    cancelAnimationFrame(frame)
    if (source) source.onended = null
    source?.stop()
    source = null
    playing.value = false
  }
  function seek(seconds: number): void {
    const was = playing.value
    halt()
    position.value = Math.max(0, seconds)
    if (was) play()
  }
  function stop(): void {
    halt()
    position.value = 0
  }
  onScopeDispose(() => {
    halt()
    void context?.close()
  })
  return { playing, position, toggle: () => (playing.value ? halt() : play()), seek, stop }
}
