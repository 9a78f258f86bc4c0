import type { TokenCodec } from '../codec.ts'
import { StrandError } from '../errors.ts'

const MU = 255

/** A sample in [−1, 1] → 0…255, by the continuous mu-law of ITU-T G.711 with 256 even levels; silence is 128. */
export function muLawId(sample: number): number {
  const x = Math.max(-1, Math.min(1, sample))
  const companded = (Math.sign(x) * Math.log1p(MU * Math.abs(x))) / Math.log1p(MU)
  return Math.floor(((companded + 1) / 2) * MU + 0.5)
}

/** The middle of a level, in [−1, 1]. */
export function muLawSample(id: number): number {
  const companded = (2 * id) / MU - 1
  return (Math.sign(companded) * Math.expm1(Math.abs(companded) * Math.log1p(MU))) / MU
}

const OF_INT16 = new Uint8Array(65_536)
for (let value = -32_768; value < 32_768; value++) OF_INT16[value & 0xffff] = muLawId(value / 32_768)

/** Sound as 256 levels, finer near silence. Cells are int16; float32 samples go through `muLawId` one by one. */
export const muLawCodec: TokenCodec = {
  name: 'mu-law',
  vocab: 256,
  symbols: null,
  encodeCells(cells, ids) {
    for (let i = 0; i < cells.length; i++) ids[i] = OF_INT16[cells[i] & 0xffff]
  },
  encode() {
    throw new StrandError('bad-input', 'A sound model takes no typed prompt. Leave the prompt empty.')
  },
  /** Levels in hexadecimal, for a log. Sound is heard through `muLawToInt16`. */
  decode: (ids) => Buffer.from(Uint8Array.from(ids)).toString('hex'),
  toJSON: () => ({ kind: 'mu-law', levels: 256 }),
}

/** ids → 16-bit samples, to play. */
export function muLawToInt16(ids: ArrayLike<number>): Int16Array {
  const samples = new Int16Array(ids.length)
  for (let i = 0; i < ids.length; i++) samples[i] = Math.round(muLawSample(ids[i]) * 32_767)
  return samples
}
