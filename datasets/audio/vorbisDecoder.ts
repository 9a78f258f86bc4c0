import { ilog, VorbisBits } from './vorbisBits.ts'
import { VorbisCodebook } from './vorbisCodebook.ts'
import { VorbisFloor } from './vorbisFloor.ts'
import { VorbisResidue } from './vorbisResidue.ts'
import { VorbisTransform } from './vorbisTransform.ts'

interface Mapping {
  coupling: { magnitude: number; angle: number }[]
  /** Submap of each channel. */
  mux: number[]
  submaps: { floor: number; residue: number }[]
}

/** Decodes the packets of one stream after its setup header (Vorbis I specification of Xiph.org, 2020). */
export class VorbisDecoder {
  private readonly channels: number
  private readonly transforms: readonly [VorbisTransform, VorbisTransform]
  private readonly sizes: readonly [number, number]
  private readonly books: VorbisCodebook[]
  private readonly floors: VorbisFloor[]
  private readonly residues: VorbisResidue[]
  private readonly mappings: Mapping[]
  private readonly modes: { long: number; mapping: number }[]
  /** The second half of the block before, of each channel, windowed. */
  private before: Float32Array[] | null = null

  /** Throws a string that says what is wrong with the setup. */
  constructor(channels: number, sizes: readonly [number, number], setup: Uint8Array) {
    this.channels = channels
    this.sizes = sizes
    this.transforms = [new VorbisTransform(sizes[0]), new VorbisTransform(sizes[1])]
    const bits = new VorbisBits(setup.subarray(7))
    const several = <T>(make: () => T, width = 6): T[] => Array.from({ length: bits.read(width) + 1 }, make)
    this.books = several(() => new VorbisCodebook(bits), 8)
    several(() => bits.read(16))
    this.floors = several(() => {
      if (bits.read(16) !== 1) throw 'it uses floors of kind 0, which no encoder since 2001 writes'
      return new VorbisFloor(bits, this.books.length)
    })
    this.residues = several(() => new VorbisResidue(bits, this.books))
    this.mappings = several(() => this.readMapping(bits))
    this.modes = several(() => {
      const long = bits.read(1)
      bits.read(32)
      const mapping = bits.read(8)
      if (mapping >= this.mappings.length) throw 'a mode names a mapping that is not there'
      return { long, mapping }
    })
    if (bits.read(1) !== 1 || bits.over) throw 'its setup ends too early'
  }

  private readMapping(bits: VorbisBits): Mapping {
    if (bits.read(16) !== 0) throw 'a mapping is of a reserved kind'
    const submaps = bits.read(1) === 1 ? bits.read(4) + 1 : 1
    const width = ilog(this.channels - 1)
    const steps = bits.read(1) === 1 ? bits.read(8) + 1 : 0
    const coupling = Array.from({ length: steps }, () => ({ magnitude: bits.read(width), angle: bits.read(width) }))
    if (bits.read(2) !== 0 || coupling.some(({ magnitude, angle }) => magnitude === angle || Math.max(magnitude, angle) >= this.channels))
      throw 'a mapping couples channels that are not there'
    const mux = Array.from({ length: this.channels }, () => (submaps > 1 ? bits.read(4) : 0))
    const found = Array.from({ length: submaps }, () => {
      bits.read(8)
      return { floor: bits.read(8), residue: bits.read(8) }
    })
    if (mux.some((i) => i >= submaps) || found.some(({ floor, residue }) => floor >= this.floors.length || residue >= this.residues.length))
      throw 'a mapping names a floor or residue that is not there'
    return { coupling, mux, submaps: found }
  }

  /** Forgets the block before: packets were lost. */
  restart(): void {
    this.before = null
  }

  /** The samples of each channel that this packet completes: none for the first one, null for a packet that is no sound. */
  decode(packet: Uint8Array): Float32Array[] | null {
    const bits = new VorbisBits(packet)
    if (packet.length === 0 || bits.read(1) !== 0) return null
    const mode = this.modes[bits.read(ilog(this.modes.length - 1))]
    if (!mode) return null
    const size = this.sizes[mode.long]
    // a long block leans on its neighbours, which may be short
    const left = this.sizes[mode.long ? bits.read(1) : 0]
    const right = this.sizes[mode.long ? bits.read(1) : 0]
    const spectra = this.readSpectra(bits, this.mappings[mode.mapping], size / 2)
    const blocks = spectra.map((spectrum) => this.window(this.transforms[mode.long].inverse(spectrum), left, right))
    const { before } = this
    this.before = blocks.map((block) => block.subarray(size / 2))
    return before
      ? blocks.map((block, channel) => overlap(before[channel], block.subarray(0, size / 2)))
      : blocks.map(() => new Float32Array(0))
  }

  private readSpectra(bits: VorbisBits, { coupling, mux, submaps }: Mapping, bins: number): Float32Array[] {
    const curves = mux.map((submap) => this.floors[submaps[submap].floor].read(bits, this.books))
    const used = curves.map((curve) => curve !== null)
    // a coupled pair is coded together when either sounds
    for (const { magnitude, angle } of coupling) if (used[magnitude] || used[angle]) used[magnitude] = used[angle] = true
    const spectra = mux.map(() => new Float32Array(bins))
    submaps.forEach(({ residue }, submap) => {
      const members = mux.map((_, channel) => channel).filter((channel) => mux[channel] === submap)
      this.residues[residue].read(
        bits,
        this.books,
        members.map((c) => spectra[c]),
        members.map((c) => used[c]),
        bins,
      )
    })
    for (const { magnitude, angle } of coupling.toReversed()) uncouple(spectra[magnitude], spectra[angle])
    curves.forEach((curve, channel) => {
      const { floor } = submaps[mux[channel]]
      if (curve) this.floors[floor].apply(curve, spectra[channel], bins)
      else spectra[channel].fill(0)
    })
    return spectra
  }

  private window(block: Float32Array, left: number, right: number): Float32Array {
    const { length } = block
    const slopeOf = (size: number): Float32Array => this.transforms[size === this.sizes[1] ? 1 : 0].slope
    const rise = slopeOf(left)
    const riseAt = length / 4 - left / 4
    for (let i = 0; i < riseAt; i++) block[i] = 0
    for (let i = 0; i < left / 2; i++) block[riseAt + i] *= rise[i]
    const fall = slopeOf(right)
    const fallAt = (3 * length) / 4 - right / 4
    for (let i = 0; i < right / 2; i++) block[fallAt + i] *= fall[right / 2 - 1 - i]
    for (let i = fallAt + right / 2; i < length; i++) block[i] = 0
    return block
  }
}

/** Magnitude and angle → two channels (section 4.3.5). */
function uncouple(magnitudes: Float32Array, angles: Float32Array): void {
  for (let i = 0; i < magnitudes.length; i++) {
    const [m, a] = [magnitudes[i], angles[i]]
    const other = m > 0 === a > 0 ? m - a : m + a
    magnitudes[i] = a > 0 ? m : other
    angles[i] = a > 0 ? other : m
  }
}

/** From the middle of one block to the middle of the next; the shorter half decides where they meet. */
function overlap(before: Float32Array, now: Float32Array): Float32Array {
  const out = new Float32Array((before.length + now.length) / 2)
  const length = out.length
  // the middles lie at before[0] and now[now.length]; their slopes meet at a quarter of each block
  const shift = length - now.length
  for (let i = 0; i < length; i++) {
    if (i < before.length) out[i] = before[i]
    const j = i - shift
    if (j >= 0) out[i] += now[j]
  }
  return out
}
