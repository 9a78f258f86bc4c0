export interface HeatMap {
  readonly title: string
  readonly across: readonly { readonly group: string; readonly label: string }[]
  readonly acrossTitle: string
  readonly down: readonly string[]
  /** 0 to 100. */
  value(row: number, column: number): number
}

const [WIDTH, HEIGHT, LEFT, TOP, GAP] = [58, 30, 190, 84, 12]
const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')

/** From pale to dark blue; a text colour that reads on it. */
function colours(value: number): { fill: string; ink: string } {
  const share = Math.max(0, Math.min(1, value / 100))
  const mix = (from: number, to: number): number => Math.round(from + (to - from) * share)
  return { fill: `rgb(${mix(236, 24)},${mix(240, 74)},${mix(246, 140)})`, ink: share > 0.5 ? '#fff' : '#1b2430' }
}

/** A table of shares as an SVG on a white card, so that it reads on light and dark pages. */
export function heatMap({ title, across, acrossTitle, down, value }: HeatMap): string {
  const groups = [...new Set(across.map(({ group }) => group))]
  const x = (column: number): number => LEFT + column * WIDTH + groups.indexOf(across[column].group) * GAP
  const width = x(across.length - 1) + WIDTH + 20
  const height = TOP + down.length * HEIGHT + 20
  const text = (at: number, y: number, words: string, more = ''): string => `<text x="${at}" y="${y}" ${more}>${escape(words)}</text>`
  const heads = groups.map((group) => {
    const columns = across.flatMap((one, column) => (one.group === group ? [column] : []))
    return text((x(columns[0]) + x(columns.at(-1)!) + WIDTH) / 2, 50, group, 'text-anchor="middle" font-weight="600"')
  })
  const labels = across.map(({ label }, column) => text(x(column) + WIDTH / 2, TOP - 12, label, 'text-anchor="middle"'))
  const rows = down.flatMap((name, row) => {
    const y = TOP + row * HEIGHT
    return [
      text(LEFT - 12, y + HEIGHT / 2 + 4, name, 'text-anchor="end"'),
      ...across.map((_, column) => {
        const share = value(row, column)
        const { fill, ink } = colours(share)
        return (
          `<rect x="${x(column) + 1}" y="${y + 1}" width="${WIDTH - 2}" height="${HEIGHT - 2}" rx="3" fill="${fill}"/>` +
          text(x(column) + WIDTH / 2, y + HEIGHT / 2 + 4, share.toFixed(share < 99.95 ? 1 : 0), `text-anchor="middle" fill="${ink}"`)
        )
      }),
    ]
  })
  const style = 'font-family="system-ui, sans-serif" font-size="13" fill="#1b2430"'
  const parts = [
    `<rect width="${width}" height="${height}" rx="8" fill="#fff"/>`,
    text(20, 26, title, 'font-weight="600"'),
    text(LEFT - 12, TOP - 12, acrossTitle, 'text-anchor="end"'),
    ...heads,
    ...labels,
    ...rows,
  ]
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" ${style}>\n${parts.join('\n')}\n</svg>\n`
}
