import type { VorbisBits } from './vorbisBits.ts'
import type { VorbisCodebook } from './vorbisCodebook.ts'

/** The fine spectrum: vectors added up in up to eight passes (Vorbis I, section 8). */
export class VorbisResidue {
  private readonly kind: number
  private readonly begin: number
  private readonly end: number
  private readonly size: number
  private readonly classes: number
  private readonly master: number
  /** By class and pass; −1 for none. */
  private readonly books: number[][]

  /** Throws a string that says what is wrong. */
  constructor(bits: VorbisBits, books: readonly VorbisCodebook[]) {
    this.kind = bits.read(16)
    if (this.kind > 2) throw 'a residue is of a reserved kind'
    this.begin = bits.read(24)
    this.end = bits.read(24)
    this.size = bits.read(24) + 1
    this.classes = bits.read(6) + 1
    this.master = bits.read(8)
    const cascades = Array.from({ length: this.classes }, () => {
      const low = bits.read(3)
      return low + (bits.read(1) === 1 ? bits.read(5) * 8 : 0)
    })
    this.books = cascades.map((cascade) => Array.from({ length: 8 }, (_, pass) => ((cascade >> pass) & 1 ? bits.read(8) : -1)))
    if (this.master >= books.length || this.books.flat().some((book) => book >= 0 && !books[book]?.vectors.length))
      throw 'a residue names a codebook that is not there'
  }

  /** Adds to `spectra` (zeros at first), of `bins` numbers each; channels that are not `used` are passed over. */
  read(bits: VorbisBits, books: readonly VorbisCodebook[], spectra: readonly Float32Array[], used: readonly boolean[], bins: number): void {
    if (!used.includes(true)) return
    if (this.kind !== 2)
      return this.readVectors(
        bits,
        books,
        spectra.filter((_, i) => used[i]),
        bins,
      )
    // all channels as one vector, a number of each in turn
    const { length } = spectra
    const together = new Float32Array(bins * length)
    this.readVectors(bits, books, [together], bins * length)
    for (let c = 0; c < length; c++) for (let i = 0; i < bins; i++) spectra[c][i] = together[i * length + c]
  }

  private readVectors(bits: VorbisBits, books: readonly VorbisCodebook[], vectors: readonly Float32Array[], length: number): void {
    const { size, classes } = this
    const begin = Math.min(this.begin, length)
    const partitions = Math.floor((Math.min(this.end, length) - begin) / size)
    if (partitions <= 0) return
    const master = books[this.master]
    const kinds = vectors.map(() => new Uint8Array(partitions + master.dimensions))
    for (let pass = 0; pass < 8; pass++)
      for (let at = 0; at < partitions;) {
        if (pass === 0)
          for (const kind of kinds) {
            let word = master.decode(bits)
            if (word < 0) return
            for (let i = master.dimensions - 1; i >= 0; i--, word = Math.floor(word / classes)) kind[at + i] = word % classes
          }
        for (let i = 0; i < master.dimensions && at < partitions; i++, at++)
          for (let v = 0; v < vectors.length; v++) {
            const book = this.books[kinds[v][at]][pass]
            if (book >= 0 && !this.add(bits, books[book], vectors[v], begin + at * size)) return
          }
      }
  }

  /** One partition; false at the end of the packet. */
  private add(bits: VorbisBits, book: VorbisCodebook, out: Float32Array, from: number): boolean {
    const { size, kind } = this
    const { dimensions, vectors } = book
    const spread = kind === 0 ? Math.floor(size / dimensions) : 1
    for (let i = 0; i < size; i += dimensions) {
      const entry = book.decode(bits)
      if (entry < 0) return false
      const start = kind === 0 ? from + i / dimensions : from + i
      for (let j = 0; j < dimensions; j++) out[start + j * spread] += vectors[entry * dimensions + j]
    }
    return true
  }
}
