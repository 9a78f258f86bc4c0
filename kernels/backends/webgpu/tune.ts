import type { Command, Operand, Plan } from '../../graph/plan.ts'
import { ops } from '../../ops/registry.ts'
import type { TensorType } from '../../tensor/tensor.ts'
import type { WebGpuBuffer } from './buffer.ts'
import type { Choice, Variants } from './choices.ts'
import { DIFFERENCE_SUMS, differenceDispatch, noiseDispatch, readDifferences, spoilDispatch } from './compare.ts'
import { forwardPass, widened } from './forwardPass.ts'
import { kernels } from './kernels.ts'
import type { WebGpuProgram } from './program.ts'
import type { WebGpuBackend } from './webgpu.ts'
import type { Dispatch, Target } from './wgsl.ts'

/** A kernel of a plan whose variants were not measured on this adapter. */
export interface Work {
  readonly command: Command
  readonly variants: Variants
}

export interface TuneOptions {
  /** Milliseconds for everything; what is not reached by then goes by rule. */
  readonly limitMs: number
  readonly signal?: AbortSignal
  tell(done: number, of: number): void
}

/** A variant must be so much faster than the rule's to be taken. */
const WORTH = 0.98
/** Allowed difference where inputs or outputs may be rounded to float16. */
const MIXED_TOLERANCE = 3e-3
/** Milliseconds of work in one timing, and of work before the timings of each shape: an idle card's clocks are a fifth of the working ones. */
const TIMING_MS = 3
const WARM_MS = 300

/** Work with larger operands goes by rule: a measurement holds its outputs twice. */
const MOST_BYTES = 2 ** 31

const bytes = ({ inputs, outputs }: Command): number => [...inputs, ...outputs].reduce((sum, o) => sum + 4 * o.rows * o.ld, 0)

/** What there is to measure for these plans, the most expensive first. */
export function unmeasured(backend: WebGpuBackend, plans: readonly Plan[]): Work[] {
  const { target } = backend
  if (target.software || !backend.adapter.features.includes('timestamp-query')) return []
  const found = new Map<string, Work & { cost: number }>()
  for (const command of plans.flatMap((p) => p.commands)) {
    const variants = kernels[command.op].variants?.(command.inputs, command.attrs, target, command.unread)
    if (!variants || ops[command.op].inPlace || variants.names.length < 2 || target.choices.has(command.op, variants)) continue
    const cost = ops[command.op].cost(command.inputs, command.attrs).flops
    const key = `${command.op} ${variants.key}`
    const known = found.get(key)
    if (known) known.cost += cost
    else found.set(key, { command, variants, cost })
  }
  return [...found.values()].sort((a, b) => b.cost - a.cost)
}

/** The work that a choice was measured on, where its kernel still has variants for it. */
export function workOf({ target }: WebGpuBackend, { op, inputs, attrs, unread }: Choice): Work | null {
  const variants = kernels[op].variants?.(inputs, attrs, target, unread)
  if (!variants) return null
  const operand = ({ rows, cols, dtype }: TensorType): Operand => ({ buffer: 0, offset: 0, rows, cols, ld: cols, dtype })
  return {
    command: {
      ...{ op, attrs, inputs: inputs.map(operand), outputs: ops[op].infer(inputs.map(widened), attrs).map(operand), scratch: null },
      ...(unread ? { unread } : {}),
    },
    variants,
  }
}

/** Measures each piece of work and enters what was chosen into the backend's choices; plans made afterwards follow them. */
export async function tune(backend: WebGpuBackend, work: readonly Work[], options: TuneOptions): Promise<Choice[]> {
  const until = performance.now() + options.limitMs
  const chosen: Choice[] = []
  for (const [index, each] of work.entries()) {
    const { command, variants } = each
    options.tell(index, work.length)
    options.signal?.throwIfAborted()
    const late = performance.now() >= until || bytes(command) > MOST_BYTES
    const best = late ? null : await measureVariants(backend, each, until).catch(ignoreFailure)
    const choice: Choice = {
      op: command.op,
      key: variants.key,
      name: best?.name ?? variants.names[0],
      ms: best?.ms ?? null,
      ruleMs: best?.ruleMs ?? null,
      at: new Date().toISOString(),
      inputs: command.inputs.map(({ rows, cols, dtype }) => ({ rows, cols, dtype })),
      attrs: command.attrs,
      ...(command.unread ? { unread: command.unread } : {}),
    }
    backend.target.choices.set(choice)
    chosen.push(choice)
  }
  return chosen
}

/** A measurement that fails (too little memory, say) leaves the rule; what is wrong with the device itself shows when the run's own kernels compile. */
const ignoreFailure = (): null => null

