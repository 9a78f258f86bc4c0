import type { BufferSizes } from '../graph/memory.ts'
import type { Plan } from '../graph/plan.ts'
import type { DType } from '../tensor/tensor.ts'

/** Memory the backend owns. All counts in elements of 4 bytes; new buffers are zero. */
export interface DeviceBuffer {
  readonly elements: number
  readonly dtype: DType
  write(data: Float32Array | Int32Array, offset?: number): void
  /** Waits for everything submitted before. */
  read(offset?: number, count?: number): Promise<Float32Array | Int32Array>
  destroy(): void
}

/** A compiled plan. `run` submits one replay and returns at once where the device works on its own; `done` waits for all replays. */
export interface Program {
  run(): void
  done(): Promise<void>
  /** Milliseconds of each command of the plan by itself, in order, for measurements: each is run once or several times over. */
  profile(): Promise<number[]>
  destroy(): void
}

/**
 * Runs plans. Three exist: `reference` (float64 loops, the definition), `cpu` (SIMD and threads in WASM), `webgpu` (WGSL).
 * The same plan gives the same results on each, within the ops' tolerances; two runs on one backend are equal to the bit.
 */
export interface Room {
  /** Bytes that may still be taken; Infinity where the device does not say. */
  readonly bytes: number
  /** Bytes of the largest buffer. */
  readonly buffer: number
}

/** The device has too little memory for a plan's working buffers. The message is for people. */
export class OutOfMemory extends Error {}

export interface Backend {
  readonly name: 'reference' | 'cpu' | 'webgpu'
  /** For people: "CPU, 2 threads, SIMD with FMA", "NVIDIA H100 (Vulkan)". */
  readonly description: string
  readonly sizes: BufferSizes
  createBuffer(elements: number, dtype: DType, label: string): DeviceBuffer
  /** `externals` must hold every external buffer the plan names, each at least as large as the plan says. */
  compile(plan: Plan, externals: Readonly<Record<string, DeviceBuffer>>): Promise<Program>
  /** Replays programs one after another, in one submission where the device takes such; returns as `Program.run` does. */
  submit(programs: readonly Program[]): void
  room(): Room
  /** Resolves with a sentence when the device is gone (driver reset, unplugged); never for the CPU. */
  readonly lost: Promise<string>
  destroy(): void
}
