import type { GraphBuilder, Value } from '../graph/graph.ts'
import { fanIn, uniform } from '../mixers/initialise.ts'
import { linear } from '../mixers/linear.ts'
import type { Mixer, MixerContext, ParamSpec } from '../mixers/mixer.ts'
import { mixers } from '../mixers/registry.ts'
import { ACTIVATIONS } from '../ops/activation/functions.ts'
import type { Backbone, Drop, LayerFacts, Read } from './backbone.ts'
import { backwards, type LayerConfig, norm, type NormKind, normParams } from './layer.ts'

export interface SashimiConfig {
  /** Positions that become one, level by level. */
  readonly pool: readonly number[]
  /** Each level is so many times as wide as the one above. */
  readonly expand: number
  /** Inner width of the feed-forward blocks as a multiple of the level's width. */
  readonly ff: number
  /** Blocks on the way down too, each with a skip connection to its counterpart. */
  readonly unet: boolean
}

interface Block {
  readonly params: Readonly<Record<string, ParamSpec>>
  readonly state: Readonly<Record<string, number>>
  readonly facts?: LayerFacts
  readonly flops: number
  forward(builder: GraphBuilder, read: Read, x: Value, dims: { batch: number; seqlen: number }, drop: Drop): Value
  step(builder: GraphBuilder, read: Read, x: Value, state: Readonly<Record<string, Value>>): Value
}

/** One rate of the U: its blocks on the way down (`unet`) and up, and the pools to and from the slower rate below. */
interface Level {
  readonly width: number
  readonly pool: number
  readonly down: readonly Block[]
  readonly up: readonly Block[]
  readonly downPool: string
  readonly upPool: string
}

/** A position-wise linear layer as the published 1 × 1 convolutions are stored. */
const pointwise = (name: string, from: number, to: number): Record<string, ParamSpec> => ({
  [`${name}.weight`]: { shape: [to, from, 1], init: fanIn(), decay: true },
  [`${name}.bias`]: { shape: [to], init: uniform(1 / Math.sqrt(from)), decay: false },
})

/** x + mixer(norm(x)). */
function mixerBlock(prefix: string, { mixer: name, options }: LayerConfig, context: MixerContext, kind: NormKind): Block {
  const mixer: Mixer | undefined = mixers[name]
  if (!mixer) throw new Error(`There is no mixer named "${name}"; there are ${Object.keys(mixers).join(', ')}`)
  const { mlp, mlp_ratio, direction, ...own } = options
  if (mlp !== undefined || mlp_ratio !== undefined)
    throw new Error('SaShiMi has feed-forward blocks of its own; leave out mlp and mlp_ratio')
  const both = direction === 'both'
  const config = mixer.resolve(own, context)
  const names = Object.entries(mixer.params(config))
  const params = (read: Read) => Object.fromEntries(names.map(([p]) => [p, read(`${prefix}layer.${p}`)]))
  const state = Object.entries(mixer.state(config)).map(([s, elements]) => [s, `${prefix}${s}`, elements] as const)
  return {
    params: {
      ...normParams(kind, `${prefix}norm`, context.d_model),
      ...Object.fromEntries(names.map(([p, spec]) => [`${prefix}layer.${p}`, spec])),
    },
    state: Object.fromEntries(state.map(([, full, elements]) => [full, elements])),
    facts: {
      prefix,
      mixer: name,
      config,
      mlp: 'none',
      direction: both ? 'both' : 'forward',
      causal: mixer.causal && !both,
      matrices: 0,
      gap: mixer.gap(config),
    },
    flops: (both ? 2 : 1) * mixer.flopsPerToken(config) + 6 * context.d_model,
    forward(builder, read, x, dims, drop) {
      const normed = norm(builder, kind, read, `${prefix}norm`, x)
      const mix = (y: Value): Value => mixer.forward(builder, params(read), y, config, dims)
      let mixed = mix(normed)
      if (both) mixed = builder.one('add', [mixed, backwards(builder, normed, dims, {}, mix)])
      return builder.one('add', [drop(mixed), x])
    },
    step(builder, read, x, values) {
      const own = Object.fromEntries(state.map(([s, full]) => [s, values[full]]))
      return builder.one('add', [mixer.step(builder, params(read), norm(builder, kind, read, `${prefix}norm`, x), own, config), x])
    },
  }
}

