import type { Backend, DeviceBuffer, Program } from '../../kernels/backends/backend.ts'
import type { Model } from '../../kernels/models/model.ts'
import { stepPlan } from '../../kernels/models/plans.ts'

/** A token model read one token at a time: its memory is the recurrent state, of a size that does not grow with the length. */
export class Decoder {
  readonly #input: DeviceBuffer
  readonly #state: DeviceBuffer
  readonly #output: DeviceBuffer
  readonly #program: Program

  private constructor(input: DeviceBuffer, state: DeviceBuffer, output: DeviceBuffer, program: Program) {
    this.#input = input
    this.#state = state
    this.#output = output
    this.#program = program
  }

  /** `params`: the model's arena on the backend, read at every step. */
  static async create(backend: Backend, model: Model, params: DeviceBuffer): Promise<Decoder> {
    const plan = stepPlan(model, 1, backend.sizes)
    const input = backend.createBuffer(1, 'i32', 'input')
    const state = backend.createBuffer(model.stateOffsets(1).at(-1)!, 'f32', 'state')
    const output = backend.createBuffer(model.config.head.width, 'f32', 'output')
    return new Decoder(input, state, output, await backend.compile(plan, { input, state, output, params }))
  }

  /** Back to before the first token. */
  reset(): void {
    this.#state.write(new Float32Array(this.#state.elements))
  }

  /** Takes a token in; nothing is read back. */
  feed(token: number): void {
    this.#input.write(Int32Array.of(token))
    this.#program.run()
  }

  /** (vocab) logits of the token after the last one fed. */
  async logits(): Promise<Float32Array> {
    return (await this.#output.read()) as Float32Array
  }

  destroy(): void {
    this.#program.destroy()
    for (const buffer of [this.#input, this.#state, this.#output]) buffer.destroy()
  }
}
