import type { Pen, Size } from './pen.ts'

const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
const short = (n: number): string => Number(n.toFixed(2)).toString()

/** A pen that writes SVG: what is saved is the drawing itself, not its pixels. Images (spectrograms) are embedded. */
export class SvgPen implements Pen {
  fillStyle = '#000'
  strokeStyle = '#000'
  lineWidth = 1
  globalAlpha = 1
  font = '12px sans-serif'
  textAlign: CanvasTextAlign = 'left'
  textBaseline: CanvasTextBaseline = 'alphabetic'
  imageSmoothingEnabled = true
  #path = ''
  #dash: number[] = []
  #parts: string[] = []
  readonly #measure: (text: string, font: string) => number

  constructor(measure: (text: string, font: string) => number) {
    this.#measure = measure
  }
  #add(tag: string, attributes: string): void {
    this.#parts.push(`<${tag} ${attributes}${this.globalAlpha < 1 ? ` opacity="${short(this.globalAlpha)}"` : ''}/>`)
  }
  #box(x: number, y: number, width: number, height: number): string {
    return `x="${short(x)}" y="${short(y)}" width="${short(width)}" height="${short(height)}"`
  }
  get #line(): string {
    const dash = this.#dash.length ? ` stroke-dasharray="${this.#dash.join(' ')}"` : ''
    return `fill="none" stroke="${this.strokeStyle}" stroke-width="${short(this.lineWidth)}"${dash}`
  }
  fillRect(x: number, y: number, width: number, height: number): void {
    this.#add('rect', `${this.#box(x, y, width, height)} fill="${this.fillStyle}"`)
  }
  strokeRect(x: number, y: number, width: number, height: number): void {
    this.#add('rect', `${this.#box(x, y, width, height)} ${this.#line}`)
  }
  beginPath(): void {
    this.#path = ''
  }
  moveTo(x: number, y: number): void {
    this.#path += `M${short(x)} ${short(y)}`
  }
  lineTo(x: number, y: number): void {
    this.#path += `L${short(x)} ${short(y)}`
  }
  closePath(): void {
    this.#path += 'Z'
  }
  fill(): void {
    this.#add('path', `d="${this.#path}" fill="${this.fillStyle}"`)
  }
  stroke(): void {
    this.#add('path', `d="${this.#path}" ${this.#line}`)
  }
  setLineDash(dash: number[]): void {
    this.#dash = dash
  }
  fillText(text: string, x: number, y: number): void {
    const anchor = { center: 'middle', right: 'end', end: 'end', left: 'start', start: 'start' }[this.textAlign]
    const baseline =
      this.textBaseline === 'middle' ? ' dominant-baseline="central"' : this.textBaseline === 'top' ? ' dominant-baseline="hanging"' : ''
    this.#parts.push(
      `<text x="${short(x)}" y="${short(y)}" style="font:${escape(this.font)}" text-anchor="${anchor}"${baseline} fill="${this.fillStyle}">${escape(text)}</text>`,
    )
  }
  measureText(text: string): { width: number } {
    return { width: this.#measure(text, this.font) }
  }
  drawImage(image: HTMLCanvasElement, x: number, y: number, width: number, height: number): void {
    this.#add('image', `${this.#box(x, y, width, height)} preserveAspectRatio="none" href="${image.toDataURL()}"`)
  }
  document({ width, height }: Size, background: string): string {
    const paper = `<rect width="${width}" height="${height}" fill="${background}"/>`
    return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">${paper}${this.#parts.join('')}</svg>`
  }
}
