// Other folders compile this file without including the declarations of fft.js, so it brings them along.
// eslint-disable-next-line @typescript-eslint/triple-slash-reference
/// <reference path="../preview/fft.d.ts" />
import FFT from 'fft.js'

const FRAME = 256
const BANDS = 24
const PARTS = 8
/** Numbers that describe a sound. */
export const SOUND_FEATURES = BANDS * PARTS

/** Log power in 24 bands, spaced by octaves, in 8 equal parts of a sound: what a plain classifier of sounds looks at. */
export function soundFeatures(samples: Float32Array): Float32Array {
  const fft = new FFT(FRAME)
  const spectrum = fft.createComplexArray()
  const frame = new Array<number>(FRAME)
  const features = new Float32Array(SOUND_FEATURES)
  for (let part = 0; part < PARTS; part++) {
    const from = Math.floor((part * samples.length) / PARTS)
    const to = Math.max(from + 1, Math.floor(((part + 1) * samples.length) / PARTS))
    const power = new Float64Array(FRAME / 2)
    for (let at = from; at < to; at += FRAME / 2) {
      for (let i = 0; i < FRAME; i++) frame[i] = (samples[at + i] ?? 0) * (0.5 - 0.5 * Math.cos((2 * Math.PI * i) / FRAME))
      fft.realTransform(spectrum, frame)
      for (let bin = 0; bin < FRAME / 2; bin++) power[bin] += spectrum[2 * bin] ** 2 + spectrum[2 * bin + 1] ** 2
    }
    for (let band = 0; band < BANDS; band++) {
      const low = edge(band)
      const high = Math.max(low + 1, edge(band + 1))
      let sum = 0
      for (let bin = low; bin < high; bin++) sum += power[bin]
      features[part * BANDS + band] = Math.log(sum / (to - from) + 1e-6)
    }
  }
  return features
}

/** First bin of a band: from bin 1 to half the frame, each band as many times higher. */
const edge = (band: number): number => Math.min(FRAME / 2 - 1, Math.round((FRAME / 2) ** (band / BANDS)))