/** x + W₂ GELU(W₁ norm(x)). */
function feedForward(prefix: string, width: number, ff: number, kind: NormKind): Block {
  const inner = Math.round(ff * width)
  const [first, second] = [`${prefix}layer.ff.0.0`, `${prefix}layer.ff.2`]
  const apply = (builder: GraphBuilder, read: Read, x: Value, drop: Drop): Value => {
    const hidden = linear(builder, norm(builder, kind, read, `${prefix}norm`, x), read(`${first}.weight`), read(`${first}.bias`))
    const active = builder.one('activation', [hidden], { kind: ACTIVATIONS.gelu })
    return builder.one('add', [drop(linear(builder, active, read(`${second}.weight`), read(`${second}.bias`))), x])
  }
  return {
    params: { ...normParams(kind, `${prefix}norm`, width), ...pointwise(first, width, inner), ...pointwise(second, inner, width) },
    state: {},
    flops: 4 * width * inner + 8 * inner + 6 * width,
    forward: (builder, read, x, _dims, drop) => apply(builder, read, x, drop),
    step: (builder, read, x) => apply(builder, read, x, (y) => y),
  }
}

/**
 * SaShiMi (Goel, Gu, Donahue & Ré 2022, arXiv:2202.09729, §4.2, figure 2): a residual stack at each of several rates. `pool` neighbouring
 * positions become one of the slower rate, `expand` times as wide; the slower rate's output is moved on by one of its positions before it
 * is spread out again, so that nothing leaks from the future, and added to what went down. `layers` with a feed-forward block after each
 * stand at every rate. Windows that `pool` does not divide are padded behind. `step` runs a slower rate only when its positions fill up.
 * Official implementation: state-spaces/s4, models/sashimi/sashimi.py, whose parameter names these are (its last norm is the model's).
 */
