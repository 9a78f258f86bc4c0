// node datasets/bench/table.ts: writes docs/data-performance.md from datasets/bench/results/*.json. No number in that page is typed by hand.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Looks } from './looks.ts'

interface Work {
  seconds: number
  MBs: number
  peakMB: number
}
interface Result {
  import: Work & { bytes: number; cpuSeconds?: number; records: number; length: number; unit: string; progressReports: number }
  windows: { datasetBytes: number; medianUs: number; p99Us: number; tokensPerSecond: number }
  cancel: { ended: string; seconds: number; datasetsLeft: number; bytesLeft: number }
  plain?: Work
  pandas?: (Work & { pandas: string; whole: boolean }) | null
  measured: { date: string; node: string; loadBefore: number; loadAfter: number }
}
interface Run {
  full: boolean
  machine: { cpu: string; cores: number; memoryGB: number }
  results: Record<string, Result> & { looks?: LooksResult }
}
type LooksResult = { many: Looks; wide: Looks } & Pick<Result, 'measured'>

const folder = join(import.meta.dirname, 'results')
const runs = existsSync(folder)
  ? readdirSync(folder)
      .filter((name) => /^data-.*\.json$/.test(name))
      .sort()
      .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Run)
  : []

/** The fastest training measured anywhere: what batches must keep up with. */
function fastestModel(): { tokensPerSecond: number; where: string } | null {
  const all = readdirSync(join(import.meta.dirname, '../../kernels/bench/results'))
    .filter((name) => name.startsWith('webgpu'))
    .flatMap((name) => {
      const run = JSON.parse(readFileSync(join(import.meta.dirname, '../../kernels/bench/results', name), 'utf8')) as {
        adapter: { name: string }
        training: { name: string; tokensPerSecond: number }[]
      }
      return run.training.map(({ name: model, tokensPerSecond }) => ({ tokensPerSecond, where: `${model} on ${run.adapter.name}` }))
    })
    .sort((a, b) => b.tokensPerSecond - a.tokensPerSecond)
  return all[0] ?? null
}

const NAMES: Record<string, string> = {
  fasta: 'FASTA, 3 records',
  wav: 'WAV, 44.1 kHz, 16 bit',
  csv: 'CSV, time and 7 channels',
  records: 'FASTA, one record a read of 60 bases',
  fastq: 'FASTQ, reads of 150 bases',
  genbank: 'GenBank, 1 record',
}
const grouped = (n: number): string => n.toLocaleString('en-US', { maximumFractionDigits: 0 })
const size = (bytes: number): string => (bytes >= 1e9 ? `${(bytes / 1e9).toFixed(2)} GB` : `${grouped(bytes / 1e6)} MB`)
const short = (x: number): string => (x >= 100 ? grouped(x) : String(Number(x.toPrecision(3))))
const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n')

/** The wizard: from a choice until the preview stands again. */
function looks({ many, wide, measured }: LooksResult): string {
  const middle = (times: readonly number[]): number => [...times].sort((a, b) => a - b)[times.length >> 1]
  const line = (name: string, { first, choices }: Looks): string[] => [
    name,
    `${short(first)} ms`,
    `${short(middle(choices))} ms`,
    `${short(Math.max(...choices))} ms`,
  ]
  return `
${table(
  ['look of the import wizard', 'first, in a new process', 'after a choice, median', 'slowest'],
  [line('a folder of 3,000 tables', many), line('a table of 50,000 columns', wide)],
)}

Looks: ${measured.date.slice(0, 10)}, load average ${short(measured.loadBefore)} to ${short(measured.loadAfter)}.
`
}

function section({ machine, full, results }: Run): string {
  const entries = Object.keys(NAMES).flatMap((kind): [string, Result][] => (kind in results ? [[kind, results[kind]]] : []))
  const measured = entries.map(([, result]) => result.measured)
  const some = (values: string[]): string => [...new Set(values)].sort().join(', ')
  const loads = measured.flatMap(({ loadBefore, loadAfter }) => [loadBefore, loadAfter])
  const [low, high] = [Math.min(...loads), Math.max(...loads)]
  const busy = high > 1.5 * machine.cores ? ' (other work ran on the machine: rates are lower than it can)' : ''
  const model = fastestModel()
  const peer = (work: Work | null | undefined): string => (work ? `${short(work.MBs)} MB/s, ${short(work.peakMB)} MB` : '')
  return `## ${full ? 'Full size' : 'Quick run'}: ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGB} GB

Node ${some(measured.map(({ node }) => node.replace(/^v/, '')))}; ${some(measured.map(({ date }) => date.slice(0, 10)))}; load average ${short(low)} to ${short(high)}${busy}.

${table(
  ['file', 'size', 'records', 'import', 'processor time', 'peak memory', 'plain reader', 'pandas'],
  entries.map(([kind, r]) => [
    NAMES[kind],
    size(r.import.bytes),
    grouped(r.import.records),
    `${short(r.import.MBs)} MB/s (${short(r.import.seconds)} s)`,
    r.import.cpuSeconds ? `${short(r.import.cpuSeconds)} s` : '',
    `${short(r.import.peakMB)} MB`,
    peer(r.plain),
    r.pandas ? `${peer(r.pandas)} (${r.pandas.pandas}${r.pandas.whole ? '' : ', in pieces'})` : '',
  ]),
)}

${table(
  ['dataset', 'stored', 'random window of 256, median / 99 %', 'batches', 'cancel ends in', 'left after it'],
  entries.map(([kind, r]) => [
    NAMES[kind],
    size(r.windows.datasetBytes),
    `${short(r.windows.medianUs)} / ${short(r.windows.p99Us)} µs`,
    `${grouped(r.windows.tokensPerSecond)} tokens/s`,
    `${short(r.cancel.seconds)} s`,
    `${r.cancel.datasetsLeft} datasets, ${size(r.cancel.bytesLeft)}`,
  ]),
)}
${results.looks ? looks(results.looks) : ''}${model ? `\nThe fastest training step measured (docs/performance.md) takes ${grouped(model.tokensPerSecond)} tokens/s: ${model.where}.\n` : ''}`
}

writeFileSync(
  join(import.meta.dirname, '../../docs/data-performance.md'),
  `# Importing and reading data

Made by \`npm run bench:table\` from \`datasets/bench/results/\`; the numbers come from \`npm run bench:data\` (\`-- --full\` for the full sizes). Every
import runs in a process of its own under the data worker's flags, so that its peak memory is its own. The plain reader is a Node program that reads
lines and turns fields into numbers (or counts bases) and keeps nothing; pandas reads the same file and turns its times into numbers. Neither writes anything, while an
import also checks, reports, hashes and stores. Processor time is that of all threads of the import: on a machine with other work it says what the rate hides.

${runs.map(section).join('\n')}`,
)
