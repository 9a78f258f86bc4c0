import { MONO, type ColourName, type Colours } from '../charts/colours.ts'
import { thousands } from '../format/numbers.ts'
import type { Pen, Picture, Size } from './pen.ts'

const GUTTER = 56
const GROUP_GAP = 7
const ROW = 24

const KNOWN = 'ACGTN'
const baseKey = (base: string): string => {
  const upper = base.toUpperCase()
  return (KNOWN.includes(upper) ? upper : 'N').toLowerCase()
}
export const inkOf = (base: string, colours: Colours): string => colours[`base-${baseKey(base)}` as ColourName]
export const tintOf = (base: string, colours: Colours): string => colours[`base-${baseKey(base)}-bg` as ColourName]

export interface BasesLayout {
  perLine: number
  cell: number
  rows: number
  /** Bases that fit. */
  capacity: number
}

/** Groups of ten, an even number of groups, a cell of 9.7 to 11 px: 60 bases a line at 1280, 120 at 1920. */
export function basesLayout({ width, height }: Size): BasesLayout {
  const room = width - GUTTER - 1
  let groups = Math.max(1, Math.floor((room + GROUP_GAP) / (97 + GROUP_GAP)))
  if (groups > 1) groups -= groups % 2
  const perLine = groups * 10
  const cell = Math.min(11, (room - (groups - 1) * GROUP_GAP) / perLine)
  const rows = Math.max(1, Math.floor((height + 4) / ROW))
  return { perLine, cell, rows, capacity: perLine * rows }
}

const xOf = (column: number, cell: number): number => GUTTER + column * cell + Math.floor(column / 10) * GROUP_GAP

export interface BasesOptions {
  /** Zero-based position of the first base in its record. */
  start: number
  sequence: string
  /** Bases up to here (in `sequence`) are underlined as the given prompt. */
  promptLength?: number
  /** Letters that are no bases (amino acids), in one colour. */
  plain?: boolean
}

/** Coloured bases on a wrapped ruler. */
export const basesPicture =
  ({ start, sequence, promptLength = 0, plain = false }: BasesOptions): Picture =>
  (pen, size, colours) => {
    const { perLine, cell, rows } = basesLayout(size)
    pen.textBaseline = 'middle'
    for (let row = 0; row < rows && row * perLine < sequence.length; row++) {
      const y = row * ROW + 1
      pen.font = `400 11px ${MONO}`
      pen.fillStyle = colours['text-2']
      pen.textAlign = 'right'
      pen.fillText(thousands(start + row * perLine + 1), GUTTER - 10, y + 9.5)
      pen.textAlign = 'center'
      pen.font = `500 12px ${MONO}`
      drawLine(pen, colours, sequence.slice(row * perLine, (row + 1) * perLine), cell, y, plain)
      const given = Math.min(perLine, promptLength - row * perLine)
      if (given > 0) {
        pen.fillStyle = colours.accent
        pen.fillRect(GUTTER, y + 19.5, xOf(given - 1, cell) + cell - GUTTER - 0.6, 2)
      }
    }
  }

function drawLine(pen: Pen, colours: Colours, line: string, cell: number, y: number, plain: boolean): void {
  for (let i = 0; i < line.length; i++) {
    const x = xOf(i, cell)
    const colour = plain ? 'N' : line[i]
    pen.fillStyle = tintOf(colour, colours)
    pen.fillRect(x, y, cell - 0.6, 18)
    pen.fillStyle = inkOf(colour, colours)
    pen.fillText(line[i], x + cell / 2 - 0.3, y + 9.8)
  }
}

/** A block of letters without ruler or groups: sample cards, drop target, import rows. */
export const lettersPicture =
  (sequence: string, cell = 10.2, row = 18.4, plain = false): Picture =>
  (pen, { width, height }, colours) => {
    pen.textBaseline = 'middle'
    pen.textAlign = 'center'
    pen.font = `500 ${cell < 9 ? 10 : 11}px ${MONO}`
    let next = 0
    for (let y = 0; y + row <= height + 2 && next < sequence.length; y += row) {
      for (let x = 0; x + cell <= width + 0.5 && next < sequence.length; x += cell) {
        const base = sequence[next++]
        const colour = plain ? 'N' : base
        pen.fillStyle = tintOf(colour, colours)
        pen.fillRect(x, y, cell - 0.8, row - 1.4)
        pen.fillStyle = inkOf(colour, colours)
        pen.fillText(base, x + cell / 2 - 0.4, y + row / 2)
      }
    }
  }

/** One strip of solid colours, for lists. */
export const baseStripPicture =
  (sequence: string, cell = 3): Picture =>
  (pen, { width, height }, colours) => {
    pen.globalAlpha = 0.82
    for (let i = 0; i * cell < width && i < sequence.length; i++) {
      pen.fillStyle = inkOf(sequence[i], colours)
      pen.fillRect(i * cell, 0, cell - 0.6, height)
    }
    pen.globalAlpha = 1
  }
