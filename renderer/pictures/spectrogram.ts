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
export function spectrogramImage({ frames, bins, db }: Spectrogram, dark: boolean): HTMLCanvasElement {
  const canvas = document.createElement('canvas')
  canvas.width = Math.max(1, frames)
  canvas.height = Math.max(1, bins)
  const context = canvas.getContext('2d')!
  const image = context.createImageData(canvas.width, canvas.height)
  const table = ramp(dark)
  let top = -Infinity
  for (let i = 0; i < db.length; i++) if (db[i] > top) top = db[i]
  for (let frame = 0; frame < frames; frame++) {
    for (let bin = 0; bin < bins; bin++) {
      const level = Math.max(0, Math.min(255, Math.round(((db[frame * bins + bin] - top + RANGE_DB) / RANGE_DB) * 255))) * 3
      const at = ((bins - 1 - bin) * frames + frame) * 4
      image.data[at] = table[level]
      image.data[at + 1] = table[level + 1]
      image.data[at + 2] = table[level + 2]
      image.data[at + 3] = 255
    }
  }
  context.putImageData(image, 0, 0)
  return canvas
}

/** With its frequency axis at the left and time below. */
export const spectrogramPicture =
  (spectrogram: Spectrogram, seconds: number): Picture =>
  (pen, { width, height }, colours) => {
    const bottom = height - 22
    pen.imageSmoothingEnabled = true
    pen.drawImage(spectrogramImage(spectrogram, colours.dark), WAVE_GUTTER, 0, width - WAVE_GUTTER, bottom)
    const kilohertz = spectrogram.maxHz / 1000
    const step = kilohertz > 12 ? 5 : kilohertz > 6 ? 2 : kilohertz > 2.5 ? 1 : 0.5
    pen.fillStyle = colours['text-2']
    pen.font = `400 11px ${MONO}`
    pen.textAlign = 'right'
    pen.textBaseline = 'middle'
    for (let at = 0; at <= kilohertz; at += step) {
      const y = bottom - (at / kilohertz) * bottom
      const last = at + step > kilohertz
      pen.fillText(last ? `${at} kHz` : String(at), WAVE_GUTTER - 6, Math.min(bottom - 5, Math.max(6, y)))
    }
    timeAxis(pen, colours, seconds, width, bottom)
  }

export const spectrogramStripPicture =
  (spectrogram: Spectrogram): Picture =>
  (pen, { width, height }, colours) => {
    pen.imageSmoothingEnabled = true
    pen.drawImage(spectrogramImage(spectrogram, colours.dark), 0, 0, width, height)
  }
