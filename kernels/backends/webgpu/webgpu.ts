import type { BufferSizes } from '../../graph/memory.ts'
import type { Plan } from '../../graph/plan.ts'
import type { DType } from '../../tensor/tensor.ts'
import { type Backend, type DeviceBuffer, OutOfMemory, type Program, type Room } from '../backend.ts'
import { type AdapterReport, MATRIX_FEATURES, report, request } from './adapters.ts'
import { bytesFor, WebGpuBuffer } from './buffer.ts'
import { Choices } from './choices.ts'
import { stage, usage } from './dawn.ts'
import { Health } from './health.ts'
import { canBeHalf, HALVES_FROM } from './halves.ts'
import { kernels } from './kernels.ts'
import { type Step, WebGpuProgram } from './program.ts'
import { mergeSmall } from './together.ts'
import type { Binding, Dispatch, Target } from './wgsl.ts'

export { type AdapterReport, listAdapters } from './adapters.ts'

const FEATURES = ['timestamp-query', ...MATRIX_FEATURES]

/** Runs plans as WGSL through Dawn. Pipelines are cached by their source, so equal layers compile once. */
export class WebGpuBackend implements Backend {
  readonly name = 'webgpu'
  readonly description: string
  readonly adapter: AdapterReport
  readonly sizes: BufferSizes
  #target: Target
  readonly lost: Promise<string>
  readonly #device: GPUDevice
  readonly #health: Health
  readonly #pipelines = new Map<string, Promise<GPUComputePipeline>>()
  readonly #layouts = new Map<string, GPUBindGroupLayout>()
  readonly #rewrite: (code: string) => string
  readonly #halfStorage: OpenOptions['halfStorage']

