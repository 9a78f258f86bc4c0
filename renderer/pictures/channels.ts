import { SANS, MONO, type ColourName, type Colours } from '../charts/colours.ts'
import type { Pen, Picture, Size } from './pen.ts'

export type Values = (number | null)[]

export interface Channels {
  values: Values[]
  /** Labels under the axis: fraction of the width and text. */
  ticks: { at: number; text: string }[]
  /** The point under the cursor, or null. */
  cursor: number | null
  sharedScale: boolean
}

export const CHANNEL_AXIS = 22

export function rangeOf(values: Values): [low: number, high: number] {
  let low = Infinity
  let high = -Infinity
  for (const value of values) {
    if (value === null || !Number.isFinite(value)) continue
    if (value < low) low = value
    if (value > high) high = value
  }
  if (low > high) return [0, 1]
  return low === high ? [low - 0.5, high + 0.5] : [low, high]
}

/** Runs of missing values as [first, one past the last]. */
export function gapsOf(values: Values): [number, number][] {
  const gaps: [number, number][] = []
  for (let i = 0; i < values.length; i++) {
    if (values[i] !== null) continue
    const last = gaps[gaps.length - 1]
    if (last && last[1] === i) last[1] = i + 1
    else gaps.push([i, i + 1])
  }
  return gaps
}

/** Channels stacked on one time axis. Gaps are hatched and the line is broken: a line through nothing would be a claim. */
export const channelsPicture =
  ({ values, ticks, cursor, sharedScale }: Channels): Picture =>
  (pen, { width, height }, colours) => {
    const bottom = height - CHANNEL_AXIS
    const lane = bottom / values.length
    const shared = sharedScale ? rangeOf(values.flat()) : null
    pen.strokeStyle = colours.grid
    pen.lineWidth = 1
    pen.beginPath()
    for (const { at } of ticks) {
      pen.moveTo(Math.round(at * width) + 0.5, 0)
      pen.lineTo(Math.round(at * width) + 0.5, bottom)
    }
    pen.stroke()
    values.forEach((channel, c) => {
      const box = { top: c * lane + 4, height: lane - 8 }
      drawGaps(pen, colours, channel, width, box)
      drawLine(pen, channel, width, box, shared ?? rangeOf(channel), colours.c1, 1.25)
      pen.strokeStyle = colours.line
      pen.lineWidth = 1
      pen.beginPath()
      pen.moveTo(0, Math.round((c + 1) * lane) - 0.5)
      pen.lineTo(width, Math.round((c + 1) * lane) - 0.5)
      pen.stroke()
    })
    pen.fillStyle = colours['text-2']
    pen.font = `400 11px ${MONO}`
    pen.textBaseline = 'middle'
    let free = -Infinity
    for (const { at, text } of ticks) {
      const x = at * width
      const w = pen.measureText(text).width
      const left = Math.max(0, Math.min(width - w, x - w / 2))
      if (left < free) continue
      free = left + w + 12
      pen.textAlign = 'left'
      pen.fillText(text, left, bottom + 12)
    }
    if (cursor !== null && values[0]?.length > 1) {
      pen.fillStyle = colours['text-2']
      pen.fillRect(Math.round((cursor / (values[0].length - 1)) * (width - 1)), 0, 1, bottom)
    }
  }

function drawGaps(pen: Pen, colours: Colours, values: Values, width: number, { top, height }: { top: number; height: number }): void {
  const step = width / Math.max(1, values.length - 1)
  for (const [from, to] of gapsOf(values)) {
    const left = Math.max(0, (from - 0.5) * step)
    const right = Math.min(width, (to - 0.5) * step)
    hatch(pen, left, top, Math.max(2, right - left), height, colours.mass)
  }
}

/** Grey hatching means that there is nothing there. */
function hatch(pen: Pen, left: number, top: number, width: number, height: number, colour: string): void {
  pen.strokeStyle = colour
  pen.lineWidth = 1
  pen.globalAlpha = 0.75
  pen.beginPath()
  for (let offset = 0; offset < width + height; offset += 5) {
    const x0 = Math.max(0, offset - height)
    const x1 = Math.min(width, offset)
    if (x1 <= x0) continue
    pen.moveTo(left + x0, top + offset - x0)
    pen.lineTo(left + x1, top + offset - x1)
  }
  pen.stroke()
  pen.globalAlpha = 1
}

function drawLine(
  pen: Pen,
  values: Values,
  width: number,
  box: { top: number; height: number },
  [low, high]: [number, number],
  colour: string,
  lineWidth: number,
): void {
  pen.strokeStyle = colour
  pen.lineWidth = lineWidth
  pen.beginPath()
  let down = false
  values.forEach((value, i) => {
    if (value === null) {
      down = false
      return
    }
    const x = (i / Math.max(1, values.length - 1)) * width
    const y = box.top + (1 - (value - low) / (high - low)) * box.height
    if (down) pen.lineTo(x, y)
    else pen.moveTo(x, y)
    down = true
  })
  pen.stroke()
}

/** A few channels over each other in their own colours, for cards and lists. */
export const channelStripPicture =
  (values: Values[], most = 3): Picture =>
  (pen: Pen, { width, height }: Size, colours: Colours) => {
    const shown = values.slice(0, most)
    shown.forEach((channel, c) => {
      const lane = height / shown.length
      const box = { top: c * lane + 2, height: lane - 4 }
      drawGaps(pen, colours, channel, width, box)
      drawLine(pen, channel, width, box, rangeOf(channel), colours[`c${c + 1}` as ColourName], 1.25)
    })
    if (shown.length === 0) {
      pen.font = `400 11px ${SANS}`
      pen.fillStyle = colours['text-2']
      pen.fillText('no values', 0, height / 2)
    }
  }
