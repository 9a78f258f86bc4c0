import type { CellType } from '../codec.ts'
import type { SoundHeader } from './sound.ts'

/** Codings of WAV and AIFF; the names that end in "be" have their high byte first. */
export type SampleCoding =
  'u8' | 's8' | 's16' | 's24' | 's32' | 'f32' | 'f64' | 'alaw' | 'mulaw' | 's16be' | 's24be' | 's32be' | 'f32be' | 'f64be'

/** A sound whose samples lie in the file one after another, channel by channel. */
export interface PcmHeader extends SoundHeader {
  coding: SampleCoding
  /** Bytes of one sample of every channel. */
  frameBytes: number
  /** First byte of the sound. */
  dataStart: number
  /** What the header promises; null where it says "until the end" (0 or all ones, as recorders write while running). */
  dataBytes: number | null
  /** There is no header in the file: the user described the samples. */
  raw?: boolean
}

export const CODING_BYTES: { readonly [K in SampleCoding]: number } = {
  u8: 1,
  s8: 1,
  s16: 2,
  s24: 3,
  s32: 4,
  f32: 4,
  f64: 8,
  alaw: 1,
  mulaw: 1,
  s16be: 2,
  s24be: 3,
  s32be: 4,
  f32be: 4,
  f64be: 8,
}

const PLAIN_NAME: { readonly [coding: string]: string } = {
  u8: '8-bit PCM',
  s8: '8-bit PCM',
  s16: '16-bit PCM',
  s24: '24-bit PCM',
  s32: '32-bit PCM',
  f32: '32-bit float',
  f64: '64-bit float',
  alaw: 'A-law',
  mulaw: 'mu-law',
}

export const codingName = (coding: SampleCoding): string => PLAIN_NAME[coding.replace('be', '')]

/** The header of a sound in this coding. */
export function pcmHeader(spec: Pick<PcmHeader, 'format' | 'coding' | 'channels' | 'sampleRate' | 'dataStart' | 'dataBytes'>): PcmHeader {
  const frameBytes = CODING_BYTES[spec.coding] * spec.channels
  const frames = spec.dataBytes === null ? null : Math.floor(spec.dataBytes / frameBytes)
  return { ...spec, detail: codingName(spec.coding), int16: isInt16(spec.coding), frameBytes, frames }
}

/** G.711 A-law byte → 16-bit sample. */
export function aLawSample(byte: number): number {
  const value = byte ^ 0x55
  const exponent = (value >> 4) & 7
  const mantissa = ((value & 0x0f) << 4) + 8
  const magnitude = exponent === 0 ? mantissa : (mantissa + 0x100) << (exponent - 1)
  return value & 0x80 ? magnitude : -magnitude
}

/** G.711 mu-law byte → 16-bit sample. */
export function muLawByteSample(byte: number): number {
  const value = ~byte & 0xff
  const magnitude = ((((value & 0x0f) << 3) + 0x84) << ((value >> 4) & 7)) - 0x84
  return value & 0x80 ? -magnitude : magnitude
}

/** One sample, as a 16-bit number for the codings that fit in it, else in [−1, 1]. */
const READ: { readonly [K in SampleCoding]: (bytes: Buffer, at: number) => number } = {
  u8: (bytes, at) => (bytes[at] - 128) << 8,
  s8: (bytes, at) => (bytes[at] << 24) >> 16,
  s16: (bytes, at) => ((bytes[at] | (bytes[at + 1] << 8)) << 16) >> 16,
  s24: (bytes, at) => ((((bytes[at] << 8) | (bytes[at + 1] << 16) | (bytes[at + 2] << 24)) >> 8) as number) / 8_388_608,
  s32: (bytes, at) => bytes.readInt32LE(at) / 2_147_483_648,
  f32: (bytes, at) => bytes.readFloatLE(at),
  f64: (bytes, at) => bytes.readDoubleLE(at),
  alaw: (bytes, at) => aLawSample(bytes[at]),
  mulaw: (bytes, at) => muLawByteSample(bytes[at]),
  s16be: (bytes, at) => ((bytes[at + 1] | (bytes[at] << 8)) << 16) >> 16,
  s24be: (bytes, at) => (((bytes[at + 2] << 8) | (bytes[at + 1] << 16) | (bytes[at] << 24)) >> 8) / 8_388_608,
  s32be: (bytes, at) => bytes.readInt32BE(at) / 2_147_483_648,
  f32be: (bytes, at) => bytes.readFloatBE(at),
  f64be: (bytes, at) => bytes.readDoubleBE(at),
}

/** Codings whose samples are whole 16-bit numbers and are stored so. */
export const isInt16 = (coding: SampleCoding): boolean => !/^(s24|s32|f)/.test(coding)

/** Whole frames → one mono sample each in [−1, 1): the mean of the channels. `broken` counts samples that were no finite number (read as 0). */
export function monoSamples(
  header: Pick<PcmHeader, 'coding' | 'channels' | 'frameBytes'>,
  bytes: Buffer,
): { samples: Float32Array; broken: number } {
  const { coding, channels, frameBytes } = header
  const frames = bytes.length / frameBytes
  const samples = new Float32Array(frames)
  if (coding === 's16' && channels === 1 && bytes.byteOffset % 2 === 0) {
    // by far the most common, and every computer that Strand runs on has the low byte first
    const whole = new Int16Array(bytes.buffer, bytes.byteOffset, frames)
    for (let i = 0; i < frames; i++) samples[i] = whole[i] / 32_768
    return { samples, broken: 0 }
  }
  const read = READ[coding]
  const width = CODING_BYTES[coding]
  const scale = (isInt16(coding) ? 1 / 32_768 : 1) / channels
  let broken = 0
  for (let frame = 0, at = 0; frame < frames; frame++) {
    let sum = 0
    for (let channel = 0; channel < channels; channel++, at += width) sum += read(bytes, at)
    if (Number.isFinite(sum)) samples[frame] = sum * scale
    else broken++
  }
  return { samples, broken }
}

/** [−1, 1) → 16 bit, into the first entries of `into` where it is long enough. Exact for samples that came from 16 bits (a float32 holds them all). */
export function toInt16(samples: Float32Array, into = new Int16Array(0)): Int16Array {
  const out = into.length >= samples.length ? into.subarray(0, samples.length) : new Int16Array(samples.length)
  for (let i = 0; i < samples.length; i++) {
    const whole = Math.floor(samples[i] * 32_768 + 0.5)
    out[i] = whole > 32_767 ? 32_767 : whole < -32_768 ? -32_768 : whole
  }
  return out
}

/** Stored cells of a sound → samples in [−1, 1). */
export function samplesOf({ cell }: { cell: CellType }, bytes: Uint8Array): Float32Array {
  if (cell === 'f32') return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4)
  const whole = new Int16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2)
  const samples = new Float32Array(whole.length)
  for (let i = 0; i < whole.length; i++) samples[i] = whole[i] / 32_768
  return samples
}
