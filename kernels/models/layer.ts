import { z } from 'zod'
import type { GraphBuilder, Value } from '../graph/graph.ts'
import { constant, fanIn } from '../mixers/initialise.ts'
import { linear } from '../mixers/linear.ts'
import type { Mixer, MixerContext, ParamSpec, Tap } from '../mixers/mixer.ts'
import type { Packed } from '../mixers/packed.ts'
import { mixers } from '../mixers/registry.ts'
import { ACTIVATIONS } from '../ops/activation/functions.ts'
import type { Borders, Drop, LayerFacts, Read } from './backbone.ts'

export type NormKind = 'rms' | 'layer' | 'layer-no-bias'
export const NORM_EPS = 1e-5

/** A mixer by name and its options, those of the block around it (`blockSchema`) among them. */
export interface LayerConfig {
  readonly mixer: string
  readonly options: Readonly<Record<string, unknown>>
}

/** What a layer has besides its mixer. Left out, it is as the mixer's paper has it. */
export const blockSchema = z.object({
  direction: z
    .enum(['forward', 'both'])
    .optional()
    .describe(
      'both: the same mixer also reads the sequence from its end, and what the two say is added (as in Caduceus, Schiff et al. 2024, arXiv:2403.03234)',
    ),
  mlp: z
    .enum(['none', 'gelu', 'geglu', 'swiglu'])
    .optional()
    .describe('Position-wise network after the mixer, with a norm and a residual of its own (gated ones: Shazeer 2020, arXiv:2002.05202)'),
  mlp_ratio: z
    .number()
    .min(0.25)
    .max(16)
    .optional()
    .describe('Inner width of that network as a multiple of d_model, rounded up to a multiple of 16'),
})
type MlpKind = LayerFacts['mlp']

export const normParams = (kind: NormKind, name: string, width: number): Record<string, ParamSpec> => ({
  [`${name}.weight`]: { shape: [width], init: constant(1), decay: false },
  ...(kind === 'layer' ? { [`${name}.bias`]: { shape: [width], init: constant(0), decay: false } } : {}),
})

/** x (R, d_model) → the same, each row normalised. */
export function norm(builder: GraphBuilder, kind: NormKind, read: Read, name: string, x: Value): Value {
  const weight = read(`${name}.weight`)
  if (kind === 'rms') return builder.one('rms_norm', [x, weight], { eps: NORM_EPS })
  return builder.one('layer_norm', kind === 'layer' ? [x, weight, read(`${name}.bias`)] : [x, weight], {
    eps: NORM_EPS,
    groups: 1,
    bias: kind === 'layer',
  })
}

/** `mix` of each sequence read from its end; where sequences are padded, from the end of what counts. */
export function backwards(
  builder: GraphBuilder,
  x: Value,
  dims: { batch: number; seqlen: number },
  { lengths, packed }: Borders,
  mix: (x: Value, packed?: Packed) => Value,
): Value {
  const turned = (y: Value): Value => builder.one('reverse', lengths ? [y, lengths] : [y], dims)
  const back = packed && {
    inside: turned(packed.inside),
    number: turned(packed.number),
    complement: turned(packed.complement),
    signs: packed.signs.map(turned),
    gap: packed.gap,
  }
  return turned(mix(turned(x), back))
}

/**
 * One residual layer: x + mixer(norm(x)), then x + mlp(norm2(x)) where there is an MLP. Names as in mamba_ssm's Block
 * (norm, mixer, norm2, mlp.fc1 with the value half first and the gate half second, mlp.fc2).
 */
export class Layer {
  readonly params: Readonly<Record<string, ParamSpec>>
  readonly #mixer: Mixer
  readonly #config: Record<string, unknown>
  readonly #both: boolean
  readonly #norm: NormKind
  readonly #mlp: MlpKind
  readonly #d_model: number
  readonly #d_ff: number

