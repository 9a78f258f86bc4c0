import { ONE_BY_ONE, type TokenCodec } from '../codec.ts'
import { StrandError } from '../errors.ts'

export type LevelKind = 'mu-law' | 'linear'

export const BITS_MIN = 4
export const BITS_MAX = 12

/** A sample in [−1, 1] → 0 … levels − 1; silence is levels / 2. Mu-law: the continuous law of ITU-T G.711 with mu = levels − 1. */
export function levelOf(kind: LevelKind, levels: number, sample: number): number {
  const mu = levels - 1
  const x = Math.max(-1, Math.min(1, sample))
  const even = kind === 'linear' ? x : (Math.sign(x) * Math.log1p(mu * Math.abs(x))) / Math.log1p(mu)
  return Math.floor(((even + 1) / 2) * mu + 0.5)
}

/** The middle of a level, in [−1, 1]. */
export function sampleOf(kind: LevelKind, levels: number, id: number): number {
  const mu = levels - 1
  const even = (2 * id) / mu - 1
  return kind === 'linear' ? even : (Math.sign(even) * Math.expm1(Math.abs(even) * Math.log1p(mu))) / mu
}

const made = new Map<string, TokenCodec>()

/** Sound as 2^bits levels, 4 to 12 bits: even ones, or finer near silence. Cells are int16 or float32. */
export function levelCodec(kind: LevelKind, levels: number): TokenCodec {
  const bits = Math.log2(levels)
  if (!Number.isInteger(bits) || bits < BITS_MIN || bits > BITS_MAX)
    throw new StrandError('bad-input', `Sound is read in ${BITS_MIN} to ${BITS_MAX} bits, not ${+bits.toFixed(2)}. Choose for example 8.`)
  const key = `${kind} ${levels}`
  const codec = made.get(key) ?? makeCodec(kind, levels)
  made.set(key, codec)
  return codec
}

function makeCodec(kind: LevelKind, levels: number): TokenCodec {
  const ofInt16 = new Uint16Array(65_536)
  for (let value = -32_768; value < 32_768; value++) ofInt16[value & 0xffff] = levelOf(kind, levels, value / 32_768)
  const played = Int16Array.from({ length: levels }, (_, id) => Math.round(sampleOf(kind, levels, id) * 32_767))
  return {
    name: kind,
    vocab: levels,
    symbols: null,
    cut: ONE_BY_ONE,
    unitsOf: () => 1,
    encodeCells(cells, ids) {
      if (cells instanceof Float32Array) for (let i = 0; i < cells.length; i++) ids[i] = levelOf(kind, levels, cells[i])
      else for (let i = 0; i < cells.length; i++) ids[i] = ofInt16[cells[i] & 0xffff]
      return cells.length
    },
    encode() {
      throw new StrandError('bad-input', 'A sound model takes no typed prompt. Leave the prompt empty.')
    },
    /** Levels in hexadecimal, for a log. Sound is heard through `toInt16`. */
    decode: (ids) => Array.from(ids, (id) => id.toString(16).padStart(Math.ceil(bits(levels) / 4), '0')).join(''),
    toInt16: (ids) => Int16Array.from(ids, (id) => played[id]),
    toJSON: () => ({ kind, levels }),
  }
}

const bits = (levels: number): number => Math.log2(levels)
