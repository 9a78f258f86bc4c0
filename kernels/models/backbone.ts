import type { GraphBuilder, Value } from '../graph/graph.ts'
import type { ParamSpec, Tap } from '../mixers/mixer.ts'
import type { Packed } from '../mixers/packed.ts'

/** Gives a parameter of the backbone by its name. */
export type Read = (name: string) => Value

/** What training does to the output of each part of a layer before it is added; nothing when a trained model is used. */
export type Drop = (x: Value) => Value

/** What lies in a batch besides its values. */
export interface Borders {
  /** (batch, 1) i32: of each sequence so many positions count, those behind are padding. Left out: all. */
  readonly lengths?: Value
  /** Of a layer by its place: what stands between its mixer's values and what becomes of them. */
  readonly tap?: (layer: number) => Tap | undefined
  /** Several records in each sequence. */
  readonly packed?: Packed
}

/** A layer as it was built: for summaries and for those who rebuild the model elsewhere. */
export interface LayerFacts {
  /** Of its parameters, below the backbone: 'layers.0.' */
  readonly prefix: string
  readonly mixer: string
  /** The mixer's options with every size filled in. */
  readonly config: Readonly<Record<string, unknown>>
  readonly mlp: 'none' | 'gelu' | 'geglu' | 'swiglu'
  readonly direction: 'forward' | 'both'
  /** No output depends on a later input. */
  readonly causal: boolean
  /** Matrices between positions that it may be written as, one for each head or channel; 0 where it is not linear in its values. */
  readonly matrices: number
  /** Positions between two records of a packed sequence. */
  readonly gap: number
}

/** Everything between the embedding and the last norm: x (batch·seqlen, d_model) → the same shape. */
export interface Backbone {
  readonly layers: readonly LayerFacts[]
  /** By name, without the prefix "backbone.". */
  readonly params: Readonly<Record<string, ParamSpec>>
  /** Elements of recurrent state per sequence; all zero before the first position. */
  readonly state: readonly { readonly name: string; readonly elements: number }[]
  forward(builder: GraphBuilder, read: Read, x: Value, dims: { batch: number; seqlen: number }, drop: Drop, borders: Borders): Value
  /** Positions between two runs of each slower part, each a multiple of the one before; left out where all of it runs at every position. */
  readonly periods?: readonly number[]
  /**
   * x (batch, d_model) → the same; each state value (batch, elements) is overwritten. `fired`: so many of the slower parts run at this
   * position, one whose place, counted from 1, their periods divide. Left out: all.
   */
  step(builder: GraphBuilder, read: Read, x: Value, state: Readonly<Record<string, Value>>, fired?: number): Value
  /** Floating point operations of the forward pass per position. */
  flopsPerToken(): number
}
