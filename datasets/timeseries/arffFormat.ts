import { count, plural } from '../importing/source.ts'
import type { ArffTable } from '../tables/arffCells.ts'
import { openCells } from './openCells.ts'
import type { OpenedSeries, SeriesFile } from './series.ts'

/** ARFF series: rows of numbers, or (UEA's multivariate sets) a relational attribute whose lines are the channels of a case. */
export function openArff(file: SeriesFile): OpenedSeries {
  const roled = file.detected.table!
  const table = roled.table as ArffTable
  const bag = table.attributes.findIndex(({ kind }) => kind === 'relational')
  const labels = table.attributes.at(-1)!
  const classes = labels.kind === 'nominal' && roled.roles.at(-1) === 'label' ? labels.values : undefined
  return bag < 0 ? { ...openCells(file, roled), classes } : { ...openBags(file, table, bag), classes }
}

function openBags({ source, job }: SeriesFile, table: ArffTable, bag: number): OpenedSeries {
  const first = table.sample.find((row) => typeof row[bag] === 'string')?.[bag] as string | undefined
  const width = first ? first.split('\n').length : 1
  const label = table.attributes.length - 1 === bag ? -1 : table.attributes.length - 1
  return {
    format: 'ARFF',
    channels: width === 1 ? ['value'] : Array.from({ length: width }, (_, d) => `dimension ${d + 1}`),
    times: null,
    async read(writer) {
      let cases = 0
      for await (const batch of table.batches(job, label < 0 ? [bag] : [bag, label]))
        for (let r = 0; r < batch.rows; r++) {
          cases++
          const line = batch.line(r)
          const place = { file: source.name, line }
          const read = readBag(String(batch.columns[0][r] ?? ''), width)
          if (typeof read === 'string') {
            const what = `Line ${count(line!)} of ${source.name}: ${read}.`
            job.report.bad('arff/case', place, job.report.onProblem === 'stop' ? what : `${what} The case was left out.`)
            continue
          }
          const name = label < 0 ? null : batch.columns[1][r]
          writer.begin(`${source.stem} ${cases}`, place, { label: name === null || name === undefined ? null : String(name) })
          writer.rows(read, null)
          writer.end()
        }
    },
  }
}

/** Channels, a line each, to rows; or what is wrong. */
function readBag(text: string, width: number): Float32Array | string {
  const lines = text.split('\n').map((line) => line.split(','))
  if (lines.length !== width) return `it has ${plural(lines.length, 'channel')} where the first case has ${count(width)}`
  const length = lines[0].length
  const values = new Float32Array(length * width)
  for (let d = 0; d < width; d++) {
    if (lines[d].length !== length) return `channel ${d + 1} has ${plural(lines[d].length, 'value')} where channel 1 has ${count(length)}`
    for (let i = 0; i < length; i++) {
      const cell = lines[d][i].trim()
      const value = cell === '?' || cell === '' || /^nan$/i.test(cell) ? NaN : Number(cell)
      if (value !== value && !/^(\?|nan|)$/i.test(cell)) return `"${cell.slice(0, 40)}" is not a number`
      values[i * width + d] = value
    }
  }
  return values
}
