import type { GraphBuilder, Value } from '../graph/graph.ts'
import { constant, fanIn, type Initialiser, normal } from '../mixers/initialise.ts'
import { linear } from '../mixers/linear.ts'
import type { Mixer, ParamSpec } from '../mixers/mixer.ts'
import { mixers } from '../mixers/registry.ts'
import { RandomStream } from '../random/philox.ts'
import { f32, type TensorType } from '../tensor/tensor.ts'

export interface ModelConfig {
  readonly d_model: number
  /** Positions of a training window; what a mixer with a finite memory makes room for. */
  readonly seqlen: number
  /** One entry per layer, so a hybrid is a list. */
  readonly layers: readonly { readonly mixer: string; readonly options: Readonly<Record<string, unknown>> }[]
  /** tokens: ids (R, 1) through an embedding. vectors: (R, width) through a linear layer. */
  readonly input: { readonly kind: 'tokens'; readonly vocab: number } | { readonly kind: 'vectors'; readonly width: number }
  /** every: an output (R, width) at each position. last, mean: one output (batch, width) per sequence. */
  readonly head: { readonly at: 'every' | 'last' | 'mean'; readonly width: number; readonly tied: boolean }
}

/** Where a parameter lies in the flat arena, in elements. */
export interface ParamSlot extends ParamSpec {
  readonly name: string
  readonly offset: number
  readonly elements: number
}

const ALIGN = 64 // elements; 256 bytes is what WebGPU wants of a binding's offset
const NORM_EPS = 1e-5
const product = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)
const aligned = (n: number): number => Math.ceil(n / ALIGN) * ALIGN

/**
 * Residual stack as in mamba_ssm's MambaLMHeadModel: embed, then x + mixer(norm(x)) per layer, a last norm, a head.
 * Parameter names are that implementation's names. All parameters lie in one flat arena, those with weight decay first.
 */
export class Model {
  readonly config: ModelConfig
  readonly params: readonly ParamSlot[]
  /** Elements of the arena, padding included. */
  readonly arenaElements: number
  /** The first so many elements get weight decay. */
  readonly decayElements: number
  /** Trainable numbers, padding not counted. */
  readonly parameterCount: number
  readonly state: readonly { readonly layer: number; readonly name: string; readonly elements: number }[]
  readonly #layers: readonly { mixer: Mixer; config: Record<string, unknown>; prefix: string }[]
  readonly #slots: ReadonlyMap<string, ParamSlot>

