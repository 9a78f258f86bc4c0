import { setImmediate as turn } from 'node:timers/promises'
import type { MetricPoint } from '../../main/contract/run.ts'
import type { TrainingEnd, TrainingNews } from '../api.ts'
import { accumulateOf } from '../config/configure.ts'
import { ofRecords } from '../config/ofRecords.ts'
import type { Sampler } from '../generation/sampler.ts'
import { Ahead, DEPTH } from './ahead.ts'
import { type BatchSource, canChoose } from './batch.ts'
import type { Progress } from './checkpoint.ts'
import type { TrainingControl } from './control.ts'
import type { Engine } from './engine.ts'
import type { Guard } from './guard.ts'
import type { CheckpointKeeper } from './keeper.ts'
import { Pace } from './pace.ts'
import type { Phase } from './phases.ts'

/** Validation always reads the windows of this seed, so that its numbers compare from step to step and run to run. */
const VALIDATION_SEED = 1
/** A report comes after so many steps, or milliseconds. */
const REPORT_STEPS = 10
const REPORT_MS = 250
/** Steps after which their time can be told. */
const ENOUGH_STEPS = 20
/** A first validation this early, so that a run shows at once where it stands. */
const FIRST_VALIDATION = 10

export interface LoopParts {
  readonly phase: Phase
  /** Steps of the whole run; a phase that ends before them hands its weights on, and keeps no best of its own. */
  readonly steps: number
  readonly engine: Engine
  readonly sampler: Sampler | null
  readonly keeper: CheckpointKeeper
  readonly guard: Guard
  readonly control: TrainingControl
  readonly training: BatchSource
  readonly validation: BatchSource | null
  readonly progress: Progress
  /** At a step of the phase. */
  learningRate(step: number): number
  tell(news: TrainingNews): void
}

/** The steps of a phase until its last one, a wish from outside, or a reason to stop. What it does depends on (seed, step); only when it reports depends on the clock. */
export class TrainingLoop {
  readonly #parts: LoopParts
  readonly #pace = new Pace()
  #step: number
  #best: number | null
  #stale: number
  /** Seconds trained before this loop, and when it began, moved on by pauses. */
  readonly #earlier: number
  #began = performance.now()
  #savedAt = performance.now()
  /** Losses since the last report, and the scalars of the newest counted step. */
  #losses: number[] = []
  #gradNorm = 0
  #reportedAt = { step: 0, time: performance.now() }
  #validation: number | null = null
  readonly #ahead = new Ahead()

  constructor(parts: LoopParts) {
    this.#parts = parts
    const { step, seconds, bestValidationLoss, stale } = parts.progress
    this.#step = step
    this.#earlier = seconds
    this.#best = bestValidationLoss
    this.#stale = stale
    this.#reportedAt.step = step
  }

  async run(): Promise<TrainingEnd> {
    const { phase } = this.#parts
    this.#parts.tell({ change: { memoryBytes: this.#parts.engine.memoryBytes, message: null } })
    while (this.#step < phase.to) {
      const wish = this.#parts.control.take()
      if (wish === 'stop') return this.#end('stopped', null)
      if (wish === 'pause') await this.#pause()
      else {
        this.#submit()
        const early = await this.#between()
        if (early !== null) return this.#end('done', early)
        // the worker's messages (pause, stop) arrive here
        await turn()
      }
    }
    return this.#end('done', null)
  }

