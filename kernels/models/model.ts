import type { GraphBuilder, Value } from '../graph/graph.ts'
import { constant, fanIn, type Initialiser, normal } from '../mixers/initialise.ts'
import { linear } from '../mixers/linear.ts'
import type { ParamSpec } from '../mixers/mixer.ts'
import { RandomStream } from '../random/philox.ts'
import { f32, i32, type TensorType } from '../tensor/tensor.ts'
import type { Backbone, Borders, Drop } from './backbone.ts'
import { type LayerConfig, norm, type NormKind, normParams } from './layer.ts'
import { packedOf, type Packing } from './packing.ts'
import { sashimi, type SashimiConfig } from './sashimi.ts'
import { stack } from './stack.ts'

export interface ModelConfig {
  readonly d_model: number
  /** Positions of a training window; what a mixer with a finite memory makes room for. */
  readonly seqlen: number
  readonly norm: NormKind
  /** One entry per layer, so a hybrid is a list. */
  readonly layers: readonly LayerConfig[]
  /** A U of several rates with all of `layers` at each, instead of one stack. */
  readonly sashimi?: SashimiConfig
  /** tokens: ids (R, 1) through an embedding. vectors: (R, width) through a linear layer. */
  readonly input: { readonly kind: 'tokens'; readonly vocab: number } | { readonly kind: 'vectors'; readonly width: number }
  /**
   * Of each input id, that of the complementary base. With it the model reads both strands with the same weights and treats a sequence
   * and its reverse complement alike: scores are complemented and reversed, a pooled output is the same (parameter sharing of
   * Schiff et al. 2024, arXiv:2403.03234, §4; Schmidinger et al. 2024, arXiv:2411.04165). Ids of the head come first.
   */
  readonly complement?: readonly number[]
  /** So many records at most in each sequence of a batch, their borders in an external buffer 'borders' (packing.ts). */
  readonly packing?: number
  /**
   * every: an output (R, width) at each position. last, mean: one output (batch, width) per sequence; `ragged` sequences have lengths of their
   * own and are padded behind, and only what is not padding counts.
   */
  readonly head: { readonly at: 'every' | 'last' | 'mean'; readonly width: number; readonly tied: boolean; readonly ragged?: boolean }
}

/** Where a parameter lies in the flat arena, in elements. */
export interface ParamSlot extends ParamSpec {
  readonly name: string
  readonly offset: number
  readonly elements: number
}

const ALIGN = 64 // elements; 256 bytes is what WebGPU wants of a binding's offset
const NORM_F = 'backbone.norm_f'
const BACKBONE = 'backbone.'
const product = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)
const aligned = (n: number): number => Math.ceil(n / ALIGN) * ALIGN

/**
 * Residual stack as in mamba_ssm's MambaLMHeadModel: embed, then a backbone (stack.ts, sashimi.ts), a last norm, a head.
 * Parameter names are that implementation's names. All parameters lie in one flat arena, those with weight decay first, slow ones last.
 */
export class Model {
  readonly config: ModelConfig
  readonly params: readonly ParamSlot[]
  /** Elements of the arena, padding included. */
  readonly arenaElements: number
  /** The first so many elements get weight decay. */
  readonly decayElements: number
  /** From this element on parameters learn at the slow rate. */
  readonly slowFrom: number
  /** Trainable numbers, padding not counted. */
  readonly parameterCount: number
  readonly layers: Backbone['layers']
  /** Of the backbone, per sequence. */
  readonly state: Backbone['state']
  readonly #backbone: Backbone
  readonly #slots: ReadonlyMap<string, ParamSlot>