interface Candidate {
  readonly name: string
  readonly program: WebGpuProgram
  ms: number
}

interface Measured {
  readonly name: string
  readonly ms: number
  readonly ruleMs: number
  /** Variants that gave something else than the trusted one. */
  readonly wrong: readonly string[]
}

/**
 * The fastest variant of a command that gives what the trusted one gives, or null where time does not allow to tell. Inputs are noise; outputs are NaN before each comparison.
 */
export async function measureVariants(
  backend: WebGpuBackend,
  { command, variants: { key, names, trusted } }: Work,
  until: number,
): Promise<Measured | null> {
  const bench = new Bench(backend, command)
  try {
    const { op } = command
    const target = { ...backend.target }
    const rounded = target.mixed || [...command.inputs, ...command.outputs].some(({ dtype }) => dtype === 'f16')
    const targets = names.map((name) => ({ ...target, choices: target.choices.with(op, key, name) }))
    await bench.fill()
    const [reference, ...programs] = await Promise.all([
      bench.build(targets, names.indexOf(trusted), 'kept'),
      ...names.map((_, i) => bench.build(targets, i, 'trial').catch(() => null)),
    ])
    reference!.run()
    const alive: Candidate[] = []
    const wrong: string[] = []
    for (const [i, program] of programs.entries()) {
      if (!program || performance.now() > until) continue
      const difference = await bench.compare(program)
      // each is within the op's tolerance of the truth, so two of them are within twice that
      if (difference <= 2 * (rounded ? MIXED_TOLERANCE : ops[op].tolerance)) alive.push({ name: names[i], program, ms: Infinity })
      else wrong.push(names[i])
    }
    // While the variants were compiled the clocks fell; cold timings are several times too long and in no order.
    const usual = await warm(reference!)
    const raced = await race(alive, usual, until)
    return raced ? { ...pick(alive, names[0], trusted), wrong } : null
  } finally {
    bench.destroy()
  }
}

/** The fastest of those that were right, if it is worth leaving the rule for; a rule's variant that was wrong here counts for nothing. */
export function pick(
  right: readonly { readonly name: string; readonly ms: number }[],
  rule: string,
  trusted: string,
): { name: string; ms: number; ruleMs: number } {
  const usual = right.find(({ name }) => name === rule) ?? right.find(({ name }) => name === trusted)!
  const fastest = right.reduce((a, b) => (b.ms < a.ms ? b : a))
  const { name, ms } = fastest.ms < usual.ms * WORTH ? fastest : usual
  return { name, ms, ruleMs: usual.ms }
}

const replays = (ms: number, each: number): number => Math.max(1, Math.min(200, Math.round(ms / each)))

/** Keeps the card busy until its clocks are up; answers what the program then takes. */
async function warm(program: WebGpuProgram): Promise<number> {
  let ms = await program.measure(1)
  for (const end = performance.now() + WARM_MS; performance.now() < end;) {
    const count = replays(WARM_MS / 15, ms)
    ms = Math.min(ms, (await program.measure(count)) / count)
  }
  return ms
}

/**
 * Gives each its best time of some rounds in turn, the slow ones falling out; false where time was up before the second round. `usual` is
 * about what one takes.
 */
async function race(candidates: readonly Candidate[], usual: number, until: number): Promise<boolean> {
  let running = [...candidates]
  for (let round = 0; round < 5; round++) {
    for (const one of running) {
      if (performance.now() > until && round < 2) return false
      const repeats = replays(TIMING_MS, round === 0 ? usual : one.ms)
      one.ms = Math.min(one.ms, (await one.program.measure(repeats)) / repeats)
    }
    const least = Math.min(...running.map(({ ms }) => ms))
    running = running.filter((one) => one === candidates[0] || one.ms < least * (round === 0 ? 1.6 : 1.1))
  }
  return running.length > 0
}

interface Working {
  readonly scratch: Operand | null
  readonly saved: readonly (Operand | null)[]
  readonly before: Command | null
}

/** Memory for one command alone: noise as inputs, two sets of outputs, and programs of its variants. */
class Bench {
  readonly #backend: WebGpuBackend
  readonly #command: Command
  readonly #buffers: WebGpuBuffer[] = []
  readonly #programs: WebGpuProgram[] = []
  readonly #inputs: Operand[]
  readonly #outputs: { kept: Operand[]; trial: Operand[] }
  readonly #sums: Operand
  #compare: WebGpuProgram | null = null

