import type { Backend, DeviceBuffer, Program } from '../backends/backend.ts'
import type { Model } from '../models/model.ts'
import { generationPlan } from '../models/plans.ts'
import { CURSOR, CURSOR_COLUMNS, SETTINGS, SETTINGS_COLUMNS } from '../ops/draw_token/draw_token.ts'

export interface Choosing {
  /** 0 takes the likeliest token each time. */
  readonly temperature: number
  /** Choose among so many likeliest tokens only; null for all. */
  readonly topK?: number | null
  /** Choose among the fewest likeliest tokens that together are at least so probable; null for all. */
  readonly topP?: number | null
  readonly seed: number
  /** Of several writings with one seed, which. */
  readonly stream?: number
}

/** Tokens by place, and −log2 of the probability of each given those before it. */
export interface Written {
  readonly ids: Int32Array
  readonly bits: Float32Array
}
type Buffers = Readonly<Record<'input' | 'state' | 'settings' | 'cursor' | 'tokens' | 'bits', DeviceBuffer>>

/**
 * A token model that writes by itself: every step reads a token, draws the next and reads that in the step after it, all on the device. Its
 * memory is the recurrent state, of a size that does not grow with the length, and one place for each token.
 */
export class Decoder {
  /** Places for tokens, given ones included. */
  readonly capacity: number
  readonly #backend: Backend
  readonly #model: Model
  readonly #buffers: Buffers
  /** One for each kind of step the model has. */
  readonly #programs: readonly Program[]
  #position = 0

  private constructor(backend: Backend, model: Model, capacity: number, buffers: Buffers, programs: readonly Program[]) {
    this.#backend = backend
    this.#model = model
    this.capacity = capacity
    this.#buffers = buffers
    this.#programs = programs
  }

  /** `params`: the model's arena on the backend, read at every step. Only the first `vocab` ids are drawn. */
  static async create(
    backend: Backend,
    model: Model,
    params: DeviceBuffer,
    { vocab, capacity }: { vocab: number; capacity: number },
  ): Promise<Decoder> {
    const buffers = {
      input: backend.createBuffer(1, 'i32', 'input'),
      state: backend.createBuffer(Math.max(1, model.stateOffsets(1).at(-1)!), 'f32', 'state'),
      settings: backend.createBuffer(SETTINGS_COLUMNS, 'f32', 'settings'),
      cursor: backend.createBuffer(CURSOR_COLUMNS, 'i32', 'cursor'),
      tokens: backend.createBuffer(capacity, 'i32', 'tokens'),
      bits: backend.createBuffer(capacity, 'f32', 'bits'),
    }
    const programs: Program[] = []
    for (let kind = 0; kind < model.stepKinds; kind++) {
      const plan = generationPlan(model, backend.sizes, { vocab, capacity, kind })
      programs.push(await backend.compile(plan, { ...buffers, params }))
    }
    return new Decoder(backend, model, capacity, buffers, programs)
  }

  /** Back to before the first token, with `given` (at least one) to be read before any is drawn. */
  start(given: Int32Array, { temperature, topK, topP, seed, stream = 0 }: Choosing): void {
    if (given.length < 1 || given.length > this.capacity)
      throw new RangeError(`${given.length} tokens are given; there is room for 1 to ${this.capacity}`)
    const { input, state, settings, cursor, tokens } = this.#buffers
    const row = new Int32Array(CURSOR_COLUMNS)
    row[CURSOR.given] = given.length
    row[CURSOR.seed_low] = seed | 0
    row[CURSOR.seed_high] = Math.floor(seed / 2 ** 32) | 0
    row[CURSOR.stream] = stream
    const choice = new Float32Array(SETTINGS_COLUMNS)
    choice[SETTINGS.temperature] = temperature
    choice[SETTINGS.top_k] = topK ?? 0
    choice[SETTINGS.top_p] = topP ?? 1
    state.write(new Float32Array(state.elements))
    settings.write(choice)
    cursor.write(row)
    tokens.write(Int32Array.from(given))
    input.write(Int32Array.of(given[0]))
    this.#position = 0
  }

  /** Tokens that are known once what was submitted is done. */
  get known(): number {
    return this.#position + 1
  }

  /** Submits `steps` steps at once; each makes one more token known. */
  advance(steps: number): void {
    if (this.known + steps > this.capacity)
      throw new RangeError(`${this.known + steps} tokens are more than the ${this.capacity} there is room for`)
    this.#backend.submit(Array.from({ length: steps }, () => this.#programs[this.#model.stepKind(this.#position++)]))
  }

  /** Known tokens from place `from` on; the bits of the first of all are unknown, 0. */
  async read(from: number, count: number): Promise<Written> {
    const [ids, bits] = await Promise.all([this.#buffers.tokens.read(from, count), this.#buffers.bits.read(from, count)])
    return { ids: ids as Int32Array, bits: bits as Float32Array }
  }

  destroy(): void {
    this.#programs.forEach((program) => program.destroy())
    Object.values(this.#buffers).forEach((buffer) => buffer.destroy())
  }
}
