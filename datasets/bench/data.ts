/**
 * npm run bench:data [-- --full] [-- --only fasta,csv,looks] [-- --fasta 3.05 --wav 3.18 --csv 5 --records 1000000]: sizes in GB.
 * Generates large files in a temporary folder (TMPDIR), imports each, cancels an import, reads random training windows, and runs a plain reader and
 * pandas on the same file; `looks` times the wizard's previews (see looks.ts). Every piece of work is a process of its own. Writes datasets/bench/results/data-*.json, where kinds that were not run
 * keep what was measured before; `npm run bench:table` makes the page.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { workerFlags } from '../workerFlags.ts'
import { generators, type Kind } from './generate.ts'
import { writeMany, writeWide, type Looks } from './looks.ts'

/** The quick run, and the one the product is measured by: a human genome, ten hours of sound, 5 GB of rows, a million reads. */
const SIZES: Record<Kind, { quick: number; full: number; ending: string }> = {
  fasta: { quick: 0.3, full: 3.05, ending: 'fa' },
  wav: { quick: 0.3, full: 3.176, ending: 'wav' },
  csv: { quick: 0.2, full: 5, ending: 'csv' },
  records: { quick: 100_000, full: 1_000_000, ending: 'fa' },
  fastq: { quick: 0.2, full: 1, ending: 'fastq' },
  genbank: { quick: 0.1, full: 0.5, ending: 'gb' },
}
const kinds = Object.keys(SIZES) as Kind[]
const { values } = parseArgs({
  options: {
    full: { type: 'boolean', default: false },
    only: { type: 'string', default: [...kinds, 'looks'].join(',') },
    ...(Object.fromEntries(kinds.map((kind) => [kind, { type: 'string' }])) as Record<Kind, { type: 'string' }>),
  },
})

type Result = Record<string, number | string | boolean>
const child = (file: string, folder: string, work: string): Result =>
  JSON.parse(
    execFileSync(process.execPath, [...workerFlags('data'), join(import.meta.dirname, 'importOne.ts'), file, folder, work], {
      encoding: 'utf8',
    }),
  ) as Result

/** The system's Python has pandas where Debian's python3-pandas is installed. */
function pandas(file: string): Result | null {
  const python = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3'
  try {
    return JSON.parse(
      execFileSync(python, [join(import.meta.dirname, 'peers.py'), file], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }),
    ) as Result
  } catch (error) {
    console.log(`  pandas did not run: ${(error as Error).message.split('\n').at(-2) ?? ''}`)
    return null
  }
}

const say = (what: string, { MBs, seconds, peakMB }: Result): void =>
  console.log(`  ${what}: ${Number(MBs).toFixed(0)} MB/s, ${Number(seconds).toFixed(1)} s, peak memory ${Number(peakMB).toFixed(0)} MB`)

function bench(kind: Kind, scratch: string): Record<string, Result | null> {
  const before = loadavg()[0]
  const size = Number(values[kind] ?? SIZES[kind][values.full ? 'full' : 'quick'])
  const file = join(scratch, `bench.${SIZES[kind].ending}`)
  const folder = join(scratch, 'project')
  const result: Record<string, Result | null> = {}
  try {
    generators[kind](file, kind === 'records' ? size : size * 1e9)
    console.log(`${kind}: ${(statSync(file).size / 1e6).toFixed(0)} MB`)
    say('import', (result.import = child(file, folder, 'import')))
    result.windows = child(file, folder, 'windows')
    console.log(
      `  random window of 256: median ${Number(result.windows.medianUs).toFixed(1)} µs, batches at ${Number(result.windows.tokensPerSecond).toExponential(2)} tokens/s`,
    )
    rmSync(folder, { recursive: true })
    result.cancel = child(file, folder, 'cancel')
    console.log(
      `  cancel: ${String(result.cancel.ended)} in ${Number(result.cancel.seconds).toFixed(2)} s, ${Number(result.cancel.bytesLeft)} bytes left`,
    )
    if (kind === 'fasta' || kind === 'csv') say('plain reader', (result.plain = child(file, folder, 'plain')))
    if (kind === 'csv' && (result.pandas = pandas(file))) say('pandas', result.pandas)
    result.measured = { date: new Date().toISOString(), node: process.version, loadBefore: before, loadAfter: loadavg()[0] }
    return result
  } finally {
    rmSync(file, { force: true })
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The wizard's slowest inputs; the same for both sizes of run. */
async function benchLooks(scratch: string): Promise<Record<string, unknown>> {
  const [folder, table] = [join(scratch, 'tables'), join(scratch, 'wide.csv')]
  writeMany(folder)
  await writeWide(table)
  const before = loadavg()[0]
  const time = (path: string): Looks => {
    const command = [...workerFlags('data'), join(import.meta.dirname, 'looks.ts'), path]
    const looks = JSON.parse(execFileSync(process.execPath, command, { encoding: 'utf8' })) as Looks
    console.log(`  first look ${looks.first.toFixed(0)} ms, a choice at most ${Math.max(...looks.choices).toFixed(0)} ms`)
    return looks
  }
  console.log('looks: 3,000 files, then 50,000 columns')
  const [many, wide] = [time(folder), time(table)]
  return { many, wide, measured: { date: new Date().toISOString(), node: process.version, loadBefore: before, loadAfter: loadavg()[0] } }
}

const scratch = mkdtempSync(join(tmpdir(), 'strand-bench-'))
try {
  const machine = { cpu: cpus()[0].model.trim(), cores: cpus().length, memoryGB: Math.round(totalmem() / 2 ** 30) }
  const folder = join(import.meta.dirname, 'results')
  mkdirSync(folder, { recursive: true })
  const cpu = machine.cpu
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
  const file = join(folder, `data-${values.full ? 'full' : 'quick'}-${machine.cores}x-${cpu}.json`)
  const results = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { results: Record<string, unknown> }).results : {}
  for (const kind of values.only.split(',') as (Kind | 'looks')[]) {
    results[kind] = kind === 'looks' ? await benchLooks(scratch) : bench(kind, scratch)
    // part by part: a run of an hour that is ended keeps what it measured
    writeFileSync(file, `${JSON.stringify({ full: values.full, machine, results }, null, 1)}\n`)
  }
  console.log(`Written to ${file}.`)
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