  constructor(config: ModelConfig) {
    this.config = config
    this.#layers = config.layers.map(({ mixer: name, options }, i) => {
      const mixer = mixers[name]
      if (!mixer) throw new Error(`There is no mixer named "${name}"; there are ${Object.keys(mixers).join(', ')}`)
      return {
        mixer,
        config: mixer.resolve(options, { d_model: config.d_model, n_layer: config.layers.length, layer: i, seqlen: config.seqlen }),
        prefix: `backbone.layers.${i}`,
      }
    })
    const specs = Object.entries(this.#specs())
    const slots: ParamSlot[] = []
    let offset = 0
    let decayElements = 0
    for (const decay of [true, false]) {
      for (const [name, spec] of specs.filter(([, s]) => s.decay === decay)) {
        slots.push({ ...spec, name, offset, elements: product(spec.shape) })
        offset += aligned(product(spec.shape))
      }
      if (decay) decayElements = offset
    }
    this.params = specs.map(([name]) => slots.find((s) => s.name === name)!)
    this.#slots = new Map(slots.map((s) => [s.name, s]))
    this.arenaElements = offset
    this.decayElements = decayElements
    this.parameterCount = slots.reduce((sum, s) => sum + s.elements, 0)
    this.state = this.#layers.flatMap(({ mixer, config: c }, layer) =>
      Object.entries(mixer.state(c)).map(([name, elements]) => ({ layer, name, elements })),
    )
  }

  #specs(): Record<string, ParamSpec> {
    const { d_model, input, head } = this.config
    const norm: ParamSpec = { shape: [d_model], init: constant(1), decay: false }
    const specs: Record<string, ParamSpec> = {}
    if (input.kind === 'tokens') specs['backbone.embedding.weight'] = { shape: [input.vocab, d_model], init: normal(0.02), decay: true }
    else Object.assign(specs, linearParams('backbone.input', input.width, d_model))
    for (const { mixer, config, prefix } of this.#layers) {
      specs[`${prefix}.norm.weight`] = norm
      for (const [name, spec] of Object.entries(mixer.params(config))) specs[`${prefix}.mixer.${name}`] = spec
    }
    specs['backbone.norm_f.weight'] = norm
    if (head.at !== 'every') Object.assign(specs, linearParams('head', d_model, head.width))
    else if (!head.tied) specs['lm_head.weight'] = { shape: [head.width, d_model], init: fanIn(), decay: true }
    return specs
  }

  /** The arena at step 0. Each parameter has its own random stream, so adding one leaves the others as they were. */
  initialise(seed: number): Float32Array<ArrayBuffer> {
    const arena = new Float32Array(this.arenaElements)
    this.params.forEach(({ offset, elements, init, shape }: ParamSlot & { init: Initialiser }, i) =>
      init(arena.subarray(offset, offset + elements), new RandomStream(seed, 1000 + i), shape),
    )
    return arena
  }

  /** Reads parameters inside `builder`'s graph; each name gives one value, however often it is asked for. */
  reader(builder: GraphBuilder): (name: string) => Value {
    const values = new Map<string, Value>()
    return (name) => {
      let value = values.get(name)
      if (!value) {
        const slot = this.#slots.get(name)!
        values.set(name, (value = builder.external('params', matrixType(slot.shape), slot.offset)))
      }
      return value
    }
  }

  /** input (batch·seqlen, 1 or width) → head output. */
  forward(builder: GraphBuilder, read: (name: string) => Value, input: Value, dims: { batch: number; seqlen: number }): Value {
    let x = this.#embed(builder, read, input)
    for (const { mixer, config, prefix } of this.#layers) {
      const normed = builder.one('rms_norm', [x, read(`${prefix}.norm.weight`)], { eps: NORM_EPS })
      x = builder.one('add', [mixer.forward(builder, this.#mixerParams(read, mixer, config, prefix), normed, config, dims), x])
    }
    if (this.config.head.at === 'last') x = builder.everyRow(x, dims.seqlen - 1, dims.seqlen)
    if (this.config.head.at === 'mean') x = builder.one('mean_pool', [x], dims)
    return this.#head(builder, read, builder.one('rms_norm', [x, read('backbone.norm_f.weight')], { eps: NORM_EPS }))
  }

  /** One time step: input (batch, 1 or width) → head output (batch, width), recurrent state in external buffer 'state' overwritten. */
  step(builder: GraphBuilder, read: (name: string) => Value, input: Value, batch: number): Value {
    let x = this.#embed(builder, read, input)
    const offsets = this.stateOffsets(batch)
    this.#layers.forEach(({ mixer, config, prefix }, layer) => {
      const normed = builder.one('rms_norm', [x, read(`${prefix}.norm.weight`)], { eps: NORM_EPS })
      const state: Record<string, Value> = {}
      this.state.forEach((s, i) => {
        if (s.layer === layer) state[s.name] = builder.external('state', f32(batch, s.elements), offsets[i])
      })
      x = builder.one('add', [mixer.step(builder, this.#mixerParams(read, mixer, config, prefix), normed, state, config), x])
    })
    return this.#head(builder, read, builder.one('rms_norm', [x, read('backbone.norm_f.weight')], { eps: NORM_EPS }))
  }

  /** Offsets of `state`'s entries in the state buffer of `batch` sequences; the last entry is the buffer's length. */
  stateOffsets(batch: number): number[] {
    const offsets = [0]
    for (const { elements } of this.state) offsets.push(offsets[offsets.length - 1] + aligned(batch * elements))
    return offsets
  }

  /** Floating point operations of the forward pass per token. */
  flopsPerToken(): number {
    const { d_model, input, head } = this.config
    const layers = this.#layers.reduce((sum, { mixer, config }) => sum + mixer.flopsPerToken(config) + 4 * d_model, 0)
    return (
      layers +
      (input.kind === 'vectors' ? 2 * input.width * d_model : 0) +
      4 * d_model +
      (head.at === 'every' ? 2 * d_model * head.width : 0)
    )
  }

  #mixerParams(read: (name: string) => Value, mixer: Mixer, config: Record<string, unknown>, prefix: string): Record<string, Value> {
    return Object.fromEntries(Object.keys(mixer.params(config)).map((name) => [name, read(`${prefix}.mixer.${name}`)]))
  }

  #embed(builder: GraphBuilder, read: (name: string) => Value, input: Value): Value {
    return this.config.input.kind === 'tokens'
      ? builder.one('embedding', [input, read('backbone.embedding.weight')])
      : linear(builder, input, read('backbone.input.weight'), read('backbone.input.bias'))
  }

  #head(builder: GraphBuilder, read: (name: string) => Value, x: Value): Value {
    const { head } = this.config
    if (head.at !== 'every') return linear(builder, x, read('head.weight'), read('head.bias'))
    return linear(builder, x, read(head.tied ? 'backbone.embedding.weight' : 'lm_head.weight'))
  }
}

const linearParams = (name: string, fan_in: number, out: number): Record<string, ParamSpec> => ({
  [`${name}.weight`]: { shape: [out, fan_in], init: fanIn(), decay: true },
  [`${name}.bias`]: { shape: [out], init: constant(0), decay: false },
})

/** A vector is one row; more dimensions than two collapse into the columns (conv1d.weight (d, 1, k) → (d, k)). */
const matrixType = (shape: readonly number[]): TensorType =>
  shape.length === 1 ? f32(1, shape[0]) : f32(shape[0], product(shape.slice(1)))