  constructor(backend: WebGpuBackend, command: Command) {
    this.#backend = backend
    this.#command = command
    this.#inputs = command.inputs.map((o) => this.#place(o, o.ld))
    const real = command.outputs.filter((_, i) => !this.#opaque(i))
    const set = (): Operand[] => command.outputs.map((o, i) => (this.#opaque(i) ? this.#inputs[0] : this.#place(o)))
    this.#outputs = { kept: set(), trial: set() }
    this.#sums = this.#place({ rows: 1, cols: DIFFERENCE_SUMS * real.length, dtype: 'f32' })
  }

  #opaque(output: number): boolean {
    return ops[this.#command.op].opaque?.includes(output) ?? false
  }

  #place({ rows, cols, dtype }: TensorType, ld = cols): Operand {
    this.#buffers.push(this.#backend.createBuffer(rows * ld, dtype, 'measurement'))
    return { buffer: this.#buffers.length - 1, offset: 0, rows, cols, ld, dtype }
  }

  /** The command as the variant of targets[i]. Working space is made once, as much as the greediest variant wants. */
  async build(targets: readonly Target[], i: number, which: 'kept' | 'trial'): Promise<WebGpuProgram> {
    const { op, attrs } = this.#command
    this.#working ??= this.#room(targets)
    const outputs = this.#outputs[which].map((o, k) => this.#working!.saved[k] ?? o)
    const { scratch, before } = this.#working
    const gradient = kernels[op].dispatches({ op, attrs, inputs: this.#inputs, outputs, scratch }, targets[i])
    return this.#compile([...(before ? kernels[before.op].dispatches(before, targets[i]) : []), ...gradient])
  }

  #working: Working | null = null

  #room(targets: readonly Target[]): Working {
    const { op, attrs, inputs, outputs } = this.#command
    const flat = (size: (target: Target) => number): Operand | null => {
      const cols = Math.max(0, ...targets.map(size))
      return cols ? this.#place({ rows: 1, cols, dtype: 'f32' }) : null
    }
    return {
      before: this.#before(flat),
      scratch: flat((t) => kernels[op].scratch?.(inputs, attrs, t) ?? 0),
      saved: outputs.map((_, i) => (this.#opaque(i) ? flat((t) => kernels[op].opaque?.(inputs, attrs, t, i) ?? 0) : null)),
    }
  }

  /** The forward pass of a gradient that reads what it saved: timed with each variant, because they may want different things saved. */
  #before(flat: (size: (target: Target) => number) => Operand | null): Command | null {
    const forward = forwardPass(this.#command.op)
    if (!forward) return null
    const { op, first, saved } = forward
    const { attrs } = this.#command
    const inputs = this.#inputs.slice(first)
    const outputs = ops[op].infer(inputs.map(widened), attrs).map((type, i) => {
      if (!ops[op].opaque?.includes(i)) return this.#place(type)
      return (this.#inputs[saved] = flat((t) => kernels[op].opaque?.(inputs, attrs, t, i) ?? 0) ?? this.#inputs[saved])
    })
    return { op, attrs, inputs, outputs, scratch: flat((t) => kernels[op].scratch?.(inputs, attrs, t) ?? 0) }
  }

  async #compile(dispatches: readonly Dispatch[]): Promise<WebGpuProgram> {
    const program = await this.#backend.compileDispatches(dispatches, this.#buffers)
    this.#programs.push(program)
    return program
  }

  async fill(): Promise<void> {
    const { op } = this.#command
    const forward = forwardPass(op)
    const ranges = forward
      ? [...Array<undefined>(forward.first), ...(ops[forward.op].cases.at(-1)!.range ?? [])]
      : ops[op].cases.find((c) => c.inputs.length === this.#inputs.length)?.range
    const noise = await this.#compile(this.#inputs.map((o, i) => noiseDispatch(o, ranges?.[i] ?? [-1, 1], i)))
    noise.run()
  }

  /** The largest relative difference between an output of `program` and of the trusted one. */
  async compare(program: WebGpuProgram): Promise<number> {
    const { kept, trial } = this.#outputs
    const real = trial.flatMap((o, i) => (this.#opaque(i) ? [] : [[o, kept[i]] as const]))
    const spoil = await this.#compile(real.map(([o]) => spoilDispatch(o)))
    this.#compare ??= await this.#compile(real.map(([x, y], i) => differenceDispatch(x, y, this.#sums, i)))
    for (const each of [spoil, program, this.#compare]) each.run()
    return (await readDifferences(this.#buffers[this.#sums.buffer])).reduce((a, b) => (Number.isNaN(a) || a > b ? a : b))
  }

  destroy(): void {
    this.#programs.forEach((program) => program.destroy())
    this.#buffers.forEach((buffer) => buffer.destroy())
  }
}
