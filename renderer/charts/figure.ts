import type { InjectionKey } from 'vue'

/** What a chart or canvas gives its figure, so that the figure can save it. */
export interface Printable {
  svg(): string
  png(): Promise<Blob>
}

export const figureKey: InjectionKey<(printable: Printable) => void> = Symbol('figure')

export interface Table {
  columns: string[]
  rows: (string | number | null)[][]
}

/** RFC 4180: quotes only where they are needed, CRLF. */
export function toCsv({ columns, rows }: Table): string {
  const cell = (value: string | number | null): string => {
    const text = value === null ? '' : String(value)
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
  }
  return [columns, ...rows].map((row) => row.map(cell).join(',')).join('\r\n') + '\r\n'
}
