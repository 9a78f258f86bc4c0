/** Zero crossings of the sinc on each side; with this Kaiser window aliases stay some 90 dB down. */
const CROSSINGS = 24
const KAISER_BETA = 9

/** Modified Bessel function of the first kind, order 0 (Abramowitz & Stegun 9.6.12). */
function bessel0(x: number): number {
  let sum = 1
  let term = 1
  for (let k = 1; k < 40; k++) {
    term *= (x / (2 * k)) ** 2
    sum += term
  }
  return sum
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b))

/**
 * Streaming band-limited resampling by a windowed sinc (Smith, "Digital audio resampling"): one filter for each phase of the
 * rational ratio, made when first used. The cut-off is 0.95 of the lower Nyquist frequency.
 */
export class Resampler {
  private readonly from: number
  private readonly to: number
  private readonly reach: number
  private readonly cutoff: number
  private readonly filters = new Map<number, Float32Array>()
  private held: Float32Array
  /** Index in the input of held[0]. */
  private heldStart: number
  private produced = 0
  private received = 0

  constructor(fromHz: number, toHz: number) {
    const common = gcd(fromHz, toHz)
    this.from = fromHz / common
    this.to = toHz / common
    const narrow = Math.min(1, toHz / fromHz)
    this.cutoff = 0.95 * narrow
    this.reach = Math.ceil(CROSSINGS / narrow)
    // silence before the start, so the first samples have neighbours
    this.held = new Float32Array(this.reach)
    this.heldStart = -this.reach
  }

  push(samples: Float32Array): Float32Array {
    this.received += samples.length
    return this.run(samples, Math.ceil((this.received * this.to) / this.from))
  }

  /** The rest, after the last push: as many samples as the input lasts. */
  end(): Float32Array {
    return this.run(new Float32Array(this.reach + 1), Math.ceil((this.received * this.to) / this.from))
  }

  private run(samples: Float32Array, limit: number): Float32Array {
    const input = new Float32Array(this.held.length + samples.length)
    input.set(this.held)
    input.set(samples, this.held.length)
    const known = this.heldStart + input.length
    const out = new Float32Array(Math.ceil(((samples.length + 2 * this.reach + 2) * this.to) / this.from) + 2)
    let n = 0
    for (; this.produced < limit; this.produced++) {
      const position = this.produced * this.from
      const centre = Math.floor(position / this.to)
      if (centre + this.reach >= known) break
      const filter = this.filter(position % this.to)
      let sum = 0
      const first = centre - this.reach + 1 - this.heldStart
      for (let k = 0; k < filter.length; k++) sum += filter[k] * input[first + k]
      out[n++] = sum
    }
    const keepFrom = Math.max(0, Math.floor((this.produced * this.from) / this.to) - this.reach + 1 - this.heldStart)
    this.held = input.slice(keepFrom)
    this.heldStart += keepFrom
    return out.subarray(0, n)
  }

  private filter(phase: number): Float32Array {
    let filter = this.filters.get(phase)
    if (filter) return filter
    filter = new Float32Array(2 * this.reach)
    let sum = 0
    for (let k = 0; k < filter.length; k++) {
      const x = k - this.reach + 1 - phase / this.to
      const angle = Math.PI * this.cutoff * x
      const sinc = x === 0 ? 1 : Math.sin(angle) / angle
      const edge = x / this.reach
      const window = Math.abs(edge) >= 1 ? 0 : bessel0(KAISER_BETA * Math.sqrt(1 - edge * edge)) / bessel0(KAISER_BETA)
      filter[k] = sinc * window
      sum += filter[k]
    }
    for (let k = 0; k < filter.length; k++) filter[k] /= sum
    this.filters.set(phase, filter)
    return filter
  }
}