  constructor(config: ModelConfig) {
    this.config = config
    if (config.complement && (config.input.kind !== 'tokens' || config.head.at === 'last' || config.head.tied))
      throw new Error(
        'a model of both strands takes tokens and gives an output at every position, with a head of its own, or one for the whole sequence',
      )
    if (config.packing && (config.complement || config.head.at !== 'every' || config.sashimi))
      throw new Error('packed records have an output at every position, on one strand, in a stack of one rate')
    this.#backbone = config.sashimi ? sashimi(config.sashimi, config.layers, config) : stack(config.layers, config)
    const specs = Object.entries(this.#specs())
    const slots: ParamSlot[] = []
    let offset = 0
    const ends: number[] = []
    for (const group of [(s: ParamSpec) => s.decay, (s: ParamSpec) => !s.decay && !s.slow, (s: ParamSpec) => s.slow === true]) {
      for (const [name, spec] of specs.filter(([, s]) => group(s))) {
        slots.push({ ...spec, name, offset, elements: product(spec.shape) })
        offset += aligned(product(spec.shape))
      }
      ends.push(offset)
    }
    this.params = specs.map(([name]) => slots.find((s) => s.name === name)!)
    this.#slots = new Map(slots.map((s) => [s.name, s]))
    this.arenaElements = offset
    this.decayElements = ends[0]
    this.slowFrom = ends[1]
    this.parameterCount = slots.reduce((sum, s) => sum + s.elements, 0)
    this.layers = this.#backbone.layers
    this.state = this.#backbone.state
  }

  #specs(): Record<string, ParamSpec> {
    const { d_model, input, head, sashimi: rates } = this.config
    const specs: Record<string, ParamSpec> = {}
    // SaShiMi pools the embedding before any norm: one of 0.02 would drown in the bias of the pool's linear layer. It is torch's there.
    const init = normal(rates ? 1 : 0.02)
    if (input.kind === 'tokens') specs['backbone.embedding.weight'] = { shape: [input.vocab, d_model], init, decay: true }
    else Object.assign(specs, linearParams('backbone.input', input.width, d_model))
    for (const [name, spec] of Object.entries(this.#backbone.params)) specs[BACKBONE + name] = spec
    Object.assign(specs, normParams(this.config.norm, NORM_F, d_model))
    if (head.at !== 'every') Object.assign(specs, linearParams('head', d_model, head.width))
    else if (!head.tied) specs['lm_head.weight'] = { shape: [head.width, d_model], init: fanIn(), decay: true }
    return specs
  }

  /** How a sequence of several records is filled: with the widest gap that a layer needs. */
  get packing(): Packing | undefined {
    const { packing: records } = this.config
    return records === undefined ? undefined : { records, gap: Math.max(0, ...this.layers.map(({ gap }) => gap)) }
  }

  /** No output depends on a later input: it can predict the next token, and be run step by step. */
  get causal(): boolean {
    return !this.config.complement && this.layers.every((layer) => layer.causal)
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

  /** input (batch·seqlen, 1 or width) → head output. A ragged head reads the sequences' lengths from external buffer 'lengths'. */
  forward(
    builder: GraphBuilder,
    read: (name: string) => Value,
    input: Value,
    dims: { batch: number; seqlen: number },
    drop: Drop = (x) => x,
    tap?: Borders['tap'],
  ): Value {
    if (this.config.complement) return this.#bothStrands(builder, read, input, dims, drop)
    const { at, ragged } = this.config.head
    let x = drop(this.#embed(builder, read, input))
    const packed = this.packing && packedOf(builder, this.packing, dims.batch * dims.seqlen)
    const lengths = ragged ? builder.external('lengths', lengthsType(dims)) : undefined
    x = builder.checkpoint(this.#backbone.forward(builder, (name) => read(BACKBONE + name), x, dims, drop, { lengths, packed, tap }))
    if (at !== 'every' && lengths) x = builder.one('pool_rows', [x, lengths], { ...dims, last: at === 'last' ? 1 : 0 })
    else if (at === 'last') x = builder.everyRow(x, dims.seqlen - 1, dims.seqlen)
    else if (at === 'mean') x = builder.one('mean_pool', [x], dims)
    return this.#head(builder, read, norm(builder, this.config.norm, read, NORM_F, x))
  }

  /** How many kinds of step there are: a model with slower parts does not run them at every position. */
  get stepKinds(): number {
    return 1 + (this.#backbone.periods?.length ?? 0)
  }

  /** The kind of step at `position`, counted from 0: how many of the slower parts run there. */
  stepKind(position: number): number {
    return (this.#backbone.periods ?? []).filter((period) => (position + 1) % period === 0).length
  }

  /**
   * Only of a causal model. One time step of a kind (`stepKind`): input (batch, 1 or width) → head output (batch, width), recurrent state in
   * external buffer 'state' overwritten.
   */
  step(builder: GraphBuilder, read: (name: string) => Value, input: Value, batch: number, kind = 0): Value {
    const offsets = this.stateOffsets(batch)
    const state = Object.fromEntries(
      this.state.map(({ name, elements }, i) => [name, builder.external('state', f32(batch, elements), offsets[i])]),
    )
    const x = this.#backbone.step(builder, (name) => read(BACKBONE + name), this.#embed(builder, read, input), state, kind)
    return this.#head(builder, read, norm(builder, this.config.norm, read, NORM_F, x))
  }

  /** Offsets of `state`'s entries in the state buffer of `batch` sequences; the last entry is the buffer's length. */
  stateOffsets(batch: number): number[] {
    const offsets = [0]
    for (const { elements } of this.state) offsets.push(offsets[offsets.length - 1] + aligned(batch * elements))
    return offsets
  }

  /** Floating point operations of the forward pass per token. */
  flopsPerToken(): number {
    const { d_model, input, head, complement } = this.config
    const strand =
      this.#backbone.flopsPerToken() +
      (input.kind === 'vectors' ? 2 * input.width * d_model : 0) +
      4 * d_model +
      (head.at === 'every' ? 2 * d_model * head.width : 0)
    return (complement ? 2 : 1) * strand
  }

  /** As `forward`, of a sequence and of its reverse complement, put together so that neither strand is preferred. */
  #bothStrands(
    builder: GraphBuilder,
    read: (name: string) => Value,
    input: Value,
    dims: { batch: number; seqlen: number },
    drop: Drop,
  ): Value {
    const { head, complement, norm: kind } = this.config
    // a padded sequence is turned about its own end, so that padding stays behind
    const lengths = head.ragged ? builder.external('lengths', lengthsType(dims)) : undefined
    const turned = (x: Value): Value => builder.one('reverse', lengths ? [x, lengths] : [x], dims)
    const pooled = (x: Value): Value =>
      lengths ? builder.one('pool_rows', [x, lengths], { ...dims, last: 0 }) : builder.one('mean_pool', [x], dims)
    const complemented = (weight: Value, ids: number): Value =>
      builder.one('embedding', [builder.external('complement', i32(ids, 1)), weight])
    const embedding = read('backbone.embedding.weight')
    const run = (x: Value): Value =>
      builder.checkpoint(this.#backbone.forward(builder, (name) => read(BACKBONE + name), drop(x), dims, drop, { lengths }))
    const along = run(builder.one('embedding', [input, embedding]))
    const opposite = builder.one('embedding', [input, complemented(embedding, complement!.length)])
    const back = turned(run(turned(opposite)))
    if (head.at === 'mean')
      return this.#head(builder, read, norm(builder, kind, read, NORM_F, builder.one('add', [pooled(along), pooled(back)])))
    const weight = read(head.tied ? 'backbone.embedding.weight' : 'lm_head.weight')
    const score = (x: Value, of: Value): Value => linear(builder, norm(builder, kind, read, NORM_F, x), of)
    return builder.one('add', [score(along, weight), score(back, complemented(weight, head.width))])
  }

  /** What the plan's external buffers of these names must hold, whatever the batch. */
  get constants(): Readonly<Record<string, Int32Array<ArrayBuffer>>> {
    return this.config.complement ? { complement: Int32Array.from(this.config.complement) } : {}
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

/** Positions of each sequence that are not padding. */
export const lengthsType = ({ batch }: { batch: number }): TensorType => i32(batch, 1)

const linearParams = (name: string, fan_in: number, out: number): Record<string, ParamSpec> => ({
  [`${name}.weight`]: { shape: [out, fan_in], init: fanIn(), decay: true },
  [`${name}.bias`]: { shape: [out], init: constant(0), decay: false },
})

/** A vector is one row; more dimensions than two collapse into the columns (conv1d.weight (d, 1, k) → (d, k)). */
const matrixType = (shape: readonly number[]): TensorType =>
  shape.length === 1 ? f32(1, shape[0]) : f32(shape[0], product(shape.slice(1)))