  constructor(device: GPUDevice, adapter: AdapterReport, target: Target, { rewrite = (code) => code, halfStorage }: OpenOptions = {}) {
    this.#device = device
    this.#rewrite = rewrite
    this.#halfStorage = halfStorage
    this.adapter = adapter
    this.#target = target
    this.description = `${adapter.name} (${adapter.api}${adapter.software ? ', on the CPU' : ''})`
    this.#health = new Health(device, this.description)
    this.lost = this.#health.lost
    const halves = (): BufferSizes['halves'] =>
      this.#target.halves ? { from: HALVES_FROM, bytes: 2, ...this.#halfStorage, able: canBeHalf } : undefined
    this.sizes = {
      opaque: (op, inputs, attrs, output) => kernels[op].opaque?.(inputs, attrs, this.#target, output) ?? 0,
      scratch: (op, inputs, attrs) => kernels[op].scratch?.(inputs, attrs, this.#target) ?? 0,
      // About a layer of the backward pass; partial sums, not whole activations.
      hold: { elements: 1 << 22, commands: 16 },
      // asked anew for each plan
      get halves() {
        return halves()
      },
    }
  }

  submit(programs: readonly Program[]): void {
    const replays = programs.map((program) => {
      if (!(program instanceof WebGpuProgram)) throw new TypeError('Only programs of this backend can be submitted')
      return program
    })
    replays.at(-1)?.run(replays)
  }

  /** WebGPU tells the largest buffer and not how much memory there is: that shows when a plan is compiled. */
  room(): Room {
    return { bytes: Infinity, buffer: this.#largest }
  }

  get target(): Target {
    return this.#target
  }

  /**
   * What plans made from now on do in float16: round the inputs of matrix products (matrixUnitsProblem says whether it may), store large
   * activations (halvesProblem does).
   */
  useMixedPrecision(products: boolean, storage = false): void {
    this.#target = { ...this.#target, mixed: products, halves: storage }
  }

  /** Whether the adapter can hold float16 at all. */
  get storesHalves(): boolean {
    return this.adapter.features.includes('shader-f16') || this.#halfStorage?.bytes === 4
  }

  createBuffer(elements: number, dtype: DType, label: string): WebGpuBuffer {
    this.#fits(elements, label)
    return new WebGpuBuffer(this.#device, this.#health, elements, dtype, label)
  }

  async compile(plan: Plan, externals: Readonly<Record<string, DeviceBuffer>>): Promise<WebGpuProgram> {
    plan.buffers.forEach((b, i) => this.#fits(b.elements, b.kind === 'external' ? b.name : `working buffer ${i}`))
    this.#device.pushErrorScope('out-of-memory')
    const arena: GPUBuffer[] = []
    const buffers = plan.buffers.map((b) => {
      if (b.kind === 'external') return this.#external(externals[b.name], b)
      const buffer = this.#device.createBuffer({ label: 'arena', size: bytesFor(b.elements), usage: usage.STORAGE })
      arena.push(buffer)
      return buffer
    })
    const outOfMemory = await this.#device.popErrorScope()
    if (outOfMemory) {
      arena.forEach((b) => b.destroy())
      const need = (arena.reduce((sum, b) => sum + b.size, 0) / 2 ** 30).toFixed(2)
      throw new OutOfMemory(
        `${this.description} has too little memory: this model and batch need ${need} GiB beside the parameters. Try a smaller batch or a shorter sequence.`,
      )
    }
    const byCommand = plan.commands.map((command) => kernels[command.op].dispatches(command, this.#target))
    const owners = byCommand.flatMap((dispatches, command) => dispatches.map(() => command))
    const merged = mergeSmall(byCommand.flat(), this.#device.limits.maxStorageBuffersPerShaderStage)
    return this.#program(
      merged.map((m) => m.dispatch),
      merged.map(({ members }) => members.map(({ place, share }) => ({ command: owners[place], share }))),
      buffers,
      arena,
    )
  }

  /** A program of dispatches made by hand (tuning, measurements); their buffer numbers are places in `buffers`. */
  async compileDispatches(dispatches: readonly Dispatch[], buffers: readonly WebGpuBuffer[]): Promise<WebGpuProgram> {
    return this.#program(
      dispatches,
      dispatches.map((_, i) => [{ command: i, share: 1 }]),
      buffers.map((b) => b.gpu),
      [],
    )
  }

  async #program(
    dispatches: readonly Dispatch[],
    owners: readonly Step['owners'][],
    buffers: readonly GPUBuffer[],
    arena: readonly GPUBuffer[],
  ): Promise<WebGpuProgram> {
    const pipelines = await this.#health.guard(Promise.all(dispatches.map((d) => this.#pipeline(d))))
    const steps = dispatches.map((d, i): Step => ({
      label: d.label,
      owners: owners[i],
      pipeline: pipelines[i],
      grid: d.grid,
      bindGroup: this.#bindGroup(d.bindings, buffers),
    }))
    return new WebGpuProgram(this.#device, this.#health, steps, arena)
  }

  destroy(): void {
    this.#device.destroy()
  }

  get #largest(): number {
    const { maxBufferSize, maxStorageBufferBindingSize } = this.adapter.limits
    return Math.min(maxBufferSize, maxStorageBufferBindingSize)
  }

  #fits(elements: number, label: string): void {
    const most = this.#largest
    if (elements * 4 > most)
      throw new Error(
        `${this.description} holds at most ${(most / 2 ** 20).toFixed(0)} MiB in one buffer; "${label}" needs ${((elements * 4) / 2 ** 20).toFixed(0)} MiB. Try a smaller batch or a shorter sequence.`,
      )
  }

  #external(buffer: DeviceBuffer | undefined, { name, elements }: { name: string; elements: number }): GPUBuffer {
    if (!(buffer instanceof WebGpuBuffer)) throw new Error(`The plan needs a WebGPU buffer named "${name}"`)
    if (buffer.elements < elements) throw new Error(`Buffer "${name}" has ${buffer.elements} elements, the plan reaches ${elements}`)
    return buffer.gpu
  }

  #layout(bindings: readonly Binding[]): GPUBindGroupLayout {
    const key = bindings.map((b) => (b.write ? 'w' : 'r')).join('')
    let layout = this.#layouts.get(key)
    if (!layout) {
      layout = this.#device.createBindGroupLayout({
        entries: bindings.map((b, binding) => ({
          binding,
          visibility: stage.COMPUTE,
          buffer: { type: b.write ? 'storage' : 'read-only-storage' },
        })),
      })
      this.#layouts.set(key, layout)
    }
    return layout
  }

