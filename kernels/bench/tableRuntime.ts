interface Head {
  date: string
  backend: string
  machine: { cpu: string; cores: number; loadAverage?: number[] }
  node: string
}
export interface PredictResult extends Head {
  rates: { bytes: number; flops: number; exps: number; command: number }
  results: {
    name: string
    d_model: number
    n_layer: number
    batch: number
    seqlen: number
    memory: { predicted: number; measured: number }
    ms: { unseen: number; seen: number; measured: number }
  }[]
}
export interface GenerateResult extends Head {
  /** Bytes per second that one workgroup alone reads; on a GPU. */
  oneWorkgroup?: number
  results: {
    name: string
    mixer: string
    layers: number
    d_model: number
    vocab: number
    parameters: number
    tokensPerSecond: Record<string, number>
    topKAndTopP: number
  }[]
}
export interface SoakResult extends Head {
  steps: number
  seconds: number
  flat: boolean
  residentMB: number[]
  ownBytes: number[]
  handles: number[]
  left: number
}

interface Format {
  number(x: number): string
  day(date: string): string
  table(head: readonly string[], rows: readonly (readonly string[])[]): string
}

const ALLOWED = 0.15
const off = (predicted: number, measured: number): number => predicted / measured - 1
const percent = (x: number): string => `${x >= 0 ? '+' : '−'}${Math.abs(100 * x).toFixed(0)} %`
const within = (all: readonly number[]): string => `${all.filter((x) => Math.abs(x) <= ALLOWED).length} of ${all.length}`

const about = ({ machine, node, date }: Head, day: Format['day']): string =>
  `${machine.cpu}, ${machine.cores} cores; Node ${node}; ${day(date)}${machine.loadAverage ? `; load average ${machine.loadAverage.join(', ')}` : ''}.`

function predictSection(r: PredictResult, { number, day, table }: Format): string {
  const rows = r.results.map(({ name, n_layer, d_model, batch, seqlen, ms, memory }) => [
    `${name}, ${n_layer} layers of ${d_model}, batch ${batch}, length ${seqlen}`,
    number(ms.measured),
    `${number(ms.unseen)} (${percent(off(ms.unseen, ms.measured))})`,
    `${number(ms.seen)} (${percent(off(ms.seen, ms.measured))})`,
    number(memory.measured / 2 ** 20),
    `${number(memory.predicted / 2 ** 20)} (${percent(off(memory.predicted, memory.measured))})`,
  ])
  const of = (kind: 'unseen' | 'seen'): string => within(r.results.map(({ ms }) => off(ms[kind], ms.measured)))
  return `## Predicted against measured: ${r.backend}

${about(r, day)} Training steps, from \`npm run bench:predict\`. "Unseen" is predicted from commands measured on other sizes of the families so far,
as the form does; "own commands" after the commands of the plan itself were measured, as a run does before its first step. Within 15 %: ${of('unseen')} unseen,
${of('seen')} from own commands; memory ${within(r.results.map(({ memory }) => off(memory.predicted, memory.measured)))}.

${table(['training step', 'ms', 'unseen', 'own commands', 'MiB', 'predicted'], rows)}`
}

function generateSection(r: GenerateResult, { number, day, table }: Format): string {
  const counts = Object.keys(r.results[0].tokensPerSecond)
  const rows = r.results.map(({ name, mixer, layers, d_model, vocab, parameters, tokensPerSecond, topKAndTopP }) => [
    `${name}: ${mixer}, ${layers} layers of ${d_model}, vocabulary ${vocab}`,
    ...counts.map((count) => number(tokensPerSecond[count])),
    number(topKAndTopP),
    ...(r.oneWorkgroup ? [number(r.oneWorkgroup / (4 * parameters))] : []),
  ])
  const bound = r.oneWorkgroup
    ? ` One dispatch for many tokens would be one workgroup, which reads ${number(r.oneWorkgroup / 1e9)} GB/s here: the last column is\nwhat its reading of the weights alone would allow.`
    : ''
  return `## Tokens per second in generation: ${r.backend}

${about(r, day)} One sequence, drawn on the device, by how many tokens go to it at once (one at a time: the host waits for each).${bound}

${table(['model', ...counts, '64, top k and top p', ...(r.oneWorkgroup ? ['one workgroup, at most'] : [])], rows)}`
}

function soakSection(results: readonly SoakResult[], { number, day, table }: Format): string {
  const rows = results.map((r) => [
    r.backend,
    day(r.date),
    r.steps.toLocaleString('en'),
    number(r.seconds),
    `${number(r.residentMB[1])} to ${number(r.residentMB.at(-1)!)}`,
    `${r.handles[1]} to ${r.handles.at(-1)!}`,
    `${r.left} bytes`,
    r.flat ? 'flat' : 'NOT FLAT',
  ])
  return `## Long training of a tiny model

\`npm run bench:soak\`: resident memory and handles after a full collection, at the second tenth and at the end, and what the backend holds after everything is given back.

${table(['device', '', 'steps', 'seconds', 'resident MB', 'handles', 'left', ''], rows)}`
}

export function runtimeSections(
  results: { predict: readonly PredictResult[]; generate: readonly GenerateResult[]; soak: readonly SoakResult[] },
  format: Format,
): string[] {
  return [
    ...results.predict.map((r) => predictSection(r, format)),
    ...results.generate.map((r) => generateSection(r, format)),
    ...(results.soak.length ? [soakSection(results.soak, format)] : []),
  ]
}