  get #seconds(): number {
    return this.#earlier + (performance.now() - this.#began) / 1000
  }

  /** Seconds of the phases before this one. */
  get #before(): number {
    return this.#parts.progress.earlier ?? 0
  }

  get #isLast(): boolean {
    return this.#parts.phase.to === this.#parts.steps
  }

  /** At the border the next phase's weights are what is kept, under the same step. */
  get #handsOn(): boolean {
    return !this.#isLast && this.#step === this.#parts.phase.to
  }

  /** Milliseconds of a step lately; null before enough were taken to say. */
  get stepMs(): number | null {
    return this.#step - this.#parts.progress.step < ENOUGH_STEPS ? null : this.#pace.stepMs
  }

  get progress(): Progress {
    const before = this.#before > 0 ? { earlier: this.#before } : {}
    return { step: this.#step, seconds: this.#seconds, bestValidationLoss: this.#best, stale: this.#stale, ...before }
  }

  #submit(): void {
    const { training, engine, phase, learningRate } = this.#parts
    const step = this.#step - phase.from
    this.#ahead.begin()
    training.fill(phase.experiment.config.seed, step)
    engine.train(training.batch, step, learningRate(step))
    this.#step++
  }

  /** What is due after a step. Answers the sentence why training should end early, or null. */
  async #between(): Promise<string | null> {
    const { phase, validation, sampler, engine } = this.#parts
    const { training } = phase.experiment.config
    const [step, last] = [this.#step, this.#step === phase.to]
    const taken = step - phase.from
    const every = (steps: number): boolean => steps > 0 && (taken % steps === 0 || last)
    const validate =
      validation !== null && (every(training.validate_every) || taken === Math.min(FIRST_VALIDATION, training.validate_every))
    const sample = sampler !== null && every(training.sample_every)
    const save = performance.now() - this.#savedAt > 1000 * training.checkpoint_seconds && !this.#handsOn
    const report = validate || last || step - this.#reportedAt.step >= REPORT_STEPS || performance.now() - this.#reportedAt.time > REPORT_MS
    if (validate || sample || save || last) await this.#read()
    else await this.#look(engine.backend.name === 'webgpu' ? DEPTH : 0)
    const best = validate && (await this.#validate()) && this.#isLast
    if (sample) await this.#sample()
    if (best || save) await this.#save(best)
    if (report) this.#report()
    if (training.patience !== null && this.#stale >= training.patience)
      return `Ended at step ${step}: ${training.patience} validations in a row brought no new best.`
    if (training.max_minutes !== null && this.#seconds - this.#before >= 60 * training.max_minutes)
      return `Ended at step ${step} after ${training.max_minutes} minutes, the limit that was set.`
    return null
  }

  /** Asks for scalars where that is due, and takes in those that arrived; waits only where more than `left` reads are under way. */
  async #look(left: number): Promise<void> {
    const { engine } = this.#parts
    if (left === 0 || this.#ahead.due(this.#pace.stepMs)) this.#ahead.ask(this.#step, () => engine.metrics())
    await this.#see(left)
  }

  /** Waits for every step that was submitted. */
  #read(): Promise<void> {
    this.#ahead.ask(this.#step, () => this.#parts.engine.metrics())
    return this.#see(0)
  }

  async #see(left: number): Promise<void> {
    const { guard, keeper } = this.#parts
    for await (const { step, steps, ms, scalars } of this.#ahead.take(left)) {
      this.#pace.steps(steps, ms)
      if (!guard.see(step, scalars, keeper.step)) continue
      this.#losses.push(scalars.loss)
      this.#gradNorm = scalars.gradNorm
    }
  }

  /** True for a new best; where too few records validate, the newest is taken for it. */
  async #validate(): Promise<boolean> {
    const { engine, validation, phase } = this.#parts
    const began = performance.now()
    const batches = phase.experiment.config.training.validate_batches
    let sum = 0
    for (let i = 0; i < batches; i++) {
      validation!.fill(VALIDATION_SEED, i)
      engine.write(validation!.batch)
      sum += await engine.score()
      if (i % 8 === 7) await turn()
    }
    const loss = sum / batches
    this.#pace.validation(performance.now() - began)
    this.#validation = loss
    const better = this.#best === null || loss < this.#best || !canChoose(validation)
    this.#stale = better ? 0 : this.#stale + 1
    if (better) this.#best = loss
    return better
  }

  async #sample(): Promise<void> {
    const { sampler, tell } = this.#parts
    const text = await sampler!.sample(this.#step)
    tell({ samples: [{ step: this.#step, text, validationLoss: this.#validation }] })
  }

  async #save(best: boolean): Promise<void> {
    const { engine, keeper } = this.#parts
    keeper.save(this.progress, await engine.weights(), best)
    this.#savedAt = performance.now()
  }

  #report(): void {
    const { tell, phase, steps, learningRate } = this.#parts
    const { training } = phase.experiment.config
    const step = this.#step
    const { stepMs } = this.#pace
    const tokensPerSecond = stepMs === null ? 0 : (1000 * this.#tokens) / stepMs
    const trainLoss = this.#losses.length ? this.#losses.reduce((a, b) => a + b, 0) / this.#losses.length : null
    const points: MetricPoint[] = []
    if (trainLoss !== null) {
      const validated = this.#validation === null ? {} : { validationLoss: this.#validation }
      points.push({
        step,
        trainLoss,
        ...validated,
        learningRate: learningRate(step - 1 - phase.from),
        gradNorm: this.#gradNorm,
        tokensPerSecond,
      })
    }
    const left = steps - step
    tell({
      points,
      change: {
        step,
        seconds: this.#seconds,
        tokensPerSecond,
        stepMs,
        secondsLeft: this.#pace.secondsFor(left, this.#parts.validation ? Math.ceil(left / training.validate_every) : 0),
        ...(trainLoss === null ? {} : { trainLoss }),
        ...(this.#validation === null ? {} : { validationLoss: this.#validation, bestValidationLoss: this.#isLast ? this.#best : null }),
      },
    })
    this.#losses = []
    this.#validation = null
    this.#reportedAt = { step, time: performance.now() }
  }

  /** Tokens, rows of a series, or labelled records in a step. */
  get #tokens(): number {
    const { config } = this.#parts.phase.experiment
    const { objective, data } = config
    const windows = accumulateOf(config) * data.batch
    if (ofRecords(objective)) return windows
    return windows * (objective.kind === 'forecast' ? objective.lookback : data.seqlen)
  }

  async #pause(): Promise<void> {
    const { control } = this.#parts
    await this.#read()
    await this.#save(false)
    if (this.#step > this.#reportedAt.step) this.#report()
    const began = performance.now()
    while (control.take() === 'pause') await control.next()
    // the clock and the rates know nothing of the pause
    const pause = performance.now() - began
    this.#began += pause
    this.#savedAt += pause
    this.#ahead.skip(pause)
    this.#reportedAt.time += pause
  }

  async #end(state: TrainingEnd['state'], message: string | null): Promise<TrainingEnd> {
    await this.#read()
    if (!this.#handsOn) await this.#save(false)
    this.#report()
    return { state, message }
  }
}
