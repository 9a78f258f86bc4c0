import type { Plan } from '../graph/plan.ts'
import { type Work, workOf } from './work.ts'

/** What a device reaches on the simplest work of each kind. */
export interface Rates {
  /** Bytes read and written per second by a copy. */
  readonly bytes: number
  /** Floating point operations per second of a large matrix product. */
  readonly flops: number
  readonly exps: number
  /** Milliseconds that a command takes however little it does. */
  readonly command: number
}

/** A command as it was measured. */
export interface Sample extends Work {
  readonly ms: number
}

/** A whole step as it was measured, beside what the sum of its commands says. */
export interface StepSample {
  readonly sumMs: number
  readonly ms: number
}

/** Of an op no more samples are kept than this: the newest. */
const SAMPLES = 48
const STEPS = 16
/** How many samples of an op a prediction is made from. */
const NEAREST = 3
/** Of the floor, where an op was never measured. */
const UNKNOWN = 0.3
/** No command is taken to be so many times faster than its floor: caches and commands run together can make it seem so. */
const MOST = 20

/** What was measured of one device: how long commands take there, and a training step against the sum of its commands. */
export class Speeds {
  readonly rates: Rates
  readonly #samples: Sample[]
  readonly #steps: StepSample[]

  constructor(rates: Rates, samples: readonly Sample[] = [], steps: readonly StepSample[] = []) {
    this.rates = rates
    this.#samples = [...samples]
    this.#steps = [...steps]
  }

  get samples(): readonly Sample[] {
    return this.#samples
  }

  get steps(): readonly StepSample[] {
    return this.#steps
  }

  /** A later sample of the same work replaces the one before. */
  add(samples: readonly Sample[]): void {
    for (const sample of samples) {
      const known = this.#samples.findIndex(({ key }) => key === sample.key)
      if (known >= 0) this.#samples.splice(known, 1)
      this.#samples.push(sample)
      const same = this.#samples.filter(({ op }) => op === sample.op)
      if (same.length > SAMPLES) this.#samples.splice(this.#samples.indexOf(same[0]), 1)
    }
  }

  addStep(step: StepSample): void {
    this.#steps.push(step)
    if (this.#steps.length > STEPS) this.#steps.shift()
  }

  /** Milliseconds of a command: as measured, or its floor over the efficiency of the commands of its op that are most like it. */
  command(work: Work): number {
    const own = this.#samples.filter(({ op }) => op === work.op)
    const exact = own.find(({ key }) => key === work.key)
    if (exact) return exact.ms
    const nearest = own
      .map((sample) => ({ sample, distance: distance(sample, work) }))
      .sort((a, b) => a.distance - b.distance)
      .slice(0, NEAREST)
    const floor = this.#floor(work)
    if (nearest.length === 0) return this.rates.command + floor / UNKNOWN
    let [sum, weights] = [0, 0]
    for (const { sample, distance: far } of nearest) {
      const weight = 1 / (far + 1e-3) ** 2
      sum += weight * Math.log(this.#efficiency(sample))
      weights += weight
    }
    return this.rates.command + floor / Math.exp(sum / weights)
  }

  /** Milliseconds of one replay of all of `plans`, one after another, and how much of it is of commands that were measured as they are. */
  replay(plans: readonly Plan[]): { ms: number; measured: number } {
    const known = new Set(this.#samples.map(({ key }) => key))
    let [sum, measured] = [0, 0]
    for (const command of plans.flatMap(({ commands }) => commands)) {
      const work = workOf(command)
      const ms = this.command(work)
      sum += ms
      if (known.has(work.key)) measured += ms
    }
    return { ms: sum * this.#whole, measured: sum > 0 ? measured / sum : 0 }
  }

  /** A step against the sum of its commands, over the newest steps: caches, overlap, what the host does between. */
  get #whole(): number {
    if (this.#steps.length === 0) return 1
    const ratios = this.#steps.map(({ sumMs, ms }) => ms / sumMs).sort((a, b) => a - b)
    return ratios[ratios.length >> 1]
  }

  #floor({ bytes, flops, exps }: Work): number {
    return 1000 * Math.max(bytes / this.rates.bytes, flops / this.rates.flops, exps / this.rates.exps)
  }

  /** Share of the floor, of what is left beside a command's fixed time. */
  #efficiency(sample: Sample): number {
    const spent = Math.max(sample.ms - this.rates.command, 0.05 * sample.ms, 1e-6)
    return Math.min(Math.max(this.#floor(sample) / spent, 1e-6), MOST)
  }
}

/** How unlike two pieces of work of one op are, in factors of size and of what is done for each byte. */
function distance(a: Work, b: Work): number {
  const ratio = (x: number, y: number): number => Math.abs(Math.log((x + 1) / (y + 1)))
  return ratio(a.bytes, b.bytes) + 2 * ratio(a.flops / a.bytes, b.flops / b.bytes) + (kindOf(a) === kindOf(b) ? 0 : 1)
}

/** Attributes that choose another kernel: transposes, bias, residual. */
const kindOf = ({ key }: Work): string => (key.match(/(trans[AB]|bias|residual|addend)=1/g) ?? []).join()
