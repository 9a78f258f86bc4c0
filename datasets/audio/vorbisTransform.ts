// Other folders compile this file without including the previews' declarations, so it brings them along.
// eslint-disable-next-line @typescript-eslint/triple-slash-reference
/// <reference path="../preview/fft.d.ts" />
import FFT from 'fft.js'

/** The inverse MDCT of one block size, and the slope of its window (Vorbis I, section 4.3). */
export class VorbisTransform {
  /** The rising half of the window of a block of this size. */
  readonly slope: Float32Array
  private readonly half: number
  private readonly fft: FFT
  private readonly cos: Float64Array
  private readonly sin: Float64Array
  private readonly input: Float64Array
  private readonly output: Float64Array
  private readonly dct: Float64Array

  constructor(size: number) {
    this.half = size / 2
    const quarter = size / 4
    this.slope = Float32Array.from({ length: this.half }, (_, i) => Math.sin((Math.PI / 2) * Math.sin(((i + 0.5) / size) * Math.PI) ** 2))
    this.fft = new FFT(quarter)
    const turn = (i: number): number => (-Math.PI * (8 * i + 1)) / (8 * this.half)
    this.cos = Float64Array.from({ length: quarter }, (_, i) => Math.cos(turn(i)))
    this.sin = Float64Array.from({ length: quarter }, (_, i) => Math.sin(turn(i)))
    this.input = new Float64Array(this.half)
    this.output = new Float64Array(this.half)
    this.dct = new Float64Array(this.half)
  }

  /** size/2 numbers of spectrum → size samples: y[i] = Σ X[k] cos(π/(2·size) (2i + 1 + size/2)(2k + 1)), by a DCT-IV in one FFT. */
  inverse(spectrum: Float32Array): Float32Array {
    const { half, cos, sin, input, output, dct } = this
    for (let i = 0; i < half / 2; i++) {
      const [re, im] = [spectrum[2 * i], spectrum[half - 1 - 2 * i]]
      input[2 * i] = re * cos[i] - im * sin[i]
      input[2 * i + 1] = re * sin[i] + im * cos[i]
    }
    this.fft.transform(output, input)
    for (let i = 0; i < half / 2; i++) {
      const [re, im] = [output[2 * i], output[2 * i + 1]]
      dct[2 * i] = re * cos[i] - im * sin[i]
      dct[half - 1 - 2 * i] = -(re * sin[i] + im * cos[i])
    }
    const samples = new Float32Array(2 * half)
    for (let i = 0; i < 2 * half; i++) {
      const j = i + half / 2
      samples[i] = j < half ? dct[j] : j < 2 * half ? -dct[2 * half - 1 - j] : -dct[j - 2 * half]
    }
    return samples
  }
}
