export interface Scalars {
  readonly loss: number
  readonly gradNorm: number
}

/** Scalars of a step as they came from the device, `steps` steps and `ms` milliseconds after those before. */
export interface Arrived {
  readonly step: number
  readonly steps: number
  readonly ms: number
  readonly scalars: Scalars
}

/** Reads under way at once: the device has its next work while the scalars of the one before travel. */
export const DEPTH = 2
/** Of short steps so many share a read that reads lie about this far apart, but no more than so many. */
const READ_MS = 4
const READ_STEPS = 10

/** Steps that were submitted and whose scalars were not seen yet. Nothing waits for the step just submitted. */
export class Ahead {
  readonly #waiting: { step: number; steps: number; scalars: Promise<Scalars> }[] = []
  /** Submitted since the last read was asked for. */
  #steps = 0
  /** When the device began with what waits. */
  #since = performance.now()

  /** Nothing is on its way. */
  get idle(): boolean {
    return this.#steps === 0 && this.#waiting.length === 0
  }

  /** Before a step is made ready and submitted: its time counts from here, where nothing else is on its way. */
  begin(): void {
    if (this.idle) this.#since = performance.now()
    this.#steps++
  }

  /** Whether so many steps were submitted that their scalars should be read, at `stepMs` milliseconds a step. */
  due(stepMs: number | null): boolean {
    return this.#steps >= (stepMs === null ? 1 : Math.min(READ_STEPS, Math.max(1, Math.ceil(READ_MS / stepMs))))
  }

  /** Asks for the scalars of `step`, the newest one. */
  ask(step: number, read: () => Promise<Scalars>): void {
    if (this.#steps === 0) return
    const scalars = read()
    // whoever takes it hears of a failure; one that nobody takes any more is not an error of its own
    scalars.catch(() => undefined)
    this.#waiting.push({ step, steps: this.#steps, scalars })
    this.#steps = 0
  }

  /** What arrived, in order, until at most `left` reads are under way. */
  async *take(left: number): AsyncGenerator<Arrived> {
    while (this.#waiting.length > left) {
      const { step, steps, scalars } = this.#waiting[0]
      const value = await scalars
      this.#waiting.shift()
      const now = performance.now()
      const ms = now - this.#since
      this.#since = now
      yield { step, steps, ms, scalars: value }
    }
  }

  /** Time that passed elsewhere is not the steps'. */
  skip(ms: number): void {
    this.#since += ms
  }
}
