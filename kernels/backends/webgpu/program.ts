import type { Program } from '../backend.ts'
import { mapMode, usage } from './dawn.ts'
import type { Health } from './health.ts'

export interface Step {
  readonly label: string
  /** The commands it belongs to, by their places in the plan, and the share of its time that is each one's. */
  readonly owners: readonly { readonly command: number; readonly share: number }[]
  readonly pipeline: GPUComputePipeline
  readonly bindGroup: GPUBindGroup
  readonly grid: readonly [number, number, number]
}

const QUEUE_DEPTH = 2
/** A query set holds 4096 timestamps, two for each pass. */
const MOST_TIMED = 2048

/** A replay is one compute pass in one submit over pipelines and bind groups made beforehand. */
export class WebGpuProgram implements Program {
  readonly steps: readonly Step[]
  /** Bytes of device memory the program holds for itself. */
  readonly arenaBytes: number
  readonly #device: GPUDevice
  readonly #health: Health
  readonly #arena: readonly GPUBuffer[]
  #inFlight: Promise<unknown>[] = []

  constructor(device: GPUDevice, health: Health, steps: readonly Step[], arena: readonly GPUBuffer[]) {
    this.#device = device
    this.#health = health
    this.steps = steps
    this.#arena = arena
    this.arenaBytes = arena.reduce((sum, b) => sum + b.size, 0)
  }

  /** Appends one replay to a pass. */
  encode(pass: GPUComputePassEncoder): void {
    // Each call crosses into Dawn and back: what is set already is not set again.
    let before: GPUComputePipeline | null = null
    for (const { pipeline, bindGroup, grid } of this.steps) {
      if (pipeline !== before) pass.setPipeline((before = pipeline))
      pass.setBindGroup(0, bindGroup)
      if (grid[1] === 1 && grid[2] === 1) pass.dispatchWorkgroups(grid[0])
      else pass.dispatchWorkgroups(grid[0], grid[1], grid[2])
    }
  }

  /** One submission of `replays`, of which this one is the last. */
  run(replays: readonly WebGpuProgram[] = [this]): void {
    this.#health.check()
    const encoder = this.#device.createCommandEncoder()
    const pass = encoder.beginComputePass()
    for (const replay of replays) replay.encode(pass)
    pass.end()
    this.#device.queue.submit([encoder.finish()])
    const finished = this.#device.queue.onSubmittedWorkDone()
    this.#inFlight.push(finished)
    const remove = (): void => void this.#inFlight.splice(this.#inFlight.indexOf(finished), 1)
    finished.then(remove, remove)
  }

  /** Resolves when fewer than two replays wait on the device: what a loop awaits between replays so as not to run ahead. */
  async ready(): Promise<void> {
    while (this.#inFlight.length >= QUEUE_DEPTH) await this.#health.guard(this.#inFlight[0])
  }

  async done(): Promise<void> {
    await this.#health.guard(Promise.all(this.#inFlight))
  }

  destroy(): void {
    this.#arena.forEach((b) => b.destroy())
  }

  /**
   * Milliseconds on the device of `repeats` replays in one pass, by timestamps; `before` is replayed before each (to empty a cache, say)
   * and counts too. Needs the timestamp-query feature.
   */
  async measure(repeats = 1, before?: WebGpuProgram): Promise<number> {
    const [ms] = await this.#timed([
      (pass) => {
        for (let k = 0; k < repeats; k++) {
          before?.encode(pass)
          this.encode(pass)
        }
      },
    ])
    return ms
  }

  /** Milliseconds on the device of each dispatch alone in a pass of its own, `repeats` times over; [label, ms per dispatch]. */
  async profileDispatches(repeats = 1): Promise<[label: string, ms: number][]> {
    const times: number[] = []
    for (let first = 0; first < this.steps.length; first += MOST_TIMED)
      times.push(
        ...(await this.#timed(
          this.steps.slice(first, first + MOST_TIMED).map(({ pipeline, bindGroup, grid }) => (pass) => {
            pass.setPipeline(pipeline)
            pass.setBindGroup(0, bindGroup)
            for (let k = 0; k < repeats; k++) pass.dispatchWorkgroups(grid[0], grid[1], grid[2])
          }),
        )),
      )
    return times.map((ms, i) => [this.steps[i].label, ms / repeats])
  }

  /** Replays go before, so that the card does not start from rest; each dispatch is repeated, so that a pass of its own weighs little. */
  async profile(): Promise<number[]> {
    for (let k = 0; k < 2; k++) this.run()
    if (!this.#device.features.has('timestamp-query')) return this.#profileWithoutClock()
    const times = new Array<number>(this.#commands).fill(0)
    ;(await this.profileDispatches(4)).forEach(([, ms], i) => this.steps[i].owners.forEach((o) => (times[o.command] += o.share * ms)))
    return times
  }

  /** An adapter without a clock of its own: a replay's time, in equal parts. */
  async #profileWithoutClock(): Promise<number[]> {
    await this.done()
    const began = performance.now()
    this.run()
    await this.done()
    return new Array<number>(this.#commands).fill((performance.now() - began) / Math.max(1, this.#commands))
  }

  get #commands(): number {
    return 1 + Math.max(-1, ...this.steps.flatMap(({ owners }) => owners.map(({ command }) => command)))
  }

  async #timed(passes: ((pass: GPUComputePassEncoder) => void)[]): Promise<number[]> {
    const count = passes.length * 2
    const querySet = this.#device.createQuerySet({ type: 'timestamp', count })
    const resolved = this.#device.createBuffer({ size: count * 8, usage: usage.QUERY_RESOLVE | usage.COPY_SRC })
    const staging = this.#device.createBuffer({ size: count * 8, usage: usage.MAP_READ | usage.COPY_DST })
    const encoder = this.#device.createCommandEncoder()
    passes.forEach((encode, i) => {
      const pass = encoder.beginComputePass({
        timestampWrites: { querySet, beginningOfPassWriteIndex: 2 * i, endOfPassWriteIndex: 2 * i + 1 },
      })
      encode(pass)
      pass.end()
    })
    encoder.resolveQuerySet(querySet, 0, count, resolved, 0)
    encoder.copyBufferToBuffer(resolved, 0, staging, 0, count * 8)
    this.#device.queue.submit([encoder.finish()])
    await this.#health.guard(staging.mapAsync(mapMode.READ))
    const ticks = new BigUint64Array(staging.getMappedRange().slice(0))
    for (const resource of [querySet, resolved, staging]) resource.destroy()
    return passes.map((_, i) => Number(ticks[2 * i + 1] - ticks[2 * i]) / 1e6)
  }
}
