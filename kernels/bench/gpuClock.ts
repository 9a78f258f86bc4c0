import type { WebGpuProgram } from '../backends/webgpu/program.ts'
import type { WebGpuBackend } from '../backends/webgpu/webgpu.ts'
import { multiplyAdds, warm } from './gpuMicro.ts'

/** Slower than this against its fastest, multiply-adds say that the card runs below its clocks. */
const SLOW = 1.1
const ATTEMPTS = 4

/** Tells by multiply-adds alone whether the card runs at its full clocks: they fall by half for seconds after the host kept it waiting, or when it is hot. */
export class Clock {
  readonly #probe: WebGpuProgram
  #best = Infinity

  private constructor(probe: WebGpuProgram) {
    this.#probe = probe
  }

  static async open(backend: WebGpuBackend): Promise<Clock> {
    const clock = new Clock(await multiplyAdds(backend))
    await warm(clock.#probe, 2, 1000)
    for (let k = 0; k < 5; k++) await clock.share()
    return clock
  }

  /** Of the fastest seen so far: 1 at full clocks. */
  async share(): Promise<number> {
    const ms = Math.min(await this.#probe.measure(2), await this.#probe.measure(2))
    this.#best = Math.min(this.#best, ms)
    return this.#best / ms
  }

  /** What `measure` finds, again where the card was slow right after it; the fastest of the attempts, and at what share of its clocks it was found. */
  async full<T extends { readonly ms: number }>(measure: () => Promise<T>): Promise<T & { readonly clock: number }> {
    let found: (T & { readonly clock: number }) | undefined
    for (let k = 0; k < ATTEMPTS; k++) {
      const one = { ...(await measure()), clock: await this.share() }
      if (!found || one.ms < found.ms) found = one
      if (one.clock * SLOW >= 1) break
      await warm(this.#probe, 2, 1000)
    }
    return found!
  }
}
