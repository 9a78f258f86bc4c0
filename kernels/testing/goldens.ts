import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Mixer } from '../mixers/mixer.ts'
import { RandomStream } from '../random/philox.ts'

export interface Golden {
  dims: { batch: number; seqlen: number; d_model: number } & Record<string, number>
  params: Record<string, number[]>
  x: number[]
  cotangent: number[]
  out: number[]
  /** After the last step, by the mixer's names of its state; those that are compared. */
  state: Record<string, number[]>
  grad_x: number[]
  grads: Record<string, number[]>
}

export const random = (n: number, seed: number): Float32Array<ArrayBuffer> => {
  const stream = new RandomStream(seed, 99)
  return Float32Array.from({ length: n }, () => stream.normal())
}

export const readGolden = ({ name }: Mixer): Golden =>
  JSON.parse(readFileSync(join(import.meta.dirname, '../golden', `${name}.json`), 'utf8')) as Golden

/** The golden's sizes, as the second of three layers. */
export function small(mixer: Mixer, seqlen: number): { d_model: number; config: Record<string, unknown> } {
  const { batch: _batch, seqlen: _seqlen, d_model, ...options } = readGolden(mixer).dims
  return { d_model, config: mixer.resolve(options, { d_model, n_layer: 3, layer: 1, seqlen }) }
}
