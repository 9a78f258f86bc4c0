import { MONO, SANS, type Colours } from '../charts/colours.ts'
import { thousands } from '../format/numbers.ts'
import type { Pen, Picture } from './pen.ts'

export const WAVE_GUTTER = 52

interface Peaks {
  min: ArrayLike<number>
  max: ArrayLike<number>
}

/** Lowest and highest value of each stretch as one bar around zero; two shades, since loud parts are dense. */
function bars(pen: Pen, colours: Colours, peaks: Peaks, left: number, room: number, middle: number, half: number, filled = 1): void {
  const count = peaks.min.length
  if (count === 0) return
  const columns = Math.min(count, Math.max(1, Math.floor(room * 2)))
  pen.fillStyle = colours.c1
  for (let c = 0; c < Math.ceil(columns * filled); c++) {
    const from = Math.floor((c * count) / columns)
    const to = Math.max(from + 1, Math.floor(((c + 1) * count) / columns))
    let low = 0
    let high = 0
    for (let i = from; i < to; i++) {
      if (peaks.min[i] < low) low = peaks.min[i]
      if (peaks.max[i] > high) high = peaks.max[i]
    }
    const top = middle - Math.min(1, high) * half
    const bottom = middle - Math.max(-1, low) * half
    pen.fillRect(left + (c / columns) * room, top, Math.max(0.5, room / columns), Math.max(1, bottom - top))
  }
}

function frame(pen: Pen, colours: Colours, width: number, top: number, middle: number, bottom: number): void {
  pen.strokeStyle = colours.grid
  pen.lineWidth = 1
  pen.beginPath()
  for (const y of [top, middle, bottom]) {
    pen.moveTo(WAVE_GUTTER, Math.round(y) + 0.5)
    pen.lineTo(width, Math.round(y) + 0.5)
  }
  pen.stroke()
  pen.fillStyle = colours['text-2']
  pen.font = `400 11px ${MONO}`
  pen.textAlign = 'right'
  pen.textBaseline = 'middle'
  pen.fillText('+1', WAVE_GUTTER - 8, top + 6)
  pen.fillText('0', WAVE_GUTTER - 8, middle)
  pen.fillText('−1', WAVE_GUTTER - 8, bottom - 6)
}

export const waveformPicture =
  (peaks: Peaks): Picture =>
  (pen, { width, height }, colours) => {
    frame(pen, colours, width, 1, height / 2, height - 2)
    bars(pen, colours, peaks, WAVE_GUTTER, width - WAVE_GUTTER, height / 2, height / 2 - 3)
  }

export interface Growing {
  /** Peaks of what is made, over the whole length: the stretches to come are empty. */
  peaks: Peaks
  made: number
  total: number
  sampleRate: number
  growing: boolean
}

/** Sound as it is made: ink so far, sunk with the count where nothing is yet, a time axis below. */
export const growingWavePicture =
  ({ peaks, made, total, sampleRate, growing }: Growing): Picture =>
  (pen, { width, height }, colours) => {
    const bottom = height - 24
    const room = width - WAVE_GUTTER
    const edge = WAVE_GUTTER + (made / total) * room
    if (made < total) {
      pen.fillStyle = colours.sunk
      pen.fillRect(edge, 1, width - edge, bottom - 2)
    }
    frame(pen, colours, width, 1, bottom / 2, bottom - 1)
    bars(pen, colours, peaks, WAVE_GUTTER, room, bottom / 2, bottom / 2 - 4, made / total)
    if (made < total) {
      if (growing) {
        pen.fillStyle = colours.running
        pen.fillRect(edge, 1, 2, bottom - 2)
      }
      pen.fillStyle = colours['text-2']
      pen.font = `400 11px ${SANS}`
      const words = `${thousands(total - made)} samples ${growing ? 'to go' : 'not made'}`
      const fits = width - edge > pen.measureText(words).width + 20
      pen.textAlign = fits ? 'left' : 'right'
      pen.fillText(words, fits ? edge + 10 : edge - 10, bottom / 2 - 12)
    }
    timeAxis(pen, colours, total / sampleRate, width, bottom)
  }

/** Seconds under a picture that begins at the gutter. */
export function timeAxis(pen: Pen, colours: Colours, seconds: number, width: number, y: number): void {
  const room = width - WAVE_GUTTER
  const step = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60].find((one) => (seconds / one) * 90 < room) ?? 120
  const decimals = step < 0.1 ? 2 : step < 1 ? 1 : 0
  pen.strokeStyle = colours.axis
  pen.lineWidth = 1
  pen.fillStyle = colours['text-2']
  pen.font = `400 11px ${MONO}`
  pen.textBaseline = 'middle'
  pen.beginPath()
  for (let at = 0; at <= seconds + 1e-9; at += step) {
    const x = WAVE_GUTTER + (at / seconds) * room
    pen.moveTo(Math.min(width - 0.5, Math.round(x) + 0.5), y)
    pen.lineTo(Math.min(width - 0.5, Math.round(x) + 0.5), y + 4)
    pen.textAlign = at === 0 ? 'left' : x > width - 24 ? 'right' : 'center'
    pen.fillText(at === 0 ? '0 s' : at.toFixed(decimals), at === 0 ? x : Math.min(x, width), y + 13)
  }
  pen.stroke()
}
