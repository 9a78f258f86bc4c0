import type { Backend, DeviceBuffer, Program } from '../../kernels/backends/backend.ts'
import type { Model } from '../../kernels/models/model.ts'
import { stepPlan } from '../../kernels/models/plans.ts'

/** A token model read one token at a time: its memory is the recurrent state, of a size that does not grow with the length. */
export class Decoder {
  readonly #input: DeviceBuffer
  readonly #state: DeviceBuffer
  readonly #output: DeviceBuffer
  /** One for each kind of step the model has. */
  readonly #programs: readonly Program[]
  readonly #model: Model
  #position = 0

  private constructor(input: DeviceBuffer, state: DeviceBuffer, output: DeviceBuffer, programs: readonly Program[], model: Model) {
    this.#input = input
    this.#state = state
    this.#output = output
    this.#programs = programs
    this.#model = model
  }

  /** `params`: the model's arena on the backend, read at every step. */
  static async create(backend: Backend, model: Model, params: DeviceBuffer): Promise<Decoder> {
    const input = backend.createBuffer(1, 'i32', 'input')
    const state = backend.createBuffer(model.stateOffsets(1).at(-1)!, 'f32', 'state')
    const output = backend.createBuffer(model.config.head.width, 'f32', 'output')
    const programs: Program[] = []
    for (let kind = 0; kind < model.stepKinds; kind++)
      programs.push(await backend.compile(stepPlan(model, 1, backend.sizes, kind), { input, state, output, params }))
    return new Decoder(input, state, output, programs, model)
  }

  /** Back to before the first token. */
  reset(): void {
    this.#state.write(new Float32Array(this.#state.elements))
    this.#position = 0
  }

  /** Takes a token in; nothing is read back. */
  feed(token: number): void {
    this.#input.write(Int32Array.of(token))
    this.#programs[this.#model.stepKind(this.#position++)].run()
  }

  /** (vocab) logits of the token after the last one fed. */
  async logits(): Promise<Float32Array> {
    return (await this.#output.read()) as Float32Array
  }

  destroy(): void {
    this.#programs.forEach((program) => program.destroy())
    for (const buffer of [this.#input, this.#state, this.#output]) buffer.destroy()
  }
}
