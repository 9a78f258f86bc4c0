import { crc16, crc8, FlacBits, OUT_OF_BYTES } from './flacBits.ts'
import type { FlacHeader } from './flacHeader.ts'

type Samples = Int32Array | Float64Array

/** Why the bytes at hand are no whole frame: more are needed, or they are damaged (said in words). */
export type NoFrame = { more: true } | { damage: string }

export interface FlacFrame {
  /** Samples of each channel. */
  block: number
  /** Place of its first sample in the sound. */
  position: number
  /** The byte after the frame. */
  end: number
  channels: Samples[]
}

interface FrameHeader {
  block: number
  position: number
  assignment: number
  /** The byte after the header. */
  end: number
}

const UTF8_LONGEST = 7
const LONGEST_FRAME_HEADER = 2 + 2 + UTF8_LONGEST + 2 + 2 + 1

/** Reads FLAC frames (RFC 9639, sections 9 and 10) of one stream; the buffers it answers are used again by the next frame. */
export class FlacFrames {
  private readonly header: FlacHeader
  private readonly buffers: Samples[]

  constructor(header: FlacHeader) {
    this.header = header
    // a side channel has one bit more than the samples
    const wide = header.bits > 30
    this.buffers = Array.from({ length: header.channels }, () =>
      wide ? new Float64Array(header.maxBlock) : new Int32Array(header.maxBlock),
    )
  }

  /** More bytes than any frame of this stream takes. */
  get longest(): number {
    const { bits, channels, maxBlock } = this.header
    return LONGEST_FRAME_HEADER + 2 + Math.ceil((channels * (maxBlock * (bits + 1) + 8 * bits + 64)) / 8) * 2
  }

  /** The frame that starts at byte `at`, checked by its own checksums. */
  read(bytes: Uint8Array, at: number): FlacFrame | NoFrame {
    const header = this.readHeader(bytes, at)
    if (!('block' in header)) return header
    const { block, position, assignment } = header
    const bits = new FlacBits(bytes, header.end)
    try {
      for (let channel = 0; channel < this.header.channels; channel++) {
        const side = (assignment === 8 && channel === 1) || (assignment === 9 && channel === 0) || (assignment === 10 && channel === 1)
        const problem = readSubframe(bits, this.buffers[channel], block, this.header.bits + (side ? 1 : 0))
        if (problem) return { damage: problem }
      }
      bits.align()
      const { at: footer } = bits
      if (bits.read(16) !== crc16(bytes, at, footer)) return { damage: 'its checksum is wrong' }
      if (assignment >= 8) joinStereo(this.buffers, block, assignment)
      return { block, position, end: footer + 2, channels: this.buffers }
    } catch (error) {
      if (error === OUT_OF_BYTES) return { more: true }
      throw error
    }
  }

  private readHeader(bytes: Uint8Array, at: number): FrameHeader | NoFrame {
    const { header } = this
    if (at + 2 > bytes.length) return { more: true }
    if (bytes[at] !== 0xff || (bytes[at + 1] & 0xfe) !== 0xf8) return { damage: 'no frame begins there' }
    const bits = new FlacBits(bytes, at + 2)
    try {
      const blockCode = bits.read(4)
      const rateCode = bits.read(4)
      const assignment = bits.read(4)
      const sizeCode = bits.read(3)
      const reserved = bits.read(1)
      const number = readNumber(bits)
      const block = blockOf(blockCode, bits)
      const rate = rateOf(rateCode, bits)
      const { at: end } = bits
      if (bits.read(8) !== crc8(bytes, at, end) || number === null || block === null || reserved === 1)
        return { damage: 'the checksum of its header is wrong' }
      const channels = assignment < 8 ? assignment + 1 : 2
      const size = [header.bits, 8, 12, null, 16, 20, 24, 32][sizeCode]
      if (assignment > 10 || channels !== header.channels || size !== header.bits || (rate !== 0 && rate !== header.sampleRate))
        return { damage: 'it is of another kind of sound than the header describes' }
      if (block > header.maxBlock) return { damage: `it claims ${block} samples where the header allows at most ${header.maxBlock}` }
      // streams of a fixed block size count frames, the others samples
      const position = bytes[at + 1] & 1 ? number : number * header.maxBlock
      return { block, position, assignment, end: end + 1 }
    } catch (error) {
      if (error === OUT_OF_BYTES) return { more: true }
      throw error
    }
  }
}

/** A number of up to 36 bits in the manner of UTF-8. */
function readNumber(bits: FlacBits): number | null {
  const first = bits.read(8)
  if (first < 0x80) return first
  const length = Math.clz32(~(first << 24))
  if (length < 2 || length > UTF8_LONGEST) return null
  let value = first & (0x7f >> length)
  for (let i = 1; i < length; i++) {
    const byte = bits.read(8)
    if ((byte & 0xc0) !== 0x80) return null
    value = value * 64 + (byte & 0x3f)
  }
  return value
}

function blockOf(code: number, bits: FlacBits): number | null {
  if (code === 0) return null
  if (code === 1) return 192
  if (code <= 5) return 144 << code
  if (code === 6) return bits.read(8) + 1
  if (code === 7) return bits.read(16) + 1
  return 1 << code
}