  constructor({ mixer: name, options }: LayerConfig, context: MixerContext, norm: NormKind) {
    const mixer = mixers[name]
    if (!mixer) throw new Error(`There is no mixer named "${name}"; there are ${Object.keys(mixers).join(', ')}`)
    const { mlp, mlp_ratio, direction, ...own } = options
    const block = blockSchema.parse({ mlp, mlp_ratio, direction })
    this.#mixer = mixer
    this.#config = mixer.resolve(own, context)
    this.#norm = norm
    this.#both = block.direction === 'both'
    this.#mlp = block.mlp ?? mixer.mlp?.kind ?? 'none'
    if (this.#mlp === 'none' && block.mlp_ratio !== undefined)
      throw new Error(`${name}: mlp_ratio ${block.mlp_ratio} is of a network that is not there; choose an mlp, or leave mlp_ratio out`)
    this.#d_model = context.d_model
    this.#d_ff = 16 * Math.ceil(((block.mlp_ratio ?? mixer.mlp?.ratio ?? 4) * context.d_model) / 16)
    this.params = this.#specs(context)
  }

  #specs({ d_model, n_layer }: MixerContext): Record<string, ParamSpec> {
    const specs = normParams(this.#norm, 'norm', d_model)
    for (const [name, spec] of Object.entries(this.#mixer.params(this.#config))) specs[`mixer.${name}`] = spec
    if (this.#mlp === 'none') return specs
    Object.assign(specs, normParams(this.#norm, 'norm2', d_model))
    const gated = this.#mlp !== 'gelu'
    specs['mlp.fc1.weight'] = { shape: [gated ? 2 * this.#d_ff : this.#d_ff, d_model], init: fanIn(), decay: true }
    if (!gated) specs['mlp.fc1.bias'] = { shape: [this.#d_ff], init: constant(0), decay: false }
    specs['mlp.fc2.weight'] = { shape: [d_model, this.#d_ff], init: fanIn(1 / Math.sqrt(n_layer)), decay: true }
    if (!gated) specs['mlp.fc2.bias'] = { shape: [d_model], init: constant(0), decay: false }
    return specs
  }

  get facts(): Omit<LayerFacts, 'prefix'> {
    return {
      mixer: this.#mixer.name,
      config: this.#config,
      mlp: this.#mlp,
      direction: this.#both ? 'both' : 'forward',
      causal: this.#mixer.causal && !this.#both,
      matrices: this.#mixer.matrices?.(this.#config) ?? 0,
      gap: this.#mixer.gap(this.#config),
    }
  }

  /** Elements of recurrent state per sequence, by the mixer's names. */
  get state(): Record<string, number> {
    return this.#mixer.state(this.#config)
  }

  /** x (batch·seqlen, d_model) → the same. `read` knows the names of `params`. */
  forward(
    builder: GraphBuilder,
    read: Read,
    x: Value,
    dims: { batch: number; seqlen: number },
    drop: Drop,
    borders: Borders,
    place = 0,
  ): Value {
    const normed = norm(builder, this.#norm, read, 'norm', builder.checkpoint(x))
    const mix = (y: Value, packed?: Packed, tap?: Tap): Value =>
      this.#mixer.forward(builder, this.#own(read), y, this.#config, dims, { packed, tap })
    let mixed = mix(normed, borders.packed, borders.tap?.(place))
    if (this.#both) mixed = builder.one('add', [mixed, backwards(builder, normed, dims, borders, mix)])
    return this.#after(builder, read, builder.one('add', [drop(mixed), x]), drop)
  }

  /** x (batch, d_model) → the same; `state` is overwritten. */
  step(builder: GraphBuilder, read: Read, x: Value, state: Record<string, Value>): Value {
    const normed = norm(builder, this.#norm, read, 'norm', x)
    return this.#after(
      builder,
      read,
      builder.one('add', [this.#mixer.step(builder, this.#own(read), normed, state, this.#config), x]),
      (y) => y,
    )
  }

  /** Floating point operations of the forward pass per token. */
  flopsPerToken(): number {
    const mlp =
      this.#mlp === 'none' ? 0 : 2 * this.#d_model * this.#d_ff * (this.#mlp === 'gelu' ? 2 : 3) + 8 * this.#d_ff + 5 * this.#d_model
    return (this.#both ? 2 : 1) * this.#mixer.flopsPerToken(this.#config) + 5 * this.#d_model + mlp
  }

  #own(read: Read): Record<string, Value> {
    return Object.fromEntries(Object.keys(this.#mixer.params(this.#config)).map((name) => [name, read(`mixer.${name}`)]))
  }

  #after(builder: GraphBuilder, read: Read, x: Value, drop: Drop): Value {
    if (this.#mlp === 'none') return x
    const normed = norm(builder, this.#norm, read, 'norm2', x)
    return builder.one('add', [drop(this.#mlpOf(builder, read, normed)), x])
  }

  #mlpOf(builder: GraphBuilder, read: Read, x: Value): Value {
    if (this.#mlp === 'gelu') {
      const inner = linear(builder, x, read('mlp.fc1.weight'), read('mlp.fc1.bias'))
      return linear(builder, builder.one('activation', [inner], { kind: ACTIVATIONS.gelu }), read('mlp.fc2.weight'), read('mlp.fc2.bias'))
    }
    const [value, gate] = builder.split(linear(builder, x, read('mlp.fc1.weight')), [this.#d_ff, this.#d_ff])
    const kind = this.#mlp === 'swiglu' ? ACTIVATIONS.silu : ACTIVATIONS.gelu
    return linear(builder, builder.one('glu', [value, gate], { kind }), read('mlp.fc2.weight'))
  }
}
