/**
 * The layers of a model, written as people say it: "4×mamba", "7×mlstm, 1×slstm", "3×(2×mamba, attention)". First to last.
 * "xlstm[7:1]" is seven layers of mLSTM and one of sLSTM (Beck et al. 2024, arXiv:2405.04517, §4).
 * "×", "x" and "*" are the same. Throws an Error with the sentence that says what is wrong.
 */
export function parseLayers(pattern: string, most = 256): string[] {
  const tokens = pattern.match(/\d+|[a-z_][a-z0-9_]*|[×*(),]|\S/gi) ?? []
  let at = 0
  const fail = (): never => {
    const near = tokens[at] === undefined ? 'it ends too early' : `"${tokens[at]}" is not expected there`
    throw new Error(`The layers "${pattern}" are not understood: ${near}. Write them like "4×mamba" or "3×(2×mamba, attention)".`)
  }
  const isTimes = (token: string | undefined): boolean => token === '×' || token === '*' || token?.toLowerCase() === 'x'
  const sequence = (): string[] => {
    const layers: string[] = []
    do {
      layers.push(...term())
      if (layers.length > most) throw new Error(`The layers "${pattern}" are more than ${most}.`)
    } while (tokens[at] === ',' && ++at)
    return layers
  }
  const term = (): string[] => {
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
    return repeat([tokens[at++].toLowerCase()], times)
  }
  /** xlstm[a:b] */
  const ratio = (): string[] => {
    at += 2
    const [mlstm, colon, slstm, close] = tokens.slice(at, at + 4)
    for (const part of [/^\d+$/.test(mlstm ?? ''), colon === ':', /^\d+$/.test(slstm ?? ''), close === ']']) {
      if (!part) fail()
      at++
    }
    if (Number(mlstm) + Number(slstm) === 0) throw new Error(`The layers "${pattern}" name no layer: one of the two numbers is at least 1.`)
    return [...repeat(['mlstm'], Number(mlstm)), ...repeat(['slstm'], Number(slstm))]
  }
  const repeat = (layers: string[], times: number): string[] => {
    if (layers.length * times > most) throw new Error(`The layers "${pattern}" are more than ${most}.`)
    return Array.from({ length: times }, () => layers).flat()
  }
  const layers = sequence()
  if (at < tokens.length) fail()
  return layers
}

/** The shortest of the ways to write these layers that a person reads at a glance: runs of the same are counted. */
export function writeLayers(layers: readonly string[]): string {
  const runs: { name: string; times: number }[] = []
  for (const name of layers) {
    const last = runs.at(-1)
    if (last?.name === name) last.times++
    else runs.push({ name, times: 1 })
  }
  return runs.map(({ name, times }) => `${times}×${name}`).join(', ')
}
