import { answerCounts, openTaskWindows, type TaskWindows } from '../../datasets/batching/taskWindows.ts'
import type { ReadableStore } from '../../datasets/store/store.ts'
import type { Backend, DeviceBuffer, Program } from '../../kernels/backends/backend.ts'
import { forwardPlan } from '../../kernels/models/plans.ts'
import type { Baseline, Evaluation } from '../../main/contract/run.ts'
import type { Split } from '../../main/contract/dataset.ts'
import { refuse } from '../config/check.ts'
import { configure } from '../config/configure.ts'
import type { TrainedRun } from '../runs/loadRun.ts'
import { meanWithInterval } from './bootstrap.ts'
import type { Judged } from './evaluateRun.ts'

const WORST = 10
/** More different lengths than this are shown in as many groups. */
const LENGTHS = 8
const EXCERPT = 40

/** One record judged: how many of its answers are right, the last one among them, and −ln p of all of them. */
interface Answered {
  index: number
  length: number
  asked: number
  right: number
  last: boolean
  nats: number
}

/**
 * Accuracy over the positions of held-out records where an answer is asked for (the most probable id is the answer), over whole records
 * (every answer right) and over the last answer of each, by length. Records are read whole, also where they are longer than any trained on.
 */
export async function scoreTask(
  store: ReadableStore,
  backend: Backend,
  trained: TrainedRun,
  split: Exclude<Split, 'train'>,
  progress: (fraction: number) => Promise<void>,
): Promise<Judged> {
  const windows = openTaskWindows(store, trained.facts.id, split)
  const answered: Answered[] = []
  for (const [seqlen, indices] of groups(windows)) {
    const reader = await Reader.open(backend, trained, windows, seqlen)
    try {
      for (let at = 0; at < indices.length; at += reader.batch) {
        answered.push(...(await reader.answer(indices.slice(at, at + reader.batch))))
        await progress(answered.length / windows.records.length)
      }
    } finally {
      reader.destroy()
    }
  }
  answered.sort((a, b) => a.index - b.index)
  const sum = (of: (a: Answered) => number, all = answered): number => all.reduce((total, a) => total + of(a), 0)
  const asked = sum((a) => a.asked)
  const score = meanWithInterval(
    answered.map(({ right, asked: n }) => ({ sum: right, count: n })),
    100,
  )
  const exact = (100 * sum((a) => Number(a.right === a.asked))) / answered.length
  const guess = commonest(store, trained.facts.id, windows)
  const shown = (percent: number): string => percent.toFixed(1)
  const beside = score.low > guess.value ? 'against' : 'no better than chance beside'
  return {
    sentence: `${shown(score.value)} % of the answers right (95 % ${shown(score.low)} to ${shown(score.high)}), ${beside} ${shown(guess.value)} % for always giving the commonest one; ${shown(exact)} % of ${answered.length.toLocaleString('en')} records without a mistake.`,
    unit: '% right',
    score,
    also: [
      { name: 'records without a mistake, %', value: exact },
      { name: 'last answer right, %', value: (100 * sum((a) => Number(a.last))) / answered.length },
      { name: 'nats per answer', value: sum((a) => a.nats) / asked },
    ],
    baselines: [guess],
    count: asked,
    byPosition: [],
    byLength: byLength(answered),
    worst: answered
      .filter(({ right, asked: n }) => right < n)
      .sort((a, b) => a.right / a.asked - b.right / b.asked)
      .slice(0, WORST)
      .map(({ index, right, asked: n }) => ({
        record: windows.records[index].record,
        position: 0,
        value: (100 * right) / n,
        excerpt: excerpt(windows, index),
      })),
  }
}

/** Records by the window they are read in: the smallest power of two that holds them, from 16 on, but never beyond the longest. */
function groups(windows: TaskWindows): Map<number, number[]> {
  const found = new Map<number, number[]>()
  windows.records.forEach(({ length }, index) => {
    const seqlen = Math.min(windows.longest, Math.max(16, 2 ** Math.ceil(Math.log2(length))))
    if (!found.has(seqlen)) found.set(seqlen, [])
    found.get(seqlen)!.push(index)
  })
  return new Map([...found].sort(([a], [b]) => a - b))
}

type Buffers = Readonly<Record<'input' | 'params' | 'output', DeviceBuffer>>

/** The trained parameters under a window of another length. */
class Reader {
  readonly batch: number
  readonly #windows: TaskWindows
  readonly #seqlen: number
  readonly #buffers: Buffers
  readonly #program: Program
  readonly #tokens: Int32Array<ArrayBuffer>
  readonly #targets: Int32Array

