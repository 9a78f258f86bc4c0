import type { Plan } from '../../graph/plan.ts'
import type { BufferSizes } from '../../graph/memory.ts'
import type { DType } from '../../tensor/tensor.ts'
import type { Backend, DeviceBuffer, Program, Room } from '../backend.ts'
import { encode } from './encode.ts'
import { kernels } from './kernels.ts'
import { cpuRoom, SharedHeap } from './memory.ts'
import { sourceDigest } from './sources.ts'
import { physicalCores, ThreadTeam } from './threads.ts'
import {
  CONTROL_END,
  CONTROL_LIST,
  CONTROL_LOCAL,
  CONTROL_LOCAL_BYTES,
  CONTROL_THREADS,
  CONTROL_WIDE,
  EDGE_BYTES,
  HEAP_START,
} from './wasm/codes.ts'
import { askForWideRegisters, hasWideRegisters } from './wide.ts'
import { compile, Memory, type Module, validate } from './webassembly.ts'

export interface CpuOptions {
  /** Threads including the calling one. Default: one per physical core, at most 16. */
  readonly threads?: number
  /** false: the build without fused multiply-add even where the engine has it. For tests. */
  readonly fma?: boolean
  /** false: 128-bit registers even where the engine can use wider ones. For tests. */
  readonly wide?: boolean
}

/** Relaxed SIMD in the engine: a module whose one function is f32x4.relaxed_madd. */
const RELAXED_MADD = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 8, 1, 96, 3, 123, 123, 123, 1, 123, 3, 2, 1, 0, 10, 13, 1, 11, 0, 32, 0, 32, 1, 32, 2, 253, 133, 2, 11,
]

/** The compiled kernels, and whether this very V8 was seen to compile them all with wide registers. */
async function kernelModule(fma: boolean): Promise<{ module: Module; mayWide: boolean }> {
  let built: { digest: string; checkedWith: string; wide: boolean; fma: string; plain: string }
  try {
    built = await import('./generated/wasm.ts')
  } catch {
    throw new Error('The CPU kernels are not built: run "npm run build:wasm" once (npm install does).')
  }
  const sources = sourceDigest()
  if (sources !== null && sources !== built.digest)
    throw new Error('The compiled CPU kernels do not belong to these sources: run "npm run build:wasm" once (npm install does).')
  const mayWide = built.wide && built.checkedWith === process.versions.v8 && process.env.STRAND_WIDE_SIMD !== '0'
  if (mayWide) askForWideRegisters()
  return { module: await compile(Buffer.from(fma ? built.fma : built.plain, 'base64')), mayWide }
}

