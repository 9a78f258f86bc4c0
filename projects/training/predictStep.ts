import { measureRates } from '../../kernels/predict/rates.ts'
import { Speeds } from '../../kernels/predict/speeds.ts'
import { keepsSpeeds, loadSpeeds, saveSpeeds } from '../devices/speeds.ts'
import type { Batch } from './batch.ts'
import type { Engine, Weights } from './engine.ts'

/** So much of a step's time should be of commands that were measured as they are; else they are measured first. */
const ENOUGH = 0.98

/** What a step is expected to take on the engine's device, and what came of it when the run was over. */
export class StepPrediction {
  /** Milliseconds of a step. */
  readonly ms: number
  readonly #engine: Engine
  readonly #speeds: Speeds
  readonly #sumMs: number

  private constructor(engine: Engine, speeds: Speeds, ms: number, sumMs: number) {
    this.#engine = engine
    this.#speeds = speeds
    this.ms = ms
    this.#sumMs = sumMs
  }

  /**
   * Null where speeds are not kept. What the step does and nobody measured on this device yet is measured first, on `batch`, with the parameters
   * of `weights`, which are as they were afterwards.
   */
  static async make(engine: Engine, weights: Pick<Weights, 'params'> & Partial<Weights>, batch: Batch): Promise<StepPrediction | null> {
    if (!keepsSpeeds()) return null
    const { backend } = engine
    const speeds = loadSpeeds(backend) ?? new Speeds(await measureRates(backend))
    if (speeds.replay(engine.replays).measured < ENOUGH) {
      await engine.measure(speeds, batch)
      engine.load(weights)
      saveSpeeds(backend, speeds)
    }
    const sumMs = new Speeds(speeds.rates, speeds.samples).replay(engine.replays).ms
    return new StepPrediction(engine, speeds, speeds.replay(engine.replays).ms, sumMs)
  }

  /** For the run's notes, before its first step. */
  sentence(steps: number): string {
    return `A step should take ${shown(this.ms)} and ${gib(this.#engine.memoryBytes)}: ${steps.toLocaleString('en')} steps in ${duration((steps * this.ms) / 1000)}.`
  }

  /** Keeps what a step really took, and says how far off the prediction was. */
  compare(stepMs: number): string {
    this.#speeds.addStep({ sumMs: this.#sumMs, ms: stepMs })
    saveSpeeds(this.#engine.backend, this.#speeds)
    const off = Math.round(100 * (stepMs / this.ms - 1))
    return `A step took ${shown(stepMs)}; ${shown(this.ms)} were predicted${off === 0 ? '' : `, ${Math.abs(off)} % too ${off > 0 ? 'few' : 'many'}`}.`
  }
}

const shown = (ms: number): string => (ms < 10 ? `${ms.toFixed(2)} ms` : ms < 1000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(2)} s`)
const gib = (bytes: number): string => (bytes < 2 ** 30 ? `${(bytes / 2 ** 20).toFixed(0)} MiB` : `${(bytes / 2 ** 30).toFixed(2)} GiB`)
const duration = (seconds: number): string =>
  seconds < 90
    ? `about ${Math.max(1, Math.round(seconds))} s`
    : seconds < 5400
      ? `about ${Math.round(seconds / 60)} min`
      : `about ${(seconds / 3600).toFixed(1)} h`