  private constructor(windows: TaskWindows, dims: { batch: number; seqlen: number }, buffers: Buffers, program: Program) {
    this.batch = dims.batch
    this.#windows = windows
    this.#seqlen = dims.seqlen
    this.#buffers = buffers
    this.#program = program
    this.#tokens = new Int32Array(dims.batch * dims.seqlen)
    this.#targets = new Int32Array(dims.batch * dims.seqlen)
  }

  static async open(backend: Backend, { experiment, facts, params }: TrainedRun, windows: TaskWindows, seqlen: number): Promise<Reader> {
    const { config, dims } = experiment
    const { model } = configure({ ...config, data: { ...config.data, seqlen } }, facts)
    if (model.parameterCount !== experiment.model.parameterCount)
      refuse(
        'data.seqlen',
        `This model has parameters for each of ${dims.seqlen} positions, so it cannot read records of ${windows.longest} tokens. Train it with data.seqlen ${windows.longest}.`,
      )
    // as many positions at once as a training step has, so that no more memory is needed
    const batch = Math.max(1, Math.min(Math.floor((dims.batch * dims.seqlen) / seqlen), 256))
    const rows = batch * seqlen
    const buffers = {
      input: backend.createBuffer(rows, 'i32', 'input'),
      params: backend.createBuffer(model.arenaElements, 'f32', 'params'),
      output: backend.createBuffer(rows * windows.vocab, 'f32', 'output'),
    }
    buffers.params.write(params)
    return new Reader(
      windows,
      { batch, seqlen },
      buffers,
      await backend.compile(forwardPlan(model, { batch, seqlen }, backend.sizes), buffers),
    )
  }

  async answer(indices: readonly number[]): Promise<Answered[]> {
    const seqlen = this.#seqlen
    const { vocab, records } = this.#windows
    indices.forEach((index, row) => this.#windows.fill(index, seqlen, this.#tokens, this.#targets, row * seqlen))
    this.#buffers.input.write(this.#tokens)
    this.#program.run()
    const logits = (await this.#buffers.output.read()) as Float32Array
    return indices.map((index, row) => {
      const { length } = records[index]
      const result: Answered = { index, length, asked: 0, right: 0, last: false, nats: 0 }
      for (let t = 0; t < length; t++) {
        const target = this.#targets[row * seqlen + t]
        if (target < 0) continue
        const { best, nats } = judge(logits, (row * seqlen + t) * vocab, vocab, target)
        result.asked++
        result.last = best === target
        if (result.last) result.right++
        result.nats += nats
      }
      return result
    })
  }

  destroy(): void {
    this.#program.destroy()
    for (const buffer of Object.values(this.#buffers)) buffer.destroy()
  }
}

/** The most probable id of one position, and −ln p of the wanted one. */
function judge(logits: Float32Array, at: number, vocab: number, target: number): { best: number; nats: number } {
  let best = 0
  for (let id = 1; id < vocab; id++) if (logits[at + id] > logits[at + best]) best = id
  let total = 0
  for (let id = 0; id < vocab; id++) total += Math.exp(logits[at + id] - logits[at + best])
  return { best, nats: Math.log(total) + logits[at + best] - logits[at + target] }
}

function byLength(answered: readonly Answered[]): NonNullable<Evaluation['byLength']> {
  const sorted = [...answered].sort((a, b) => a.length - b.length)
  const different = [...new Set(sorted.map(({ length }) => length))]
  const size = Math.ceil(different.length / LENGTHS)
  const found: NonNullable<Evaluation['byLength']> = []
  for (let i = 0; i < different.length; i += size) {
    const within = new Set(different.slice(i, i + size))
    const group = sorted.filter(({ length }) => within.has(length))
    const asked = group.reduce((sum, a) => sum + a.asked, 0)
    const percent = (n: number, of: number): number => (100 * n) / of
    found.push({
      from: different[i],
      to: different[Math.min(i + size, different.length) - 1],
      records: group.length,
      value: percent(
        group.reduce((sum, a) => sum + a.right, 0),
        asked,
      ),
      exact: percent(group.filter((a) => a.right === a.asked).length, group.length),
      last: percent(group.filter((a) => a.last).length, group.length),
    })
  }
  return found
}

/** Always the answer that is commonest in training. */
function commonest(store: ReadableStore, datasetId: number, heldOut: TaskWindows): Baseline {
  const train = answerCounts(openTaskWindows(store, datasetId, 'train'))
  const best = train.indexOf(train.reduce((a, b) => Math.max(a, b)))
  const counts = answerCounts(heldOut)
  return { name: 'the commonest answer', value: (100 * counts[best]) / counts.reduce((a, b) => a + b, 0) }
}

function excerpt(windows: TaskWindows, index: number): string {
  const { length } = windows.records[index]
  const tokens = new Int32Array(length)
  windows.fill(index, length, tokens, new Int32Array(length), 0)
  return windows.codec.decode(tokens.subarray(0, EXCERPT)) + (length > EXCERPT ? ' …' : '')
}
