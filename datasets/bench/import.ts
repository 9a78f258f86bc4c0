/**
 * node datasets/bench/import.ts [--megabytes 500] [--fastq-megabytes 300] [--csv-megabytes 100] [--parse]
 * Generates a FASTA, a FASTQ, a GenBank file and a table of numbers in the system's temporary folder, imports each, and prints the rate and the highest memory
 * of this process. Each import runs in a process of its own, so that neither pays for the other. `--parse` adds csv-parse on the same table.
 */
import { execFileSync } from 'node:child_process'
import { closeSync, createReadStream, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs'
import { cpus, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { parse } from 'csv-parse'
import { importFiles } from '../importing/importFiles.ts'
import { getDataset, openProject } from '../store/store.ts'

const { values } = parseArgs({
  options: {
    megabytes: { type: 'string', default: '500' },
    'fastq-megabytes': { type: 'string', default: '300' },
    'csv-megabytes': { type: 'string', default: '100' },
    parse: { type: 'boolean', default: false },
    one: { type: 'string' },
    into: { type: 'string' },
  },
})

if (values.one) await importOne(values.one, values.into!)
else benchmark()

function benchmark(): void {
  const folder = mkdtempSync(join(tmpdir(), 'strand-bench-'))
  try {
    console.log(`${cpus()[0].model}, ${cpus().length} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Node ${process.version}`)
    const fasta = join(folder, 'bench.fa')
    writeFasta(fasta, Number(values.megabytes) * 1e6)
    child(fasta, join(folder, 'fasta'))
    rmSync(fasta)
    rmSync(join(folder, 'fasta'), { recursive: true })
    const fastq = join(folder, 'bench.fastq')
    writeFastq(fastq, Number(values['fastq-megabytes']) * 1e6)
    child(fastq, join(folder, 'fastq'))
    rmSync(fastq)
    rmSync(join(folder, 'fastq'), { recursive: true })
    const genbank = join(folder, 'bench.gb')
    writeGenBank(genbank, (Number(values['fastq-megabytes']) * 1e6) / 2)
    child(genbank, join(folder, 'genbank'))
    rmSync(genbank)
    rmSync(join(folder, 'genbank'), { recursive: true })
    const table = join(folder, 'bench.csv')
    writeTable(table, Number(values['csv-megabytes']) * 1e6)
    child(table, join(folder, 'csv'))
    if (values.parse) child(table, 'csv-parse')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function child(path: string, into: string): void {
  process.stdout.write(execFileSync(process.execPath, [import.meta.filename, '--one', path, '--into', into], { encoding: 'utf8' }))
}

async function importOne(path: string, into: string): Promise<void> {
  const bytes = statSync(path).size
  const started = performance.now()
  let what: string
  if (into === 'csv-parse') what = `csv-parse, ${await countRows(path)} rows, fields made into numbers, nothing stored`
  else {
    const store = openProject(into)
    const { datasetId } = await importFiles(store, { paths: [path], options: {} })
    const { format, length, unit } = getDataset(store, datasetId)
    store.close()
    what = `${format}, ${length.toLocaleString('en-US')} ${unit} imported`
  }
  const seconds = (performance.now() - started) / 1000
  const peak = process.resourceUsage().maxRSS * 1024
  console.log(
    `${what}: ${(bytes / 1e6 / seconds).toFixed(0)} MB/s (${(bytes / 1e6).toFixed(0)} MB in ${seconds.toFixed(2)} s), peak memory ${(peak / 1e6).toFixed(0)} MB`,
  )
}

async function countRows(path: string): Promise<number> {
  let rows = 0
  let sum = 0
  for await (const row of createReadStream(path).pipe(parse()) as AsyncIterable<string[]>) {
    for (let column = 1; column < row.length; column++) sum += Number(row[column])
    rows++
  }
  return Number.isFinite(sum) ? rows : rows - 1
}

/** Three records in lines of 60 random bases, the way sequence archives write them. */
function writeFasta(path: string, bytes: number): void {
  const file = openSync(path, 'w')
  const block = Buffer.alloc(61 * 16_384)
  for (let i = 0; i < block.length; i++) block[i] = i % 61 === 60 ? 10 : 'ACGT'.charCodeAt(Math.floor(Math.random() * 4))
  for (let written = 0, record = 0; written < bytes; written += block.length) {
    if (written >= (record * bytes) / 3) writeSync(file, `>chr${++record} generated\n`)
    writeSync(file, block)
  }
  closeSync(file)
}

/** Short reads of 150 bases with qualities, named as a sequencer does. */
function writeFastq(path: string, bytes: number): void {
  const file = openSync(path, 'w')
  const draw = (alphabet: string): string =>
    Array.from({ length: 1_000_000 }, () => alphabet[Math.floor(Math.random() * alphabet.length)]).join('')
  const bases = draw('ACGT')
  const qualities = draw('FFFFFFF:,#')
  for (let written = 0, read = 0; written < bytes;) {
    let text = ''
    for (let i = 0; i < 10_000; i++, read++) {
      const at = Math.floor(Math.random() * (bases.length - 150))
      text += `@A00123:45:HXXXXDSXX:1:1101:${read} 1:N:0:ACGT\n${bases.slice(at, at + 150)}\n+\n${qualities.slice(at, at + 150)}\n`
    }
    written += writeSync(file, text)
  }
  closeSync(file)
}

/** One record: a tenth annotation, then numbered lines of 60 bases. */
function writeGenBank(path: string, bytes: number): void {
  const file = openSync(path, 'w')
  const lines = Math.floor((bytes * 0.9) / 76)
  writeSync(file, `LOCUS       BENCH ${lines * 60} bp    DNA     linear   UNK 01-JAN-2026\nFEATURES             Location/Qualifiers\n`)
  const feature = `     CDS             1..60\n                     /note="generated"\n`
  for (let written = 0; written < bytes / 10;) written += writeSync(file, feature.repeat(10_000))
  writeSync(file, 'ORIGIN\n')
  const line = Array.from({ length: 6 }, () => Array.from({ length: 10 }, () => 'acgt'[Math.floor(Math.random() * 4)]).join('')).join(' ')
  for (let n = 0; n < lines;) {
    let text = ''
    for (const stop = Math.min(lines, n + 10_000); n < stop; n++) text += `${String(n * 60 + 1).padStart(9)} ${line}\n`
    writeSync(file, text)
  }
  writeSync(file, '//\n')
  closeSync(file)
}

/** An hourly series of seven channels with six digits each. */
function writeTable(path: string, bytes: number): void {
  const file = openSync(path, 'w')
  writeSync(file, 'date,HUFL,HULL,MUFL,MULL,LUFL,LULL,OT\n')
  for (let written = 0, hour = 0; written < bytes;) {
    const lines: string[] = []
    for (let i = 0; i < 10_000; i++, hour++) {
      const time = new Date(hour * 3_600_000).toISOString()
      lines.push(
        `${time.slice(0, 10)} ${time.slice(11, 19)},${Array.from({ length: 7 }, () => (Math.random() * 40).toFixed(4)).join(',')}\n`,
      )
    }
    written += writeSync(file, lines.join(''))
  }
  closeSync(file)
}
