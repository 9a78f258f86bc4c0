// Other folders compile this file without including this one's declarations, so it brings them along.
// eslint-disable-next-line @typescript-eslint/triple-slash-reference
/// <reference path="./fft.d.ts" />
import FFT from 'fft.js'
import type { DatasetPreview } from '../../main/contract/dataset.ts'
import { readCells, type ReadableStore, type StoredDataset } from '../store/store.ts'
import type { PreviewWindow } from './preview.ts'

const PEAKS = 1000
const FFT_SIZE = 1024
const FRAMES = 240
const BINS = 96
/** Quieter than this below full scale shows as silence. */
const FLOOR_DB = -100
const PLAYED_SECONDS = 10
/** Samples read at once, and looked at for the peaks of one column of a very long recording. */
const READ_SAMPLES = 32_768

/** The outline of the stretch, its spectrogram, and up to ten seconds to play from its start. */
export function previewSound(store: ReadableStore, dataset: StoredDataset, { record, start, length }: PreviewWindow): DatasetPreview {
  const sampleRate = dataset.layout.sampleRate ?? 16_000
  const read = (from: number, count: number): Float32Array => readSamples(store, dataset, record.start + start + from, count)
  const played = read(0, Math.min(length, PLAYED_SECONDS * sampleRate))
  const pcm = Int16Array.from(played, (sample) => Math.max(-32_768, Math.min(32_767, Math.round(sample * 32_768))))
  return {
    kind: 'audio',
    record: record.name,
    start,
    length,
    sampleRate,
    peaks: peaksOf(read, length),
    spectrogram: spectrogramOf(read, length, sampleRate),
    pcm16: Buffer.from(pcm.buffer).toString('base64'),
  }
}

function readSamples(store: ReadableStore, dataset: StoredDataset, start: number, count: number): Float32Array {
  const { buffer } = readCells(store, dataset, start, count)
  return dataset.cell === 'f32' ? new Float32Array(buffer) : Float32Array.from(new Int16Array(buffer), (value) => value / 32_768)
}

function peaksOf(read: (from: number, count: number) => Float32Array, length: number): { min: number[]; max: number[] } {
  const columns = Math.min(PEAKS, length)
  const min: number[] = []
  const max: number[] = []
  for (let column = 0; column < columns; column++) {
    const from = Math.floor((column * length) / columns)
    const to = Math.floor(((column + 1) * length) / columns)
    let low = Infinity
    let high = -Infinity
    for (const sample of read(from, Math.min(to - from, READ_SAMPLES))) {
      if (sample < low) low = sample
      if (sample > high) high = sample
    }
    min.push(+low.toFixed(4))
    max.push(+high.toFixed(4))
  }
  return { min, max }
}

/** Hann-windowed power in decibels under full scale, frame after frame, low bins first; bins are even in frequency up to half the sample rate. */
function spectrogramOf(
  read: (from: number, count: number) => Float32Array,
  length: number,
  sampleRate: number,
): { frames: number; bins: number; maxHz: number; db: number[] } {
  const frames = Math.max(1, Math.min(FRAMES, Math.floor(length / (FFT_SIZE / 4))))
  const fft = new FFT(FFT_SIZE)
  const spectrum = fft.createComplexArray()
  const hann = Float64Array.from({ length: FFT_SIZE }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / FFT_SIZE))
  const input = new Float64Array(FFT_SIZE)
  const db: number[] = []
  const perBin = FFT_SIZE / 2 / BINS
  for (let frame = 0; frame < frames; frame++) {
    const from = frames === 1 ? 0 : Math.floor((frame * Math.max(0, length - FFT_SIZE)) / (frames - 1))
    const samples = read(from, Math.min(FFT_SIZE, length - from))
    input.fill(0)
    for (let i = 0; i < samples.length; i++) input[i] = samples[i] * hann[i]
    fft.realTransform(spectrum, input)
    for (let bin = 0; bin < BINS; bin++) {
      let power = 0
      for (let k = Math.floor(bin * perBin); k < Math.floor((bin + 1) * perBin); k++)
        // a full-scale sine has amplitude FFT_SIZE / 4 through a Hann window
        power = Math.max(power, (spectrum[2 * k] ** 2 + spectrum[2 * k + 1] ** 2) / (FFT_SIZE / 4) ** 2)
      db.push(Math.round(Math.max(FLOOR_DB, 10 * Math.log10(power + 1e-12))))
    }
  }
  return { frames, bins: BINS, maxHz: sampleRate / 2, db }
}
