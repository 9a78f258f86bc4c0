import { HUFFMAN } from './mp3Tables.ts'

/** Bits of a frame's main data, high bit first. Reading past the end gives zeros; `at` tells. */
export class Mp3Bits {
  readonly bytes: Uint8Array
  /** Next bit. */
  at: number

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes
    this.at = at
  }

  /** The next 24 bits, as they are. */
  peek(): number {
    const byte = this.at >> 3
    const { bytes } = this
    const four = ((bytes[byte] << 24) | (bytes[byte + 1] << 16) | (bytes[byte + 2] << 8) | bytes[byte + 3]) >>> 0
    return (four << (this.at & 7)) >>> 8
  }

  /** Up to 24 bits. */
  read(n: number): number {
    if (n === 0) return 0
    const value = this.peek() >>> (24 - n)
    this.at += n
    return value
  }
}

/** Codes of up to so many bits take one look; longer ones walk on from there. */
const LOOK = 9

/** A code tree. `first[look]`: a leaf as −(1 + length · 256 + values), or the node reached. `next`: the same for a node and one bit. */
interface Tree {
  first: Int32Array
  next: Int32Array
}

function plant(leaves: string, width: number): Tree {
  const nodes: number[] = [0, 0]
  let code = 0
  let before = 0
  for (let at = 0; at < leaves.length; at += 1 + width) {
    const length = parseInt(leaves[at], 36)
    code = at === 0 ? 0 : length >= before ? (code + 1) << (length - before) : (code + 1) >>> (before - length)
    before = length
    let node = 0
    for (let bit = length - 1; bit > 0; bit--) {
      const branch = node + ((code >>> bit) & 1)
      if (nodes[branch] === 0) nodes[branch] = nodes.push(0, 0) - 2
      node = nodes[branch]
    }
    nodes[node + (code & 1)] = -1 - length * 256 - parseInt(leaves.slice(at + 1, at + 1 + width), 16)
  }
  const first = new Int32Array(1 << LOOK)
  for (let look = 0; look < first.length; look++) {
    let node = 0
    for (let bit = LOOK - 1; bit >= 0 && node >= 0; bit--) node = nodes[node + ((look >>> bit) & 1)]
    first[look] = node
  }
  return { first, next: Int32Array.from(nodes) }
}

const planted = new Map<string, Tree>()

function treeOf(name: string): Tree {
  let tree = planted.get(name)
  if (!tree) planted.set(name, (tree = plant(HUFFMAN[name], name === 'A' ? 1 : 2)))
  return tree
}

function leaf(bits: Mp3Bits, { first, next }: Tree): number {
  const look = bits.peek()
  let node = first[look >>> (24 - LOOK)]
  for (let bit = 23 - LOOK; node >= 0; bit--) node = next[node + ((look >>> bit) & 1)]
  const found = -1 - node
  bits.at += found >> 8
  return found & 0xff
}

const LINBITS = [1, 2, 3, 4, 6, 8, 10, 13, 4, 5, 6, 7, 8, 9, 11, 13]

/** Tables 4 and 14 were never given a code: only a damaged file names them. */
export const hasTable = (select: number): boolean => select !== 4 && select !== 14

/** Reads pairs of values by table `select` until line `to`; a value of 15 goes on in `linbits` bits. */
export function readPairs(bits: Mp3Bits, select: number, values: Int32Array, from: number, to: number): void {
  if (select === 0) {
    values.fill(0, from, to)
    return
  }
  const tree = treeOf(String(select < 16 ? select : select < 24 ? 16 : 24))
  const linbits = select < 16 ? 0 : LINBITS[select - 16]
  for (let i = from; i < to; i += 2) {
    const pair = leaf(bits, tree)
    let x = pair >> 4
    let y = pair & 15
    if (x === 15 && linbits > 0) x += bits.read(linbits)
    if (x > 0 && bits.read(1)) x = -x
    if (y === 15 && linbits > 0) y += bits.read(linbits)
    if (y > 0 && bits.read(1)) y = -y
    values[i] = x
    values[i + 1] = y
  }
}

/** Reads four values of −1, 0 or 1. */
export function readQuad(bits: Mp3Bits, tableB: boolean, values: Int32Array, at: number): void {
  const quad = tableB ? 15 - bits.read(4) : leaf(bits, treeOf('A'))
  for (let k = 0; k < 4; k++) {
    const one = (quad >> (3 - k)) & 1
    values[at + k] = one && bits.read(1) ? -1 : one
  }
}
