import { openTokenWindows } from '../../datasets/batching/tokenWindows.ts'
import type { TokenCodec } from '../../datasets/codec.ts'
import type { ReadableStore } from '../../datasets/store/store.ts'
import type { Backend, DeviceBuffer } from '../../kernels/backends/backend.ts'
import { RandomStream } from '../../kernels/random/philox.ts'
import type { Experiment } from '../config/configure.ts'
import type { DatasetFacts } from '../config/facts.ts'
import { choose } from './choose.ts'
import { Decoder } from './decoder.ts'

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
    return new Sampler(await Decoder.create(backend, model, params), windows.codec, first, config.seed)
  }

  /** The same text for the same parameters and step. */
  async sample(step: number): Promise<string> {
    const random = new RandomStream(this.#seed, step)
    const ids = [this.#first]
    this.#decoder.reset()
    while (ids.length < LENGTH) {
      this.#decoder.feed(ids[ids.length - 1])
      ids.push(choose((await this.#decoder.logits()).subarray(0, this.#codec.vocab), { temperature: TEMPERATURE }, random).id)
    }
    return this.#codec.decode(ids)
  }

  destroy(): void {
    this.#decoder.destroy()
  }
}
