export type Options = Readonly<Record<string, number | boolean | string>>

/** One layer: its mixer, and the options that are its own, before those of all layers of this mixer. */
export interface LayerSpec {
  mixer: string
  own: Options
}

/**
 * The layers of a model, written as people say it: "4×mamba", "7×mlstm, 1×slstm", "3×(2×mamba, attention)". First to last.
 * "2×mamba, attention{n_heads: 4, window: 64}" gives that layer options of its own. "xlstm[7:1]" is seven layers of mLSTM and one of sLSTM (Beck et al. 2024, arXiv:2405.04517, §4).
 * "×", "x" and "*" are the same. Throws an Error with the sentence that says what is wrong.
 */
export function parseLayers(pattern: string, most = 256): LayerSpec[] {
  const tokens = pattern.match(/\{[^}]*\}|\d+|[a-z_][a-z0-9_]*|[×*(),]|\S/gi) ?? []
  let at = 0
  const fail = (): never => {
    const near = tokens[at] === undefined ? 'it ends too early' : `"${tokens[at]}" is not expected there`
    throw new Error(`The layers "${pattern}" are not understood: ${near}. Write them like "4×mamba" or "3×(2×mamba, attention)".`)
  }
  const isTimes = (token: string | undefined): boolean => token === '×' || token === '*' || token?.toLowerCase() === 'x'
  const sequence = (): LayerSpec[] => {
    const layers: LayerSpec[] = []
    do {
      layers.push(...term())
      if (layers.length > most) throw new Error(`The layers "${pattern}" are more than ${most}.`)
    } while (tokens[at] === ',' && ++at)
    return layers
  }
  const term = (): LayerSpec[] => {
    let times = 1
    if (/^\d+$/.test(tokens[at] ?? '')) {
      times = Number(tokens[at++])
      if (times < 1 || times > most) throw new Error(`The layers "${pattern}" repeat something ${times} times; 1 to ${most} are possible.`)
      // "4xmamba" is read as 4 and xmamba
      if (/^x[a-z]/i.test(tokens[at] ?? '')) tokens[at] = tokens[at].slice(1)
      else if (isTimes(tokens[at])) at++
      else fail()
    }
    if (tokens[at] === '(') {
      at++
      const inner = sequence()
      if (tokens[at] !== ')') fail()
      at++
      return repeat(inner, times)
    }
    if (!/^[a-z_]\w*$/i.test(tokens[at] ?? '')) fail()
    if (tokens[at].toLowerCase() === 'xlstm' && tokens[at + 1] === '[') return repeat(ratio(), times)
    const mixer = tokens[at++].toLowerCase()
    return repeat([{ mixer, own: tokens[at]?.startsWith('{') && tokens[at].endsWith('}') ? optionsIn(tokens[at++]) : {} }], times)
  }
  /** xlstm[a:b] */
  const ratio = (): LayerSpec[] => {
    at += 2
    const [mlstm, colon, slstm, close] = tokens.slice(at, at + 4)
    for (const part of [/^\d+$/.test(mlstm ?? ''), colon === ':', /^\d+$/.test(slstm ?? ''), close === ']']) {
      if (!part) fail()
      at++
    }
    if (Number(mlstm) + Number(slstm) === 0) throw new Error(`The layers "${pattern}" name no layer: one of the two numbers is at least 1.`)
    return [...repeat([plain('mlstm')], Number(mlstm)), ...repeat([plain('slstm')], Number(slstm))]
  }
  const repeat = (layers: LayerSpec[], times: number): LayerSpec[] => {
    if (layers.length * times > most) throw new Error(`The layers "${pattern}" are more than ${most}.`)
    return Array.from({ length: times }, () => layers).flat()
  }
  const layers = sequence()
  if (at < tokens.length) fail()
  return layers
}

const plain = (mixer: string): LayerSpec => ({ mixer, own: {} })

/** "{n_heads: 4, init: lin}" → the options in it. */
function optionsIn(text: string): Options {
  const entries = text
    .slice(1, -1)
    .split(',')
    .map((part) => /^\s*([a-z_]\w*)\s*[:=]\s*([\w.+-]+)\s*$/i.exec(part))
  const wrong = entries.indexOf(null)
  if (wrong >= 0)
    throw new Error(
      `"${text.slice(1, -1).split(',')[wrong].trim()}" is no option of a layer in ${text}; write them like {n_heads: 4, window: 64}.`,
    )
  return Object.fromEntries(entries.map((entry) => [entry![1], valueOf(entry![2])]))
}

function valueOf(text: string): number | boolean | string {
  if (text === 'true' || text === 'false') return text === 'true'
  return Number.isFinite(Number(text)) ? Number(text) : text
}

const written = ({ mixer, own }: LayerSpec): string => {
  const options = Object.entries(own).map(([key, value]) => `${key}: ${value}`)
  return options.length ? `${mixer}{${options.join(', ')}}` : mixer
}

/** The shortest of the ways to write these layers that a person reads at a glance: runs of the same are counted. */
export function writeLayers(layers: readonly LayerSpec[]): string {
  const runs: { text: string; times: number }[] = []
  for (const layer of layers) {
    const text = written(layer)
    const last = runs.at(-1)
    if (last?.text === text) last.times++
    else runs.push({ text, times: 1 })
  }
  return runs.map(({ text, times }) => `${times}×${text}`).join(', ')
}

/**
 * Layers as a list, ["2×mamba", { "mixer": "attention", "n_heads": 4 }], in the one form a configuration keeps; anything else as it is.
 * Throws an Error with the sentence that says which entry is wrong.
 */
export function layersAsText(layers: unknown): unknown {
  if (!Array.isArray(layers)) return layers
  return writeLayers(
    layers.flatMap((layer: unknown, at): LayerSpec[] => {
      if (typeof layer === 'string') return parseLayers(layer)
      const { mixer, ...own } = (layer ?? {}) as Record<string, unknown>
      const simple = Object.values(own).every((value) => ['number', 'boolean', 'string'].includes(typeof value))
      if (typeof mixer !== 'string' || !simple)
        throw new Error(
          `Entry ${at + 1} of the layers is ${JSON.stringify(layer)}; it must be a mixer's name, or an object such as {"mixer": "attention", "n_heads": 4}.`,
        )
      return [{ mixer, own: own as Options }]
    }),
  )
}
