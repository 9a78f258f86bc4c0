import type { RandomStream } from '../../kernels/random/philox.ts'
import type { Seed } from './corpus.ts'

const below = (random: RandomStream, limit: number): number => Math.floor(random.uniform() * limit)
const pick = <T>(random: RandomStream, from: readonly T[]): T => from[below(random, from.length)]

/** Numbers that sizes, counts and offsets are wrong with. */
const SIZES = [0, 1, 2, 7, 127, 128, 255, 256, 32_767, 32_768, 65_535, 65_536, 2 ** 24, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1]
const WORDS = [
  '',
  '\n',
  '\r\n',
  '\0',
  '\t',
  ',',
  ';',
  '"',
  '>',
  '@',
  '+',
  '//',
  '-1',
  '1e999',
  'NaN',
  '99999999999999999999',
  '0x1',
  'é',
  '\ufeff',
  '\u2028',
  '💥',
  '%00',
  '..',
  '{',
  '[',
  '\\',
]

type Mutation = (random: RandomStream, bytes: Buffer, others: readonly Seed[]) => Buffer

const cut = (bytes: Buffer, from: number, to: number, by: Uint8Array = Buffer.alloc(0)): Buffer =>
  Buffer.concat([bytes.subarray(0, from), by, bytes.subarray(to)])
/** Half of all places lie in the first 64 bytes, where headers are. */
const place = (random: RandomStream, length: number): number => below(random, random.uniform() < 0.5 ? Math.min(length, 64) : length)
const stretch = (random: RandomStream, length: number): number => 1 + below(random, Math.min(length, 2 ** (1 + below(random, 12))))

const MUTATIONS: readonly Mutation[] = [
  // a bit
  (random, bytes) => {
    bytes[place(random, bytes.length)] ^= 1 << below(random, 8)
    return bytes
  },
  // a byte
  (random, bytes) => {
    bytes[place(random, bytes.length)] = pick(random, [0, 1, 0x7f, 0x80, 0xff, 10, 13, 32, below(random, 256)])
    return bytes
  },
  // a size, of two or four bytes, either way round
  (random, bytes) => {
    if (bytes.length < 4) return bytes
    const at = Math.min(place(random, bytes.length), bytes.length - 4)
    const value = pick(random, SIZES)
    const wide = random.uniform() < 0.6
    if (random.uniform() < 0.5) bytes[wide ? 'writeUInt32LE' : 'writeUInt16LE'](wide ? value : value % 65_536, at)
    else bytes[wide ? 'writeUInt32BE' : 'writeUInt16BE'](wide ? value : value % 65_536, at)
    return bytes
  },
  // the end
  (random, bytes) => bytes.subarray(0, below(random, bytes.length)),
  // a stretch left out, said twice, said often, or filled with one byte
  (random, bytes) => {
    const at = place(random, bytes.length)
    return cut(bytes, at, at + stretch(random, bytes.length - at))
  },
  (random, bytes) => {
    const at = place(random, bytes.length)
    const part = bytes.subarray(at, at + stretch(random, bytes.length - at))
    return cut(bytes, at, at, part)
  },
  (random, bytes) => {
    const at = place(random, bytes.length)
    const part = bytes.subarray(at, at + Math.min(64, stretch(random, bytes.length - at)))
    return cut(bytes, at, at, Buffer.concat(new Array<Buffer>(1 + below(random, 2000)).fill(part)))
  },
  (random, bytes) => {
    const at = place(random, bytes.length)
    return bytes.fill(pick(random, [0, 0xff, 0x41, 10]), at, at + stretch(random, bytes.length - at))
  },
  // a word
  (random, bytes) => {
    const at = place(random, bytes.length)
    return cut(bytes, at, at + below(random, 3), Buffer.from(pick(random, WORDS)))
  },
  // a number in the text
  (random, bytes) => {
    const text = bytes.toString('latin1')
    const numbers = [...text.matchAll(/\d+/g)]
    if (numbers.length === 0) return bytes
    const { 0: digits, index } = pick(random, numbers)
    return cut(
      bytes,
      index,
      index + digits.length,
      Buffer.from(pick(random, ['', '0', '-5', '2147483648', '1e400', '9'.repeat(40), 'x', `${digits}${digits}`])),
    )
  },
  // the middle of another file
  (random, bytes, others) => {
    const other = pick(random, others).bytes
    const from = below(random, other.length)
    const at = place(random, bytes.length)
    return cut(bytes, at, at + below(random, 64), other.subarray(from, from + stretch(random, other.length - from)))
  },
  // lines in another order, or one very long one
  (random, bytes) => {
    const lines = bytes.toString('latin1').split('\n')
    const [a, b] = [below(random, lines.length), below(random, lines.length)]
    if (random.uniform() < 0.3) lines[a] = lines[a].slice(0, 5000).repeat(1 + below(random, 40))
    else [lines[a], lines[b]] = [lines[b], lines[a]]
    return Buffer.from(lines.join('\n'), 'latin1')
  },
]

/** One to six of them, one after the other, on a copy. */
export function mutate(random: RandomStream, seed: Seed, others: readonly Seed[]): Buffer {
  let bytes: Buffer = Buffer.from(seed.bytes)
  for (let n = 1 + below(random, 6); n > 0 && bytes.length > 0; n--) bytes = pick(random, MUTATIONS)(random, Buffer.from(bytes), others)
  return bytes.subarray(0, 1_000_000)
}