class CpuBuffer implements DeviceBuffer {
  readonly elements: number
  readonly dtype: DType
  readonly address: number
  readonly #heap: SharedHeap
  #live = true
  constructor(heap: SharedHeap, elements: number, dtype: DType, label: string) {
    this.elements = elements
    this.dtype = dtype
    this.#heap = heap
    this.address = heap.allocate(4 * elements, label)
  }
  #view(offset: number, count: number): Float32Array | Int32Array {
    if (!this.#live || offset < 0 || offset + count > this.elements)
      throw new RangeError(`${count} elements from ${offset} on are outside a buffer of ${this.#live ? this.elements : 0}`)
    const [memory, at] = [this.#heap.memory.buffer, this.address + 4 * offset]
    return this.dtype === 'f32' ? new Float32Array(memory, at, count) : new Int32Array(memory, at, count)
  }
  write(data: Float32Array | Int32Array, offset = 0): void {
    this.#view(offset, data.length).set(data)
  }
  read(offset = 0, count = this.elements - offset): Promise<Float32Array | Int32Array> {
    const view = this.#view(offset, count)
    return Promise.resolve(this.dtype === 'f32' ? new Float32Array(view) : new Int32Array(view))
  }
  destroy(): void {
    if (this.#live) this.#heap.release(this.address)
    this.#live = false
  }
}

/**
 * SIMD kernels in WebAssembly on one shared memory; N threads walk the plan's command list together, each taking units of work until
 * none is left. Sums are split by shape alone, so results are the same bits for any number of threads.
 */
export class CpuBackend implements Backend {
  readonly name = 'cpu'
  readonly description: string
  readonly threads: number
  readonly lost = new Promise<string>(() => {})
  readonly sizes: BufferSizes = {
    opaque: (op, inputs, attrs) => kernels[op].opaque?.(inputs, attrs) ?? 0,
    scratch: (op, inputs, attrs) => kernels[op].scratch?.(inputs, attrs) ?? 0,
  }
  readonly #heap: SharedHeap
  readonly #team: ThreadTeam
  #local = { address: 0, bytes: 0 }

  private constructor(heap: SharedHeap, team: ThreadTeam, fma: boolean, wide: boolean) {
    this.#heap = heap
    this.#team = team
    this.threads = team.size
    this.description = `CPU, ${team.size} ${team.size === 1 ? 'thread' : 'threads'}, ${wide ? '256' : '128'}-bit SIMD with${fma ? '' : 'out'} FMA`
  }

  static async open(options: CpuOptions = {}): Promise<CpuBackend> {
    const threads = options.threads ?? physicalCores()
    if (!Number.isInteger(threads) || threads < 1) throw new RangeError(`threads is ${threads}; it must be a whole number of at least 1`)
    const fma = options.fma !== false && validate(Uint8Array.from(RELAXED_MADD))
    const memory = new Memory({ initial: 16, maximum: 65536, shared: true })
    const { module, mayWide } = await kernelModule(fma)
    const team = await ThreadTeam.start(module, memory, threads)
    const heap = new SharedHeap(memory, HEAP_START)
    const wide = mayWide && options.wide !== false && hasWideRegisters(team.probe, heap)
    new Int32Array(memory.buffer)[CONTROL_WIDE >> 2] = Number(wide)
    return new CpuBackend(heap, team, fma, wide)
  }

  /** Bytes in use by buffers and programs. */
  get allocatedBytes(): number {
    return this.#heap.allocated - this.#local.bytes * this.threads
  }

  submit(programs: readonly Program[]): void {
    for (const program of programs) program.run()
  }

  room(): Room {
    return cpuRoom(this.#heap.allocated, this.#heap.memory.buffer.byteLength)
  }

  createBuffer(elements: number, dtype: DType, label: string): DeviceBuffer {
    return new CpuBuffer(this.#heap, elements, dtype, label)
  }

  compile(plan: Plan, externals: Readonly<Record<string, DeviceBuffer>>): Promise<Program> {
    const owned: number[] = []
    const addresses = plan.buffers.map((b) => {
      if (b.kind === 'arena') {
        owned.push(this.#heap.allocate(4 * b.elements, 'working memory'))
        return owned[owned.length - 1]
      }
      const buffer = externals[b.name] as CpuBuffer | undefined
      if (!buffer || buffer.elements < b.elements)
        throw new RangeError(
          `The plan needs buffer ${b.name} with ${b.elements} elements; ${buffer ? `it has ${buffer.elements}` : 'it is missing'}.`,
        )
      return buffer.address
    })
    const { words, starts, local, parallel } = encode(plan, addresses)
    const list = this.#heap.allocate(4 * words.length, 'command list')
    owned.push(list)
    new Int32Array(this.#heap.memory.buffer, list, words.length).set(words)
    this.#reserveLocal(local)
    const runPart = (first: number, end: number): void => {
      if (!owned.length) throw new Error('This program was destroyed.')
      const control = new Uint32Array(this.#heap.memory.buffer, 0, HEAP_START >> 2)
      control[CONTROL_LIST >> 2] = list + 4 * first
      control[CONTROL_END >> 2] = list + 4 * end
      control[CONTROL_THREADS >> 2] = parallel ? this.threads : 1
      control[CONTROL_LOCAL >> 2] = this.#local.address
      control[CONTROL_LOCAL_BYTES >> 2] = this.#local.bytes
      this.#team.run()
    }
    return Promise.resolve({
      run: () => runPart(0, words.length),
      done: () => Promise.resolve(),
      profile: () =>
        Promise.resolve(
          plan.commands.map((_, i) => {
            const began = performance.now()
            runPart(starts[i], starts[i + 1])
            return performance.now() - began
          }),
        ),
      destroy: () => owned.splice(0).forEach((address) => this.#heap.release(address)),
    })
  }

  /** One private range per thread, shared by all programs: they run one at a time. */
  #reserveLocal(bytes: number): void {
    if (bytes <= this.#local.bytes) return
    this.#heap.release(this.#local.address)
    // Not a power of two: the threads' ranges should not fall on the same cache sets.
    const each = Math.ceil(bytes / 64) * 64 + EDGE_BYTES + 192
    this.#local = { address: this.#heap.allocate(each * this.threads, 'thread memory'), bytes: each }
  }

  destroy(): void {
    void this.#team.stop()
  }
}
