import type { Colours } from '../charts/colours.ts'

/** The part of a 2D canvas that pictures use. The same picture then also draws as SVG. */
export interface Pen {
  fillStyle: string | CanvasGradient | CanvasPattern
  strokeStyle: string | CanvasGradient | CanvasPattern
  lineWidth: number
  globalAlpha: number
  font: string
  textAlign: CanvasTextAlign
  textBaseline: CanvasTextBaseline
  imageSmoothingEnabled: boolean
  fillRect(x: number, y: number, width: number, height: number): void
  strokeRect(x: number, y: number, width: number, height: number): void
  beginPath(): void
  moveTo(x: number, y: number): void
  lineTo(x: number, y: number): void
  closePath(): void
  fill(): void
  stroke(): void
  setLineDash(dash: number[]): void
  fillText(text: string, x: number, y: number): void
  measureText(text: string): { width: number }
  drawImage(image: HTMLCanvasElement, x: number, y: number, width: number, height: number): void
}

export interface Size {
  width: number
  height: number
}

export type Picture = (pen: Pen, size: Size, colours: Colours) => void
