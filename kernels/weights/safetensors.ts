/**
 * Safetensors, the file format of Hugging Face (huggingface/safetensors, "Format"): an 8-byte little-endian header length, a JSON header
 * { name: { dtype, shape, data_offsets: [begin, end] }, "__metadata__": { text: text } }, then the data without holes.
 * Float32 only, little endian. The header is padded with spaces so that the data begins at a multiple of 8.
 */
export interface Tensor {
  readonly name: string
  readonly shape: readonly number[]
  readonly data: Float32Array
}

export interface TensorFile {
  readonly metadata: Readonly<Record<string, string>>
  readonly tensors: ReadonlyMap<string, Tensor>
}

/** Bytes that are not safetensors, or not whole. The message says what was found where. */
export class SafetensorsError extends Error {
  override name = 'SafetensorsError'
}

const MAX_HEADER = 100_000_000 // as in the official reader
const product = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)
const refuse = (message: string): never => {
  throw new SafetensorsError(message)
}

/** The file in parts, to be written one after the other: the header, then each tensor's bytes (not copied). */
export function safetensorsParts(tensors: readonly Tensor[], metadata: Record<string, string> = {}): Uint8Array[] {
  const header: Record<string, unknown> = Object.keys(metadata).length ? { __metadata__: metadata } : {}
  let offset = 0
  for (const { name, shape, data } of tensors) {
    if (Object.hasOwn(header, name) || name === '__metadata__') refuse(`Two tensors are named "${name}".`)
    if (product(shape) !== data.length) refuse(`"${name}" has shape (${shape.join(', ')}) but ${data.length} elements.`)
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, (offset += data.byteLength)] }
  }
  const json = new TextEncoder().encode(JSON.stringify(header))
  const start = new Uint8Array(8 + Math.ceil(json.length / 8) * 8).fill(0x20)
  new DataView(start.buffer).setBigUint64(0, BigInt(start.length - 8), true)
  start.set(json, 8)
  return [start, ...tensors.map(({ data }) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength))]
}

/** Reads a whole file. Tensors are views of `bytes` where its alignment allows, copies otherwise. Throws SafetensorsError. */
export function parseSafetensors(bytes: Uint8Array): TensorFile {
  if (bytes.length < 8) refuse(`The file ends after ${bytes.length} bytes, inside its header length.`)
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true))
  if (length > MAX_HEADER || length < 2) refuse(`The header length at byte 0 is ${length}, which no safetensors file has.`)
  const begin = 8 + length
  if (bytes.length < begin) refuse(`The file ends after ${bytes.length} bytes, inside its header of ${length} bytes.`)
  const { __metadata__: metadata = {}, ...entries } = parseHeader(bytes.subarray(8, begin))
  const tensors = new Map<string, Tensor>()
  let end = 0
  const byOffset = Object.entries(entries).sort(([, a], [, b]) => a.data_offsets[0] - b.data_offsets[0])
  for (const [name, { dtype, shape, data_offsets: at }] of byOffset) {
    if (dtype !== 'F32') refuse(`"${name}" is stored as ${dtype}; only F32 is read.`)
    if (at[0] !== end || at[1] - at[0] !== 4 * product(shape))
      refuse(`"${name}" claims bytes ${at[0]} to ${at[1]} of the data, which do not fit its shape (${shape.join(', ')}) or its neighbour.`)
    end = at[1]
    if (begin + end > bytes.length) refuse(`The file ends after ${bytes.length} bytes, inside "${name}".`)
    tensors.set(name, { name, shape, data: floats(bytes, begin + at[0], at[1] - at[0]) })
  }
  if (begin + end !== bytes.length) refuse(`${bytes.length - begin - end} bytes follow the last tensor.`)
  return { metadata: metadata as unknown as Record<string, string>, tensors }
}

interface Entry {
  dtype: string
  shape: number[]
  data_offsets: [number, number]
}

function parseHeader(bytes: Uint8Array): Record<string, Entry> {
  let header: unknown
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    refuse('The header is not JSON.')
  }
  const whole = (n: unknown): boolean => Number.isSafeInteger(n) && (n as number) >= 0
  for (const [name, entry] of Object.entries(header as Record<string, Entry>)) {
    if (name === '__metadata__') continue
    const { shape, data_offsets: at } = entry ?? {}
    if (!Array.isArray(shape) || !shape.every(whole) || !Array.isArray(at) || at.length !== 2 || !at.every(whole))
      refuse(`The header's entry "${name}" has no shape and data_offsets.`)
  }
  return header as Record<string, Entry>
}

function floats(bytes: Uint8Array, offset: number, length: number): Float32Array {
  const at = bytes.byteOffset + offset
  return at % 4 === 0
    ? new Float32Array(bytes.buffer, at, length / 4)
    : new Float32Array(bytes.slice(offset, offset + length).buffer, 0, length / 4)
}
