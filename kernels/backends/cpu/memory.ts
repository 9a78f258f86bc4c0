import type { Room } from '../backend.ts'
import type { Memory } from './webassembly.ts'

/** What a WebAssembly memory reaches. */
const MOST = 2 ** 32

/** Of what a WebAssembly memory reaches, and of what the machine has free (a tenth of that stays), with `used` of `grown` bytes in use. */
export function cpuRoom(used = 0, grown = 0): Room {
  const bytes = Math.max(0, Math.min(MOST - used, Math.floor(0.9 * process.availableMemory()) + grown - used))
  return { bytes, buffer: bytes }
}

/** Ranges of one growing WebAssembly memory. Addresses and sizes in bytes. */
export class SharedHeap {
  readonly memory: Memory
  /** Free ranges in address order; never two that touch. */
  #free: { start: number; end: number }[] = []
  readonly #sizes = new Map<number, number>()
  #allocated = 0

  constructor(memory: Memory, start: number) {
    this.memory = memory
    this.#free.push({ start, end: memory.buffer.byteLength })
  }

  /** Bytes handed out and not given back. */
  get allocated(): number {
    return this.#allocated
  }

  /** The address of `bytes` zeroed bytes, aligned to a cache line. Throws RangeError, naming `label`, beyond 4 GB. */
  allocate(bytes: number, label: string): number {
    const size = Math.max(64, Math.ceil(bytes / 64) * 64)
    let range = this.#free.find((r) => r.end - r.start >= size)
    if (!range) {
      this.#grow(size, label)
      range = this.#free.find((r) => r.end - r.start >= size)!
    }
    const address = range.start
    range.start += size
    if (range.start === range.end) this.#free.splice(this.#free.indexOf(range), 1)
    this.#sizes.set(address, size)
    this.#allocated += size
    new Uint8Array(this.memory.buffer, address, size).fill(0)
    return address
  }

  release(address: number): void {
    const size = this.#sizes.get(address)
    if (size === undefined) return
    this.#sizes.delete(address)
    this.#allocated -= size
    const index = this.#free.findIndex((r) => r.start > address)
    this.#free.splice(index < 0 ? this.#free.length : index, 0, { start: address, end: address + size })
    this.#free = this.#free.reduce<{ start: number; end: number }[]>((merged, r) => {
      const last = merged[merged.length - 1]
      if (last && last.end === r.start) last.end = r.end
      else merged.push(r)
      return merged
    }, [])
  }

  #grow(size: number, label: string): void {
    const before = this.memory.buffer.byteLength
    const last = this.#free[this.#free.length - 1]
    const missing = size - (last?.end === before ? last.end - last.start : 0)
    // At least an eighth more, so that many buffers in a row do not each grow the memory.
    const pages = (bytes: number): number => Math.ceil(bytes / 65536)
    const room = 65536 - pages(before)
    const wanted = Math.min(room, Math.max(pages(missing), pages(before) >> 3))
    try {
      if (pages(missing) > room) throw new RangeError()
      this.memory.grow(wanted)
    } catch {
      throw new RangeError(
        `The CPU backend is out of memory: ${label} needs ${Math.ceil(size / 2 ** 20)} MB and ${Math.ceil(this.#allocated / 2 ** 20)} MB of at most 4096 MB are in use. Use a smaller batch, sequence or model.`,
      )
    }
    const end = this.memory.buffer.byteLength
    if (last?.end === before) last.end = end
    else this.#free.push({ start: before, end })
  }
}