  #bindGroup(bindings: readonly Binding[], buffers: readonly GPUBuffer[]): GPUBindGroup {
    return this.#device.createBindGroup({
      layout: this.#layout(bindings),
      entries: bindings.map(({ buffer, first, count }, binding) => ({
        binding,
        resource: { buffer: buffers[buffer], offset: first * 4, ...(count ? { size: bytesFor(count) } : {}) },
      })),
    })
  }

  #pipeline({ label, code, bindings }: Dispatch): Promise<GPUComputePipeline> {
    const key = `${bindings.map((b) => Number(b.write)).join('')}\n${code}`
    let pipeline = this.#pipelines.get(key)
    if (!pipeline) {
      pipeline = this.#compilePipeline(label, code, bindings)
      this.#pipelines.set(key, pipeline)
    }
    return pipeline
  }

  async #compilePipeline(label: string, code: string, bindings: readonly Binding[]): Promise<GPUComputePipeline> {
    const most = this.#device.limits.maxStorageBuffersPerShaderStage
    if (bindings.length > most) throw new Error(`${label} needs ${bindings.length} buffers at once, ${this.description} allows ${most}`)
    // A shader that is refused is told below; it must not count against the device, because a measurement only drops that variant.
    this.#device.pushErrorScope('validation')
    const module = this.#device.createShaderModule({ label, code: this.#rewrite(code) })
    void this.#device.popErrorScope().catch(() => null)
    const { messages } = await module.getCompilationInfo()
    const errors = messages.filter((m) => m.type === 'error')
    if (errors.length) {
      const lines = code.split('\n')
      throw new Error(
        `${label}: its shader does not compile: ${errors.map((m) => `${m.message} (${lines[m.lineNum - 1]?.trim()})`).join('; ')}`,
      )
    }
    const layout = this.#device.createPipelineLayout({ bindGroupLayouts: [this.#layout(bindings)] })
    try {
      return await this.#device.createComputePipelineAsync({ label, layout, compute: { module, entryPoint: 'main' } })
    } catch (error) {
      throw new Error(`${label}: ${this.description} does not accept its shader: ${(error as Error).message}`)
    }
  }
}

export interface OpenOptions {
  /** Whether a driver that runs on the CPU will do; default no. */
  readonly software?: boolean
  /** Overrides what kernels take the adapter for: tests run the large cards' kernels, and those without subgroups, on any driver. */
  readonly target?: Partial<Target>
  /** Changes every shader before it is compiled: tests write out what the driver lacks. */
  readonly rewrite?: (code: string) => string
  /** Overrides from what size on, and in how many bytes, values are stored in float16: tests store small ones, on any driver. */
  readonly halfStorage?: { readonly from: number; readonly bytes: 2 | 4 }
}

/** Opens the fastest adapter, or says in a sentence why there is none to use. */
export async function openWebGpu(
  options: OpenOptions = {},
): Promise<{ backend: WebGpuBackend; reason: null } | { backend: null; reason: string }> {
  const adapter = await request({ powerPreference: 'high-performance' })
  if (!adapter) return { backend: null, reason: 'No graphics driver with WebGPU support was found (Vulkan, Metal or D3D12).' }
  const about = report(adapter)
  if (about.software && !options.software)
    return { backend: null, reason: `The only graphics driver is ${about.name}, which runs on the CPU and is slower than the CPU backend.` }
  const { limits } = adapter
  try {
    const device = await adapter.requestDevice({
      requiredFeatures: FEATURES.filter((f) => adapter.features.has(f)) as GPUFeatureName[],
      requiredLimits: {
        ...about.limits,
        maxComputeWorkgroupSizeX: limits.maxComputeWorkgroupSizeX,
      },
    })
    const [smallest, largest] = about.subgroup
    const fixed = smallest === largest && largest > 1 && (largest & (largest - 1)) === 0
    const target: Target = {
      subgroup: fixed ? largest : 1,
      workgroupBytes: about.limits.maxComputeWorkgroupStorageSize,
      invocations: Math.min(about.limits.maxComputeInvocationsPerWorkgroup, limits.maxComputeWorkgroupSizeX),
      storageBuffers: about.limits.maxStorageBuffersPerShaderStage,
      software: about.software,
      matrixUnits: about.matrixUnits,
      mixed: false,
      halves: false,
      choices: new Choices(),
      ...options.target,
    }
    return { backend: new WebGpuBackend(device, about, target, options), reason: null }
  } catch (error) {
    return { backend: null, reason: `${about.name} could not be opened: ${(error as Error).message}` }
  }
}
