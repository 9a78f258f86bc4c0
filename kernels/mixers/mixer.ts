import type { z } from 'zod'
import type { GraphBuilder, Value } from '../graph/graph.ts'
import type { Initialiser } from './initialise.ts'
import type { Packed } from './packed.ts'

export interface ParamSpec {
  /** As the published implementation stores it; the graph sees (shape[0], the rest). */
  readonly shape: readonly number[]
  readonly init: Initialiser
  /** Whether AdamW's weight decay applies. */
  readonly decay: boolean
  /** A state space parameter, that learns at no more than the slow rate of the run (HYPER.slow); such a one is not decayed. */
  readonly slow?: boolean
}

export type Params = Readonly<Record<string, Value>>

/** Where a mixer stands: the width, the layers of the model and which of them this is, and the positions of a training window. */
export interface MixerContext {
  readonly d_model: number
  readonly n_layer: number
  /** From 0. */
  readonly layer: number
  readonly seqlen: number
}

/** What `forward` is told besides its input. */
export interface Aux {
  readonly packed?: Packed
  readonly tap?: Tap
}
/** Stands between a mixer's values and what it makes of them; `map` is linear in `values` and mixes positions, channel by channel. */
export type Tap = (values: Value, map: (values: Value) => Value) => Value

/**
 * A token mixer: x (batch·seqlen, d_model) → the same shape. One file and one line in `registry.ts` add one.
 * It knows nothing of norm, residual, MLP, device, data or optimiser. `forward` over a sequence equals `step` unrolled.
 * `testing/mixerSuite.ts` derives its tests from the capability flags and from kernels/golden/<name>.json.
 */
export interface Mixer<Config = Record<string, unknown>> {
  readonly name: string
  readonly title: string
  /** Who published it and where. */
  readonly citation: string
  /** No output depends on a later input. */
  readonly causal: boolean
  /** A transform of the whole sequence spreads the rounding of later positions over earlier ones; without it causality holds to the bit. */
  readonly spreadsRounding?: true
  /** The MLP that follows it in the published block; left out where there is none. */
  readonly mlp?: { readonly kind: 'gelu' | 'geglu' | 'swiglu'; readonly ratio: number }
  /** Options with ranges, defaults and help; forms, CLI and docs are made from it. */
  readonly schema: z.ZodType
  /** Fills in sizes that follow from where the mixer stands. Throws a sentence if the combination is impossible. */
  resolve(options: Record<string, unknown>, context: MixerContext): Config
  /** Names are the published checkpoint's names inside the mixer. */
  params(config: Config): Record<string, ParamSpec>
  forward(builder: GraphBuilder, params: Params, x: Value, config: Config, dims: { batch: number; seqlen: number }, aux?: Aux): Value
  /**
   * Of a mixer that is linear in its values: how many matrices there are, one for each head or channel. Then `forward` gives values
   * (R, matrices·width) and the map that is linear in them to `aux.tap`. Left out where what is kept also decides what is kept.
   */
  matrices?(config: Config): number
  /** Positions it needs between two records of a packed sequence. */
  gap(config: Config): number
  /** Elements of recurrent state per sequence, by name. */
  state(config: Config): Record<string, number>
  /** x (batch, d_model) → (batch, d_model). state values are (batch, elements) and are overwritten; all zero before the first token. */
  step(builder: GraphBuilder, params: Params, x: Value, state: Params, config: Config): Value
  /** Multiply-adds ×2 of the forward pass, per token. */
  flopsPerToken(config: Config): number
}
