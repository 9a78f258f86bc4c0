// Writes snapshot.json: the first stretch of each bundled sample, small enough to ship with the window,
// so that Home has pictures of real data before anything is imported. Run: node renderer/samples/makeSnapshot.mjs
import { readFileSync, writeFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'

const samples = new URL('../../datasets/samples/', import.meta.url)
const FRAMES = 150
const BINS = 64
const RANGE_DB = 70

const fasta = gunzipSync(readFileSync(new URL('lambda.fa.gz', samples))).toString()
const genome = fasta.split('\n').slice(1).join('').toUpperCase()

/** Samples and rate of a mono 16-bit WAV file. */
function readWav(file) {
  const bytes = readFileSync(new URL(file, samples))
  let at = 12
  let rate = 0
  while (at < bytes.length - 8) {
    const [id, size] = [bytes.toString('latin1', at, at + 4), bytes.readUInt32LE(at + 4)]
    if (id === 'fmt ') rate = bytes.readUInt32LE(at + 12)
    if (id === 'data') {
      return { rate, values: Float64Array.from({ length: size >> 1 }, (_, i) => bytes.readInt16LE(at + 8 + i * 2) / 32768) }
    }
    at += 8 + size + (size & 1)
  }
  throw new Error(`${file} has no data chunk`)
}

/** Level in dB of FRAMES × BINS cells up to `maxHz`, by a Hann-windowed discrete Fourier transform at each bin's middle. */
function spectrogram({ rate, values }, maxHz) {
  const window = 512
  const db = new Float64Array(FRAMES * BINS)
  for (let frame = 0; frame < FRAMES; frame++) {
    const start = Math.round((frame * (values.length - window)) / (FRAMES - 1))
    for (let bin = 0; bin < BINS; bin++) {
      const step = (2 * Math.PI * ((bin + 0.5) * maxHz)) / BINS / rate
      let re = 0
      let im = 0
      for (let i = 0; i < window; i++) {
        const value = values[start + i] * (0.5 - 0.5 * Math.cos((2 * Math.PI * i) / window))
        re += value * Math.cos(step * i)
        im -= value * Math.sin(step * i)
      }
      db[frame * BINS + bin] = 10 * Math.log10(re * re + im * im + 1e-9)
    }
  }
  return db
}

const guitar = readWav('guitar-and-piano/guit_em9.wav')
const maxHz = 4000
const db = spectrogram(guitar, maxHz)
const top = Math.max(...db)
const levels = Buffer.from(Array.from(db, (level) => Math.max(0, Math.min(255, Math.round(((level - top + RANGE_DB) / RANGE_DB) * 255)))))

const rows = readFileSync(new URL('seattle-hourly-normals.csv', samples), 'utf8').trim().split('\n').slice(1)
const week = rows.slice(4400, 4400 + 7 * 24).map((row) => row.split(',').slice(1).map(Number))

const plays = gunzipSync(readFileSync(new URL('tinyshakespeare.txt.gz', samples))).toString()
const romeo = plays.indexOf('But, soft! what light')

const snapshot = {
  genomics: genome.slice(190, 430),
  audio: { frames: FRAMES, bins: BINS, maxHz, levels: levels.toString('base64') },
  timeseries: [0, 1, 2].map((channel) => week.map((values) => values[channel])),
  text: `ROMEO:\n${plays.slice(romeo, romeo + 420)}`,
}
writeFileSync(new URL('snapshot.json', import.meta.url), `${JSON.stringify(snapshot)}\n`)
