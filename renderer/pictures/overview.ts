import { niceStep } from '../charts/axes.ts'
import { MONO, SANS, type Colours } from '../charts/colours.ts'
import { thousands } from '../format/numbers.ts'
import type { Pen, Picture } from './pen.ts'

export const OVERVIEW_GUTTER = 56
const GC_TOP = 30
const GC_BOTTOM = 68
const N_TOP = 76

export interface Overview {
  /** Bases in the record. */
  length: number
  /** Fraction of G and C in equal stretches of the record; of N likewise. */
  gc: number[]
  n: number[]
  /** The window shown below, zero-based, end exclusive. */
  view: [number, number]
}

/** Ruler, GC around its mean, runs of N, and the window in view. */
export const overviewPicture =
  ({ length, gc, n, view }: Overview): Picture =>
  (pen, { width }, colours) => {
    const room = width - OVERVIEW_GUTTER - 1
    const x = (position: number): number => OVERVIEW_GUTTER + (position / length) * room
    pen.textBaseline = 'middle'
    ruler(pen, colours, length, room, x)
    pen.font = `500 11px ${SANS}`
    pen.textAlign = 'left'
    pen.fillStyle = colours['text-2']
    pen.fillText('GC', 0, 49)
    pen.fillText('N', 0, N_TOP + 3.5)
    gcTrack(pen, colours, gc, room)
    nTrack(pen, colours, n, room)
    const left = x(view[0])
    const w = Math.max(6, x(view[1]) - left)
    pen.fillStyle = colours.accent
    pen.globalAlpha = 0.1
    pen.fillRect(left, 20, w, 66)
    pen.globalAlpha = 1
    pen.strokeStyle = colours.accent
    pen.lineWidth = 1.5
    pen.strokeRect(left + 0.75, 20.75, w - 1.5, 65)
  }

function ruler(pen: Pen, colours: Colours, length: number, room: number, x: (position: number) => number): void {
  const major = niceStep(length, Math.max(2, Math.floor(room / 95)))
  pen.strokeStyle = colours.axis
  pen.lineWidth = 1
  pen.beginPath()
  pen.moveTo(OVERVIEW_GUTTER, 16.5)
  pen.lineTo(OVERVIEW_GUTTER + room, 16.5)
  for (let at = 0, k = 0; at <= length; at += major / 5, k++) {
    const tick = Math.round(x(at)) + 0.5
    pen.moveTo(tick, 16.5)
    pen.lineTo(tick, k % 5 === 0 ? 10.5 : 13.5)
  }
  pen.stroke()
  pen.font = `400 11px ${MONO}`
  pen.fillStyle = colours['text-2']
  pen.textAlign = 'right'
  const end = thousands(length)
  pen.fillText(end, OVERVIEW_GUTTER + room, 5)
  const endLeft = OVERVIEW_GUTTER + room - pen.measureText(end).width - 16
  pen.textAlign = 'left'
  pen.fillText('1', OVERVIEW_GUTTER, 5)
  pen.textAlign = 'center'
  const [divisor, unit] = major >= 1e6 ? [1e6, 'Mb'] : major >= 1000 ? [1000, 'kb'] : [1, '']
  for (let at = major; at < length; at += major) {
    if (x(at) < endLeft - 20) pen.fillText(`${Number((at / divisor).toFixed(2))} ${unit}`.trim(), x(at), 5)
  }
}

function gcTrack(pen: Pen, colours: Colours, gc: number[], room: number): void {
  if (gc.length === 0) return
  const mean = gc.reduce((sum, value) => sum + value, 0) / gc.length
  const spread = Math.max(0.06, ...gc.map((value) => Math.abs(value - mean)))
  const low = Math.max(0, Math.floor((mean - spread) * 20) / 20)
  const high = Math.min(1, Math.ceil((mean + spread) * 20) / 20)
  const y = (value: number): number => GC_BOTTOM - ((value - low) / (high - low)) * (GC_BOTTOM - GC_TOP)
  const x = (i: number): number => OVERVIEW_GUTTER + ((i + 0.5) / gc.length) * room
  pen.strokeStyle = colours.grid
  pen.beginPath()
  for (const value of [low, high]) {
    pen.moveTo(OVERVIEW_GUTTER, Math.round(y(value)) + 0.5)
    pen.lineTo(OVERVIEW_GUTTER + room, Math.round(y(value)) + 0.5)
  }
  pen.stroke()
  pen.beginPath()
  pen.moveTo(OVERVIEW_GUTTER, y(mean))
  gc.forEach((value, i) => pen.lineTo(x(i), y(value)))
  pen.lineTo(OVERVIEW_GUTTER + room, y(mean))
  pen.closePath()
  pen.globalAlpha = 0.18
  pen.fillStyle = colours.c1
  pen.fill()
  pen.globalAlpha = 1
  pen.beginPath()
  gc.forEach((value, i) => (i ? pen.lineTo(x(i), y(value)) : pen.moveTo(x(i), y(value))))
  pen.strokeStyle = colours.c1
  pen.lineWidth = 1.25
  pen.stroke()
  pen.setLineDash([1, 3])
  pen.strokeStyle = colours['text-2']
  pen.beginPath()
  pen.moveTo(OVERVIEW_GUTTER, y(mean))
  pen.lineTo(OVERVIEW_GUTTER + room, y(mean))
  pen.stroke()
  pen.setLineDash([])
  pen.fillStyle = colours['text-2']
  pen.font = `400 10px ${MONO}`
  pen.textAlign = 'right'
  pen.fillText(`${Math.round(high * 100)} %`, OVERVIEW_GUTTER - 8, y(high) + 3)
  pen.fillText(`${Math.round(low * 100)} %`, OVERVIEW_GUTTER - 8, y(low) - 3)
}

function nTrack(pen: Pen, colours: Colours, n: number[], room: number): void {
  pen.fillStyle = colours.grid
  pen.fillRect(OVERVIEW_GUTTER, N_TOP, room, 6)
  pen.fillStyle = colours.fail
  const step = room / Math.max(1, n.length)
  n.forEach((value, i) => {
    if (value <= 0) return
    pen.globalAlpha = 0.35 + 0.65 * Math.min(1, value)
    pen.fillRect(OVERVIEW_GUTTER + i * step, N_TOP, Math.max(2, step), 6)
  })
  pen.globalAlpha = 1
}