export function sashimi(
  { pool, expand, ff, unet }: SashimiConfig,
  layers: readonly LayerConfig[],
  { d_model, seqlen, norm: kind }: { d_model: number; seqlen: number; norm: NormKind },
): Backbone {
  if (pool.some((p) => !Number.isInteger(p) || p < 2)) throw new Error('SaShiMi pools at least 2 positions at each level')
  let mixerCount = 0
  const n_layer = layers.length * (pool.length * (unet ? 2 : 1) + 1)
  const blocks = (prefix: (i: number) => string, width: number, rate: number): Block[] =>
    layers.flatMap((layer, i) => {
      const context = { d_model: width, n_layer, layer: mixerCount++, seqlen: Math.ceil(seqlen / rate) }
      const mix = mixerBlock(prefix(ff > 0 ? 2 * i : i), layer, context, kind)
      return ff > 0 ? [mix, feedForward(prefix(2 * i + 1), width, ff, kind)] : [mix]
    })

  const widths = [d_model, ...pool.map((_, i) => d_model * expand ** (i + 1))]
  const rates = pool.reduce<number[]>((all, p) => [...all, all[all.length - 1] * p], [1])
  const perLevel = unet ? layers.length * (ff > 0 ? 2 : 1) + 1 : 1
  const downs = pool.map((_, i) => (unet ? blocks((k) => `d_layers.${i * perLevel + k}.`, widths[i], rates[i]) : []))
  const centre = blocks((k) => `c_layers.${k}.`, widths[pool.length], rates[pool.length])
  const levels: Level[] = pool.map((p, i) => {
    const up = `u_layers.${pool.length - 1 - i}.`
    const downPool = `d_layers.${i * perLevel + perLevel - 1}.linear`
    return {
      width: widths[i],
      pool: p,
      down: downs[i],
      up: blocks((k) => `${up}${k + 1}.`, widths[i], rates[i]),
      downPool,
      upPool: `${up}0.linear`,
    }
  })
  const all = [...downs.flat(), ...centre, ...levels.flatMap(({ up }) => up)]
  const flops =
    levels.reduce(
      (sum, { width, pool: p, down, up }, i) =>
        sum +
        [...down, ...up].reduce((s, b) => s + b.flops, 0) / rates[i] +
        (4 * width * p * expand * width) / rates[i + 1] +
        (2 * width) / rates[i],
      0,
    ) +
    centre.reduce((s, b) => s + b.flops, 0) / rates[pool.length]

  /** The published order of a pooled position's channels is position last; rows side by side have it first. */
  const weightOfDown = (builder: GraphBuilder, read: Read, { width, pool: p, downPool }: Level): Value =>
    builder.one('swap_axes', [read(`${downPool}.weight`)], { a: width, b: p, inner: 1 })
  const spread = (builder: GraphBuilder, read: Read, { width, pool: p, upPool }: Level, x: Value): Value => {
    const weight = builder.one('swap_axes', [read(`${upPool}.weight`)], { a: width, b: p, inner: width * expand })
    return linear(builder, x, weight, builder.one('swap_axes', [read(`${upPool}.bias`)], { a: width, b: p, inner: 1 }))
  }
  const through = (blocks: readonly Block[], run: (block: Block, x: Value) => Value, x: Value, seen?: Value[]): Value =>
    blocks.reduce((y, block) => {
      seen?.push(y)
      return run(block, y)
    }, x)

  /** One level and all below it; `run` applies a block, `below` gives the slower rates' part from what goes down. */
  const climb = (
    builder: GraphBuilder,
    { down, up }: Level,
    run: (block: Block, x: Value) => Value,
    below: (x: Value) => Value,
    x: Value,
  ): Value => {
    const seen: Value[] = []
    const lowest = through(down, run, x, seen)
    let y = builder.one('add', [below(lowest), lowest])
    if (!unet) return up.length ? builder.one('add', [through(up, run, y), y]) : y
    for (const block of up) y = builder.one('add', [run(block, y), seen.pop()!])
    return y
  }

  return {
    layers: all.flatMap(({ facts }) => facts ?? []),
    periods: rates.slice(1),
    params: Object.fromEntries([
      ...all.flatMap(({ params }) => Object.entries(params)),
      ...levels.flatMap(({ width, pool: p, downPool, upPool }) =>
        Object.entries({ ...pointwise(downPool, width * p, width * expand), ...pointwise(upPool, width * expand, width * p) }),
      ),
    ]),
    state: [
      ...all.flatMap(({ state }) => Object.entries(state).map(([name, elements]) => ({ name, elements }))),
      ...levels.flatMap(({ width, pool: p, downPool, upPool }) => [
        { name: `${downPool}.window`, elements: (p - 1) * width },
        { name: `${upPool}.frames`, elements: p * width },
      ]),
    ],
    forward(builder, read, x, { batch, seqlen: length }, drop, { lengths, packed }) {
      if (packed)
        throw new Error(
          'SaShiMi pools positions, so a border between two records would have to fall between pools: it takes one record a sequence',
        )
      const slowest = rates[pool.length]
      const padded = Math.ceil(length / slowest) * slowest
      const both = all.some(({ facts }) => facts && !facts.causal)
      if (lengths && both) throw new Error('A SaShiMi that reads in both directions takes sequences without padding')
      if (padded !== length && both)
        throw new Error(`A SaShiMi that reads in both directions takes windows of a multiple of ${slowest} positions, not of ${length}`)
      const move = (y: Value, from: number, to: number, shift: number): Value =>
        from === to && !shift ? y : builder.one('shift_rows', [y], { batch, from, to, shift })
      const from = (i: number, y: Value): Value => {
        const dims = { batch, seqlen: padded / rates[i] }
        const run = (block: Block, z: Value): Value => block.forward(builder, read, builder.checkpoint(z), dims, drop)
        if (i === levels.length) return builder.one('add', [through(centre, run, y), y])
        const { width, pool: p, downPool } = levels[i]
        const slow = dims.seqlen / p
        return climb(
          builder,
          levels[i],
          run,
          (z) => {
            const grouped = builder.reshape(z, batch * slow, p * width)
            const pooled = linear(builder, grouped, weightOfDown(builder, read, levels[i]), read(`${downPool}.bias`))
            const frames = spread(builder, read, levels[i], from(i + 1, pooled))
            return builder.reshape(move(frames, slow, slow, 1), batch * dims.seqlen, width)
          },
          y,
        )
      }
      return move(from(0, move(x, length, padded, 0)), padded, length, 0)
    },
    step(builder, read, x, state, fired = levels.length) {
      const run = (block: Block, z: Value): Value => block.step(builder, read, z, state)
      const from = (i: number, y: Value): Value => {
        if (i === levels.length) return builder.one('add', [through(centre, run, y), y])
        const { width, downPool, upPool } = levels[i]
        return climb(
          builder,
          levels[i],
          run,
          (z) => {
            const [window] = builder.apply('window_step', [z, state[`${downPool}.window`]])
            let next = builder.one('fill', [], { rows: z.type.rows, cols: width, value: 0 })
            if (i < fired) {
              const pooled = linear(builder, window, weightOfDown(builder, read, levels[i]), read(`${downPool}.bias`))
              next = spread(builder, read, levels[i], from(i + 1, pooled))
            }
            // The frame that goes out now was made before; a new set of frames takes its place.
            const [queue] = builder.apply('window_step', [next, state[`${upPool}.frames`]])
            return builder.split(queue, [width, queue.type.cols - width])[0]
          },
          y,
        )
      }
      return from(0, x)
    },
    flopsPerToken: () => flops,
  }
}
