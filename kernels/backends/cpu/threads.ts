import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { CONTROL_GO, CONTROL_QUIT, CONTROL_READY } from './wasm/codes.ts'
import { Instance, type Memory, type Module } from './webassembly.ts'
import type { Probe } from './wide.ts'

interface Exports extends Probe {
  init(): void
  run(): void
  serve(thread: number): void
}

// Text, not a file: it must start from source, under a test runner and out of a bundle alike.
const helper = `
const { workerData: { module, memory, thread } } = require('node:worker_threads')
new WebAssembly.Instance(module, { env: { memory } }).exports.serve(thread)
`

/** The physical cores this process may use, at most 16: two hardware threads of one core share its multipliers. */
export function physicalCores(): number {
  const logical = availableParallelism()
  let paired = process.arch === 'x64' && process.platform !== 'linux' && logical >= 4
  if (process.platform === 'linux') {
    try {
      paired = readFileSync('/sys/devices/system/cpu/smt/active', 'utf8').trim() === '1'
    } catch {
      paired = false
    }
  }
  return Math.min(16, paired ? Math.max(1, logical >> 1) : logical)
}

/** One instance of the kernels on the calling thread and one on each helper thread, all on one memory. */
export class ThreadTeam {
  readonly size: number
  readonly #exports: Exports
  readonly #memory: Memory
  readonly #workers: Worker[] = []
  #stopped = false

  private constructor(module: Module, memory: Memory, size: number) {
    this.size = size
    this.#memory = memory
    this.#exports = new Instance(module, { env: { memory } }).exports as unknown as Exports
    this.#exports.init()
    for (let thread = 1; thread < size; thread++) {
      const worker = new Worker(helper, { eval: true, workerData: { module, memory, thread } })
      this.#workers.push(worker)
    }
  }

  static async start(module: Module, memory: Memory, size: number): Promise<ThreadTeam> {
    const team = new ThreadTeam(module, memory, size)
    const failed = new Promise<never>((_, reject) => team.#workers.forEach((w) => w.once('error', reject)))
    const control = new Int32Array(memory.buffer)
    for (let ready = 0; (ready = Atomics.load(control, CONTROL_READY >> 2)) < size - 1;) {
      const wait = Atomics.waitAsync(control, CONTROL_READY >> 2, ready, 1000)
      if (wait.async) await Promise.race([wait.value, failed])
    }
    // From here on they do not keep the process alive.
    team.#workers.forEach((w) => w.unref())
    return team
  }

  get probe(): Probe {
    return this.#exports
  }

  /** Runs the list named in the control words; blocks until every thread is done. */
  run(): void {
    // Without its helpers a run would wait for ever.
    if (this.#stopped) throw new Error('The CPU backend was closed; open it again to run.')
    this.#exports.run()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    const control = new Int32Array(this.#memory.buffer)
    Atomics.store(control, CONTROL_QUIT >> 2, 1)
    Atomics.add(control, CONTROL_GO >> 2, 1)
    Atomics.notify(control, CONTROL_GO >> 2)
    await Promise.all(this.#workers.map((w) => w.terminate()))
  }
}
