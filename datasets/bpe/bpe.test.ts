import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { BPE_BASE, bpeCodec, BpeEncoder, spellings } from './bpeCodec.ts'
import { pieceCutter } from './pieces.ts'
import { trainBpe, type Pieces } from './trainBpe.ts'

const sample = (name: string): Buffer => gunzipSync(readFileSync(join(import.meta.dirname, '../samples', name)))
const text = sample('tinyshakespeare.txt.gz').subarray(0, 60_000)
const dna = Buffer.from(sample('lambda.fa.gz').toString().split('\n').slice(1).join(''))

function piecesOf(of: 'text' | 'dna', cells: Uint8Array): Pieces {
  const symbols: number[] = []
  const ends: number[] = []
  const cutter = pieceCutter(of, (bytes, from, to) => {
    symbols.push(...bytes.subarray(from, to))
    ends.push(symbols.length)
  })
  cutter.push(cells)
  cutter.end()
  return { symbols, ends, weights: new Array<number>(ends.length).fill(1) }
}

/** The algorithm as it is told: count all pairs, join the most frequent everywhere, again. */
function plainBpe({ symbols, ends }: Pieces, base: readonly string[], merges: number): number[] {
  let pieces: number[][] = Array.from(ends, (end, i) => Array.from(symbols).slice(i === 0 ? 0 : ends[i - 1], end))
  const spelling = [...base]
  const made: number[] = []
  while (made.length < 2 * merges) {
    const counts = new Map<number, number>()
    for (const piece of pieces)
      for (let i = 0; i + 1 < piece.length; i++)
        counts.set(piece[i] * 65_536 + piece[i + 1], (counts.get(piece[i] * 65_536 + piece[i + 1]) ?? 0) + 1)
    const [best] = [...counts]
      .filter(([key, n]) => n > 1 && !spelling.includes(spelling[Math.floor(key / 65_536)] + spelling[key % 65_536]))
      .sort((x, y) => y[1] - x[1] || x[0] - y[0])
    if (!best) break
    const [a, b] = [Math.floor(best[0] / 65_536), best[0] % 65_536]
    const c = spelling.length
    spelling.push(spelling[a] + spelling[b])
    made.push(a, b)
    pieces = pieces.map((piece) => {
      const out: number[] = []
      for (let i = 0; i < piece.length; i++) {
        const joins = piece[i] === a && i + 1 < piece.length && piece[i + 1] === b
        out.push(joins ? c : piece[i])
        if (joins) i++
      }
      return out
    })
  }
  return made
}

describe.each([
  ['text', text.subarray(0, 6000), 60],
  ['dna', dna.subarray(0, 6000), 60],
  ['dna', Buffer.from('AAAAAAAAAAAAAAAACAAAAAAAANNNNAAAGAGAGAGAG'), 20],
] as const)('byte-pair encoding of %s', (of, cells, merges) => {
  it('learns what the plain algorithm learns', () => {
    const pieces = piecesOf(of, cells)
    const learned = trainBpe(pieces, BPE_BASE[of], merges)
    expect(learned).toEqual(plainBpe(pieces, BPE_BASE[of], merges))
    expect(learned.length).toBeGreaterThanOrEqual(10)
    expect(new Set(spellings(of, learned)).size).toBe(BPE_BASE[of].length + learned.length / 2)
  })

  it('gives the cells back, however they are cut into parts', () => {
    const learned = trainBpe(piecesOf(of, cells), BPE_BASE[of], merges)
    const codec = bpeCodec(of, learned)
    const ids = new Int32Array(cells.length)
    const n = codec.encodeCells(cells, ids)
    const whole = [...ids.subarray(0, n)]
    expect(n).toBeLessThan(0.8 * cells.length)
    expect(codec.decode(whole)).toBe(cells.toString())
    expect(whole.reduce((sum, id) => sum + codec.unitsOf(id), 0)).toBe(cells.length)
    for (const size of [1, 7, 500]) {
      const parts: number[] = []
      const encoder = new BpeEncoder(of, learned, (tokens, count) => parts.push(...tokens.subarray(0, count)))
      for (let at = 0; at < cells.length; at += size) encoder.push(cells.subarray(at, at + size))
      encoder.end()
      expect(parts).toEqual(whole)
    }
  })
})

it('weights count as so many repeats', () => {
  const once = trainBpe({ symbols: [97, 98, 99, 100], ends: [2, 4], weights: [3, 5] }, BPE_BASE.text, 2)
  expect(once).toEqual([99, 100, 97, 98])
})

it('bytes of a character that a split cuts in two are kept', () => {
  const cells = Buffer.from('é€🙂x')
  const codec = bpeCodec('text', [])
  for (let from = 0; from < cells.length; from++)
    for (let to = from; to <= cells.length; to++) {
      const ids = new Int32Array(to - from)
      expect(codec.encodeCells(cells.subarray(from, to), ids)).toBe(to - from)
      expect(Buffer.from(ids)).toEqual(cells.subarray(from, to))
    }
})

it('N never joins a token, and a typed letter that is no base is refused', () => {
  const codec = bpeCodec('dna', trainBpe(piecesOf('dna', Buffer.from('ANANANNNNANAN'.repeat(20))), BPE_BASE.dna, 10))
  expect(codec.symbols!.slice(5).filter((symbol) => symbol.includes('N'))).toEqual([])
  expect(() => codec.encode('ACQ')).toThrow('"Q" at position 3 is not a nucleotide')
})
