/**
 * node datasets/bench/importOne.ts FILE FOLDER import|cancel|windows|plain: one piece of work in a process of its own, under the data worker's flags,
 * answered as one line of JSON, so that its memory is its own.
 */
import { createReadStream, statSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { openSeriesWindows } from '../batching/seriesWindows.ts'
import { openTokenWindows } from '../batching/tokenWindows.ts'
import { importFiles } from '../importing/importFiles.ts'
import { getDataset, listDatasets, openProject, openProjectReadonly } from '../store/store.ts'

const [file, folder, work] = process.argv.slice(2)
const seconds = (since: number): number => (performance.now() - since) / 1000
const peakMB = (): number => (process.resourceUsage().maxRSS * 1024) / 1e6
const tell = (result: object): void => void process.stdout.write(`${JSON.stringify(result)}\n`)

async function importWhole(): Promise<void> {
  const store = openProject(folder)
  let told = 0
  const used = process.cpuUsage()
  const began = performance.now()
  const { datasetId } = await importFiles(store, { paths: [file], options: {} }, { onProgress: () => told++ })
  const took = seconds(began)
  const { user, system } = process.cpuUsage(used)
  const { records, length, unit } = getDataset(store, datasetId)
  store.close()
  const bytes = statSync(file).size
  const cpuSeconds = (user + system) / 1e6
  tell({ bytes, seconds: took, cpuSeconds, MBs: bytes / 1e6 / took, peakMB: peakMB(), records, length, unit, progressReports: told })
}

/** Cancels once 30 % is in; counts until the call has ended, and the bytes that the project then still has. */
async function cancel(): Promise<void> {
  const store = openProject(folder)
  const stop = new AbortController()
  let aborted = 0
  const onProgress = ({ fraction }: { fraction: number }): void => {
    if (aborted > 0 || fraction < 0.3) return
    aborted = performance.now()
    stop.abort()
  }
  const code = await importFiles(store, { paths: [file], options: {} }, { signal: stop.signal, onProgress }).then(
    () => 'not cancelled',
    (error: { code: string }) => error.code,
  )
  const took = seconds(aborted)
  const left = listDatasets(store).length
  store.close()
  tell({ ended: code, seconds: took, datasetsLeft: left, bytesLeft: statSync(`${folder}/project.sqlite`).size })
}

const SEQLEN = 256
const BATCH = 8
const DRAWS = 20_000

/** Random training windows of 256 from the imported dataset: each one timed, then whole batches. */
function windows(): void {
  const store = openProjectReadonly(folder)
  const { id, domain, bytes } = listDatasets(store)[0]
  const began = performance.now()
  let draw: (step: number, batch: number) => void
  if (domain === 'timeseries') {
    const series = openSeriesWindows(store, id, 'train', { lookback: SEQLEN, horizon: 96 })
    const size = series.channels.length
    const [inputs, targets, mask] = [SEQLEN, 96, 96].map((rows) => new Float32Array(BATCH * rows * size))
    draw = (step, batch) => series.random(1, step, batch, inputs, targets, mask)
  } else {
    const tokens = openTokenWindows(store, id, 'train')
    const [ids, targets] = [new Int32Array(BATCH * SEQLEN), new Int32Array(BATCH * SEQLEN)]
    draw = (step, batch) => tokens.random(1, step, batch, SEQLEN, ids, targets)
  }
  const opened = seconds(began)
  const times = new Float64Array(DRAWS)
  for (let i = 0; i < DRAWS; i++) {
    const start = performance.now()
    draw(i, 1)
    times[i] = 1000 * (performance.now() - start)
  }
  times.sort()
  const from = performance.now()
  for (let i = 0; i < DRAWS / BATCH; i++) draw(DRAWS + i, BATCH)
  const tokensPerSecond = (DRAWS * SEQLEN) / seconds(from)
  store.close()
  tell({ datasetBytes: bytes, openSeconds: opened, medianUs: times[DRAWS >> 1], p99Us: times[Math.floor(DRAWS * 0.99)], tokensPerSecond })
}

/** The plainest program that reads the same file line by line: bases counted, or fields made into numbers; nothing kept. */
async function plain(): Promise<void> {
  const began = performance.now()
  let sum = 0
  const isTable = file.endsWith('.csv')
  for await (const line of createInterface({ input: createReadStream(file) })) {
    if (!isTable) sum += line.startsWith('>') ? 0 : line.length
    else for (const field of line.split(',').slice(1)) sum += Number(field) || 0
  }
  const took = seconds(began)
  tell({ seconds: took, MBs: statSync(file).size / 1e6 / took, peakMB: peakMB(), sum })
}

const works: Record<string, () => Promise<void>> = { import: importWhole, cancel, windows: async () => windows(), plain }
await works[work]()
