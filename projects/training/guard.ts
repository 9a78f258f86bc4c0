import { StrandError } from '../../datasets/errors.ts'

/** So many steps in a row without a finite gradient and the run ends. */
const SKIPPED = 8
/** The median of so many losses, this many times the first one, is no longer learning. */
const RECENT = 20
const TIMES = 3

/** Watches the scalars of each step. A step without a finite gradient changes nothing (the optimiser skips it); many of them end the run. */
export class Guard {
  readonly #lr: number
  #skipped = 0
  #first: number | null = null
  readonly #recent: number[] = []

  constructor(lr: number) {
    this.#lr = lr
  }

  /** True when step `step` counted. Throws 'diverged' with a sentence; `kept` is the step of the last checkpoint. */
  see(step: number, { loss, gradNorm }: { loss: number; gradNorm: number }, kept: number | null): boolean {
    if (!Number.isFinite(loss) || !Number.isFinite(gradNorm)) {
      if (++this.#skipped >= SKIPPED) this.#end(step, `${SKIPPED} steps in a row gave no finite gradient`, kept)
      return false
    }
    this.#skipped = 0
    this.#first ??= loss
    this.#recent.push(loss)
    if (this.#recent.length > RECENT) this.#recent.shift()
    const median = this.#recent.toSorted((a, b) => a - b)[RECENT / 2]
    if (this.#recent.length === RECENT && median > TIMES * Math.max(this.#first, 1e-3))
      this.#end(step, `the loss rose from ${this.#first.toPrecision(3)} to ${median.toPrecision(3)}`, kept)
    return true
  }

  #end(step: number, what: string, kept: number | null): never {
    const checkpoint = kept === null ? '' : ` The checkpoint of step ${kept} is kept.`
    throw new StrandError('diverged', `Training diverged at step ${step}: ${what}.${checkpoint} Lower optimizer.lr (now ${this.#lr}).`, {
      step,
    })
  }
}
