import { MONO } from '../charts/colours.ts'
import themes from '../charts/theme.json'
import type { Picture } from './pen.ts'
import { timeAxis, WAVE_GUTTER } from './waveform.ts'

export interface Spectrogram {
  frames: number
  bins: number
  maxHz: number
  /** Row by frame: db[frame × bins + bin]. */
  db: ArrayLike<number>
}

export type FrequencyScale = 'linear' | 'log'

/** Where a log scale begins. */
const LOW_HZ = 60

/** How far below the loudest point the picture reaches, in dB. */
const RANGE_DB = 70

const rgb = (hex: string): number[] => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16))

/** Magma on a dark page, magma reversed on a white one, so that silence is the colour of the panel in both. */
function ramp(dark: boolean): Uint8Array {
  const stops = themes[dark ? 'dark' : 'light'].strand.sequential.map(rgb)
  if (dark) stops[0] = rgb('#161920')
  const table = new Uint8Array(256 * 3)
  for (let i = 0; i < 256; i++) {
    const at = (i / 255) * (stops.length - 1)
    const stop = Math.min(stops.length - 2, Math.floor(at))
    for (let k = 0; k < 3; k++) table[i * 3 + k] = stops[stop][k] + (stops[stop + 1][k] - stops[stop][k]) * (at - stop)
  }
  return table
}

/** One pixel per frame and bin; the pen scales it. */
export function spectrogramImage(
  { frames, bins, db, maxHz }: Spectrogram,
  dark: boolean,
  scale: FrequencyScale = 'linear',
): HTMLCanvasElement {
  const canvas = document.createElement('canvas')
  canvas.width = Math.max(1, frames)
  const rows = Math.max(1, scale === 'log' ? bins * 2 : bins)
  canvas.height = rows
  const context = canvas.getContext('2d')!
  const image = context.createImageData(canvas.width, canvas.height)
  const table = ramp(dark)
  const binOf = (row: number): number => (placeToHz((row + 0.5) / rows, maxHz, scale) / maxHz) * bins - 0.5
  let top = -Infinity
  for (let i = 0; i < db.length; i++) if (db[i] > top) top = db[i]
  for (let frame = 0; frame < frames; frame++) {
    for (let row = 0; row < rows; row++) {
      const level =
        Math.max(0, Math.min(255, Math.round(((levelAt(db, frame * bins, bins, binOf(row)) - top + RANGE_DB) / RANGE_DB) * 255))) * 3
      const at = ((rows - 1 - row) * frames + frame) * 4
      image.data[at] = table[level]
      image.data[at + 1] = table[level + 1]
      image.data[at + 2] = table[level + 2]
      image.data[at + 3] = 255
    }
  }
  context.putImageData(image, 0, 0)
  return canvas
}

/** Between two bins, so that the stretched low end of a log scale is not in steps. */
function levelAt(db: ArrayLike<number>, offset: number, bins: number, bin: number): number {
  const low = Math.max(0, Math.min(bins - 1, Math.floor(bin)))
  const high = Math.min(bins - 1, low + 1)
  const part = Math.max(0, Math.min(1, bin - low))
  return db[offset + low] * (1 - part) + db[offset + high] * part
}

/** 0 … 1 of the height → hertz. */
const placeToHz = (place: number, maxHz: number, scale: FrequencyScale): number =>
  scale === 'log' ? LOW_HZ * Math.pow(maxHz / LOW_HZ, place) : place * maxHz

const hzToPlace = (hertz: number, maxHz: number, scale: FrequencyScale): number =>
  scale === 'log' ? Math.log(hertz / LOW_HZ) / Math.log(maxHz / LOW_HZ) : hertz / maxHz

const hertzLabel = (hertz: number): string => (hertz >= 1000 ? `${hertz / 1000} kHz` : String(hertz))

/** With its frequency axis at the left and time below. */
export const spectrogramPicture =
  (spectrogram: Spectrogram, seconds: number, scale: FrequencyScale): Picture =>
  (pen, { width, height }, colours) => {
    const bottom = height - 22
    pen.imageSmoothingEnabled = true
    pen.drawImage(spectrogramImage(spectrogram, colours.dark, scale), WAVE_GUTTER, 0, width - WAVE_GUTTER, bottom)
    const { maxHz } = spectrogram
    const step = maxHz > 12_000 ? 5000 : maxHz > 6000 ? 2000 : maxHz > 2500 ? 1000 : 500
    const marks =
      scale === 'log'
        ? [100, 200, 500, 1000, 2000, 5000, 10_000, 20_000]
        : Array.from({ length: Math.floor(maxHz / step) + 1 }, (_, i) => i * step)
    pen.fillStyle = colours['text-2']
    pen.font = `400 11px ${MONO}`
    pen.textAlign = 'right'
    pen.textBaseline = 'middle'
    for (const hertz of marks.filter((mark) => mark <= maxHz)) {
      const y = bottom - hzToPlace(hertz, maxHz, scale) * bottom
      pen.fillText(hertzLabel(hertz), WAVE_GUTTER - 6, Math.min(bottom - 5, Math.max(6, y)))
    }
    timeAxis(pen, colours, seconds, width, bottom)
  }

export const spectrogramStripPicture =
  (spectrogram: Spectrogram, scale: FrequencyScale = 'linear'): Picture =>
  (pen, { width, height }, colours) => {
    pen.imageSmoothingEnabled = true
    pen.drawImage(spectrogramImage(spectrogram, colours.dark, scale), 0, 0, width, height)
  }
