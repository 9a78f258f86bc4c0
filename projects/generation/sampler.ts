import { openTokenWindows } from '../../datasets/batching/tokenWindows.ts'
import type { TokenCodec } from '../../datasets/codec.ts'
import type { ReadableStore } from '../../datasets/store/store.ts'
import type { Backend, DeviceBuffer } from '../../kernels/backends/backend.ts'
import { Decoder } from '../../kernels/decode/decoder.ts'
import type { Experiment } from '../config/configure.ts'
import type { DatasetFacts } from '../config/facts.ts'

const LENGTH = 200
const TEMPERATURE = 0.8

/** What a text or DNA model writes while it trains, from the first symbol of the data on. */
export class Sampler {
  readonly #decoder: Decoder
  readonly #codec: TokenCodec
  readonly #first: number
  readonly #seed: number

  private constructor(decoder: Decoder, codec: TokenCodec, first: number, seed: number) {
    this.#decoder = decoder
    this.#codec = codec
    this.#first = first
    this.#seed = seed
  }

  /** Null for data that is not read as text. `params`: the arena being trained. */
  static async open(
    backend: Backend,
    store: ReadableStore,
    facts: DatasetFacts,
    { model, config }: Experiment,
    params: DeviceBuffer,
  ): Promise<Sampler | null> {
    if ((facts.domain !== 'text' && facts.domain !== 'genomics') || facts.targets || !model.causal) return null
    const windows = openTokenWindows(store, facts.id, 'train', { fold: facts.fold })
    const first = windows.read(windows.segments[0], 0, 1)[0]
    return new Sampler(
      await Decoder.create(backend, model, params, { vocab: windows.codec.vocab, capacity: LENGTH }),
      windows.codec,
      first,
      config.seed,
    )
  }

  /** The same text for the same parameters and step. */
  async sample(step: number): Promise<string> {
    this.#decoder.start(Int32Array.of(this.#first), { temperature: TEMPERATURE, seed: this.#seed, stream: step })
    this.#decoder.advance(LENGTH - 1)
    const { ids } = await this.#decoder.read(0, LENGTH)
    return this.#codec.decode(ids)
  }

  destroy(): void {
    this.#decoder.destroy()
  }
}
