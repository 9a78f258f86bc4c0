type Wish = 'run' | 'pause' | 'stop'

/** Messages to a training loop under way. Each promise resolves when the loop has taken the wish in, at the end of the step it is in. */
export class TrainingControl {
  #wish: Wish = 'run'
  #waiting: (() => void)[] = []
  #ended = false
  #changed = Promise.withResolvers<void>()

  /** The loop keeps everything in memory and waits. */
  pause(): Promise<void> {
    return this.#ask('pause')
  }

  continue(): Promise<void> {
    return this.#ask('run')
  }

  /** Saves a checkpoint, then ends. */
  stop(): Promise<void> {
    return this.#ask('stop')
  }

  /** For the loop: what is wished now. The wishes up to here count as taken in. */
  take(): Wish {
    for (const resolve of this.#waiting.splice(0)) resolve()
    return this.#wish
  }

  /** For the loop: resolves at the next wish. */
  next(): Promise<void> {
    return this.#changed.promise
  }

  /** For the loop: later wishes find nobody and resolve at once. */
  end(): void {
    this.#ended = true
    this.take()
  }

  #ask(wish: Wish): Promise<void> {
    // a stop is final: a 'continue' that crosses it must not undo it
    if (this.#wish !== 'stop') this.#wish = wish
    this.#changed.resolve()
    this.#changed = Promise.withResolvers()
    return this.#ended ? Promise.resolve() : new Promise((resolve) => this.#waiting.push(resolve))
  }
}
