/** Base64 of little-endian Int16 → samples. */
export function decodePcm16(base64: string): Int16Array {
  const text = atob(base64)
  const raw = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) raw[i] = text.charCodeAt(i)
  const view = new DataView(raw.buffer)
  return Int16Array.from({ length: raw.length >> 1 }, (_, i) => view.getInt16(i * 2, true))
}

/** A mono 16-bit WAV file of the samples. */
export function wavOf(samples: Int16Array, sampleRate: number): Blob {
  const header = new DataView(new ArrayBuffer(44))
  const tag = (at: number, text: string): void => [...text].forEach((letter, i) => header.setUint8(at + i, letter.charCodeAt(0)))
  tag(0, 'RIFF')
  header.setUint32(4, 36 + samples.length * 2, true)
  tag(8, 'WAVEfmt ')
  header.setUint32(16, 16, true)
  header.setUint16(20, 1, true)
  header.setUint16(22, 1, true)
  header.setUint32(24, sampleRate, true)
  header.setUint32(28, sampleRate * 2, true)
  header.setUint16(32, 2, true)
  header.setUint16(34, 16, true)
  tag(36, 'data')
  header.setUint32(40, samples.length * 2, true)
  const body = new DataView(new ArrayBuffer(samples.length * 2))
  samples.forEach((value, i) => body.setInt16(i * 2, value, true))
  return new Blob([header.buffer, body.buffer], { type: 'audio/wav' })
}

/** Minimum and maximum of each of `columns` equal stretches, in −1 … 1. */
export function peaksOf(samples: Int16Array, columns: number, total = samples.length): { min: Float32Array; max: Float32Array } {
  const min = new Float32Array(columns)
  const max = new Float32Array(columns)
  for (let c = 0; c < columns; c++) {
    const from = Math.floor((c * total) / columns)
    const to = Math.min(samples.length, Math.max(from + 1, Math.floor(((c + 1) * total) / columns)))
    for (let i = from; i < to; i++) {
      const value = samples[i] / 32768
      if (value < min[c]) min[c] = value
      if (value > max[c]) max[c] = value
    }
  }
  return { min, max }
}
