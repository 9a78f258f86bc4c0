import type { DType } from '../../tensor/tensor.ts'
import type { DeviceBuffer } from '../backend.ts'
import { mapMode, usage } from './dawn.ts'
import type { Health } from './health.ts'

/** Bindings want multiples of 16 bytes when read as vec4. */
export const bytesFor = (elements: number): number => Math.max(16, Math.ceil(elements / 4) * 16)

/** Device memory. Copies out go through a staging buffer, in submission order. */
export class WebGpuBuffer implements DeviceBuffer {
  readonly elements: number
  readonly dtype: DType
  readonly gpu: GPUBuffer
  readonly #device: GPUDevice
  readonly #health: Health
  readonly #label: string
  /** Staging buffers of small reads (losses every step) are kept. */
  readonly #staging: GPUBuffer[] = []

  constructor(device: GPUDevice, health: Health, elements: number, dtype: DType, label: string) {
    this.elements = elements
    this.dtype = dtype
    this.#device = device
    this.#health = health
    this.#label = label
    this.gpu = device.createBuffer({ label, size: bytesFor(elements), usage: usage.STORAGE | usage.COPY_DST | usage.COPY_SRC })
    // Dawn's own clearing is switched off.
    const encoder = device.createCommandEncoder()
    encoder.clearBuffer(this.gpu)
    device.queue.submit([encoder.finish()])
  }

  write(data: Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>, offset = 0): void {
    if (offset + data.length > this.elements)
      throw new RangeError(`${this.#label}: ${data.length} elements from ${offset} do not fit into ${this.elements}`)
    this.#device.queue.writeBuffer(this.gpu, offset * 4, data)
  }

  async read(offset = 0, count = this.elements - offset): Promise<Float32Array | Int32Array> {
    const empty = this.dtype === 'f32' ? new Float32Array(count) : new Int32Array(count)
    if (count === 0) return empty
    const bytes = count * 4
    const kept = this.#staging.findIndex((s) => s.size === bytes)
    const staging =
      kept >= 0
        ? this.#staging.splice(kept, 1)[0]
        : this.#device.createBuffer({ label: `${this.#label} (read)`, size: bytes, usage: usage.MAP_READ | usage.COPY_DST })
    const encoder = this.#device.createCommandEncoder()
    encoder.copyBufferToBuffer(this.gpu, offset * 4, staging, 0, bytes)
    this.#device.queue.submit([encoder.finish()])
    await this.#health.guard(staging.mapAsync(mapMode.READ))
    const copy = staging.getMappedRange().slice(0)
    staging.unmap()
    if (bytes <= 65536 && this.#staging.length < 4) this.#staging.push(staging)
    else staging.destroy()
    return this.dtype === 'f32' ? new Float32Array(copy) : new Int32Array(copy)
  }

  destroy(): void {
    this.gpu.destroy()
    this.#staging.forEach((s) => s.destroy())
  }
}