/** 0: as the stream's header says. */
function rateOf(code: number, bits: FlacBits): number {
  if (code === 12) return bits.read(8) * 1000
  if (code === 13) return bits.read(16)
  if (code === 14) return bits.read(16) * 10
  return [0, 88_200, 176_400, 192_000, 8000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000][code] ?? -1
}

/** Left/side, side/right, mid/side → left and right. */
function joinStereo([a, b]: Samples[], block: number, assignment: number): void {
  if (assignment === 8) for (let i = 0; i < block; i++) b[i] = a[i] - b[i]
  else if (assignment === 9) for (let i = 0; i < block; i++) a[i] += b[i]
  else
    for (let i = 0; i < block; i++) {
      const side = b[i]
      // the sum is odd exactly when the difference is, so the bit that halving lost comes back
      const sum = 2 * a[i] + (Math.abs(side) % 2)
      a[i] = (sum + side) / 2
      b[i] = (sum - side) / 2
    }
}

/** One channel of a frame into out[0…block). Answers what is wrong, in words. */
function readSubframe(bits: FlacBits, out: Samples, block: number, width: number): string | null {
  if (bits.read(1) === 1) return 'a channel has no valid beginning'
  const kind = bits.read(6)
  const wasted = bits.read(1) === 1 ? bits.unary() + 1 : 0
  const size = width - wasted
  if (size < 1) return 'a channel claims to waste all bits'
  let problem: string | null = null
  if (kind === 0) out.fill(bits.readSigned(size), 0, block)
  else if (kind === 1) for (let i = 0; i < block; i++) out[i] = bits.readSigned(size)
  else if (kind >= 8 && kind <= 12) problem = readFixed(bits, out, block, size, kind - 8)
  else if (kind >= 32) problem = readLinear(bits, out, block, size, kind - 31)
  else problem = 'a channel is of a reserved kind'
  if (wasted > 0) for (let i = 0; i < block; i++) out[i] *= 2 ** wasted
  return problem
}

function readFixed(bits: FlacBits, out: Samples, block: number, size: number, order: number): string | null {
  if (order > block) return 'a predictor is longer than the frame'
  for (let i = 0; i < order; i++) out[i] = bits.readSigned(size)
  const problem = readResidual(bits, out, block, order)
  if (problem) return problem
  if (order === 1) for (let i = 1; i < block; i++) out[i] += out[i - 1]
  else if (order === 2) for (let i = 2; i < block; i++) out[i] += 2 * out[i - 1] - out[i - 2]
  else if (order === 3) for (let i = 3; i < block; i++) out[i] += 3 * (out[i - 1] - out[i - 2]) + out[i - 3]
  else if (order === 4) for (let i = 4; i < block; i++) out[i] += 4 * (out[i - 1] + out[i - 3]) - 6 * out[i - 2] - out[i - 4]
  return null
}

function readLinear(bits: FlacBits, out: Samples, block: number, size: number, order: number): string | null {
  if (order > block) return 'a predictor is longer than the frame'
  for (let i = 0; i < order; i++) out[i] = bits.readSigned(size)
  const precision = bits.read(4) + 1
  const shift = bits.readSigned(5)
  if (precision === 16 || shift < 0) return 'a predictor is invalid'
  const weights = new Int32Array(order)
  // the first weight is for the sample just before
  for (let i = order - 1; i >= 0; i--) weights[i] = bits.readSigned(precision)
  const problem = readResidual(bits, out, block, order)
  if (problem) return problem
  const most = 2 ** (size - 1) * weights.reduce((sum, weight) => sum + Math.abs(weight), 0)
  if (most < 2 ** 31 && out instanceof Int32Array) {
    for (let i = order; i < block; i++) {
      let sum = 0
      for (let j = 0, from = i - order; j < order; j++) sum = (sum + Math.imul(weights[j], out[from + j])) | 0
      out[i] += sum >> shift
    }
    return null
  }
  // float64 holds every sum exactly: 33 bits of sample, 15 of weight, 5 for the number of terms
  const scale = 2 ** shift
  for (let i = order; i < block; i++) {
    let sum = 0
    for (let j = 0, from = i - order; j < order; j++) sum += weights[j] * out[from + j]
    out[i] += Math.floor(sum / scale)
  }
  return null
}

/** What the predictor missed, into out[order…block). */
function readResidual(bits: FlacBits, out: Samples, block: number, order: number): string | null {
  const method = bits.read(2)
  if (method > 1) return 'its residual is coded in a reserved way'
  const parameterBits = method === 0 ? 4 : 5
  const escape = 2 ** parameterBits - 1
  const partitions = 2 ** bits.read(4)
  const each = block / partitions
  if (!Number.isInteger(each) || each < order) return 'its partitions do not fit the frame'
  for (let partition = 0; partition < partitions; partition++) {
    const from = partition === 0 ? order : partition * each
    const to = (partition + 1) * each
    const k = bits.read(parameterBits)
    if (k !== escape) bits.rice(out, from, to, k)
    else {
      const raw = bits.read(5)
      for (let i = from; i < to; i++) out[i] = raw === 0 ? 0 : bits.readSigned(raw)
    }
  }
  return null
}
