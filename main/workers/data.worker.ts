import { rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { importFiles } from '../../datasets/importing/importFiles.ts'
import { inspectFiles } from '../../datasets/importing/inspect.ts'
import { previewDataset } from '../../datasets/preview/preview.ts'
import { checkLeakage } from '../../datasets/quality/leakage.ts'
import { describeQuality, queryRecords } from '../../datasets/quality/quality.ts'
import { inspectSignal } from '../../datasets/quality/signal.ts'
import { resplit } from '../../datasets/splits/resplit.ts'
import * as store from '../../datasets/store/store.ts'
import type { ProjectInfo } from '../contract/system.ts'
import { StrandError } from '../core/errors.ts'
import { userDataDir } from '../core/folders.ts'
import { folderBytes } from './folderBytes.ts'
import type { DataMethods, RunNews } from './methods.ts'
import { listSamples, sampleFiles } from './samples.ts'
import { serve } from './serve.ts'

interface Open {
  readonly reader: store.ReadableStore
  /** Null while another Strand holds the project. */
  readonly writer: store.WritableStore | null
  readonly openedAt: string
}

const INTERRUPTED = 'Strand ended while this run trained. Resume continues from its last checkpoint.'

let open: Open | null = null

/** Looks under way, so that two who ask at once share one. */
const looking = new Map<string, ReturnType<typeof inspectSignal>>()

/** A version never changes, so what was found at the first look is kept with it. */
async function signalOf(id: number): ReturnType<typeof inspectSignal> {
  const asked = open
  const kept = store.getSignal(reader(), id)
  if (kept) return kept
  const key = `${reader().folder} ${id}`
  const look = looking.get(key) ?? inspectSignal(reader(), id).finally(() => looking.delete(key))
  looking.set(key, look)
  const found = await look
  if (asked === open && asked?.writer) store.setSignal(asked.writer, id, found)
  return found
}

function reader(): store.ReadableStore {
  if (!open) throw new StrandError('not-found', 'No project is open.')
  return open.reader
}

function writer(): store.WritableStore {
  const { writer } = open ?? { writer: null }
  if (!writer) throw new StrandError('busy', 'This project is open in another Strand; it can be read but not changed here.')
  return writer
}

function info(): ProjectInfo {
  const { folder } = reader()
  return {
    path: folder,
    name: basename(folder),
    datasets: store.listDatasets(reader()).length,
    runs: store.listRuns(reader()).length,
    bytes: folderBytes(folder),
    openedAt: open?.openedAt ?? '',
  }
}

/** Whether held-out records leak into training is known before a model is trained; datasets of an older Strand were not checked. */
async function checked(datasetId: number): Promise<void> {
  if (store.getLeakage(reader(), datasetId) === null) store.setLeakage(writer(), datasetId, await checkLeakage(reader(), datasetId))
}

function record(runId: number, { checkpoints, removed, points, samples, events, change }: RunNews): void {
  const writable = writer()
  store.appendMetrics(writable, runId, points)
  for (const sample of samples) store.appendSample(writable, runId, sample)
  for (const event of events) store.appendEvent(writable, runId, event)
  for (const checkpoint of checkpoints) store.insertCheckpoint(writable, runId, checkpoint)
  for (const path of removed) store.removeCheckpoint(writable, runId, path)
  store.updateRun(writable, runId, change)
}

serve<DataMethods>({
  'project/open': ({ folder, write }) => {
    // opened before the old one is closed, so that a refusal leaves things as they were
    const writable = write ? store.openProject(folder) : null
    const readable = writable ?? store.openProjectReadonly(folder)
    open?.reader.close()
    open = { reader: readable, writer: writable, openedAt: new Date().toISOString() }
    return info()
  },
  'project/info': info,
  'project/recover': () => void store.markInterrupted(writer(), INTERRUPTED),

  'sample/list': () => listSamples(reader()),
  'sample/import': ({ id }, { signal, progress }) => {
    const { paths, options } = sampleFiles(id)
    return importFiles(writer(), { paths, options }, { signal, onProgress: progress })
  },

  'synthetic/list': async () => (await import('../../datasets/synthetic/describeTasks.ts')).describeTasks(),
  'synthetic/generate': async (request, { signal, progress }) => {
    const { synthesise } = await import('../../datasets/synthetic/synthesise.ts')
    return synthesise(writer(), request, { signal, onProgress: progress })
  },

  'dataset/inspect': ({ paths, options }) => inspectFiles(paths, options),
  'dataset/import': ({ paths, options }, { signal, progress }) =>
    importFiles(writer(), { paths, options }, { signal, onProgress: progress }),
  'dataset/list': () => store.listDatasets(reader()),
  'dataset/get': ({ id }) => store.getDatasetDetail(reader(), id),
  'dataset/versions': ({ id }) => store.listVersions(reader(), id),
  'dataset/signal': ({ id }) => signalOf(id),
  'dataset/preview': (request) => previewDataset(reader(), request),
  'dataset/quality': ({ id }) => describeQuality(reader(), id),
  'dataset/records': (query) => queryRecords(reader(), query),
  'dataset/split': async ({ id, options }) => {
    const datasetId = resplit(writer(), id, options)
    await checked(datasetId)
    return { datasetId }
  },
  'dataset/rename': ({ id, name }) => store.renameDataset(writer(), id, name),
  'dataset/delete': ({ id }) => store.deleteDataset(writer(), id),

  // the engine is loaded when it is first needed: listing a project must not wait for it
  'model/presets': async (input) => (await import('../../projects/presets/listPresets.ts')).listPresets(reader(), input),
  'model/mixers': async () => (await import('../../projects/config/listMixers.ts')).listMixers(),
  'model/settings': async () => (await import('../../projects/config/listSettings.ts')).listSettings(),
  'model/describe': async (input) => {
    const { keepSpeedsIn } = await import('../../projects/devices/speeds.ts')
    keepSpeedsIn(join(userDataDir(), 'speeds.json'))
    return (await import('../../projects/config/describeRun.ts')).describeRun(reader(), input)
  },
  'run/create': async (input) => {
    const { newRun } = await import('../../projects/runs/newRun.ts')
    await checked(input.datasetId)
    return store.getRun(reader(), store.createRun(writer(), newRun(reader(), input)))
  },
  'run/list': () => store.listRuns(reader()),
  'run/get': ({ runId }) => store.getRunDetail(reader(), runId),
  'run/metrics': ({ runId }) => store.listMetrics(reader(), runId),
  'run/news': ({ runId, news }) => {
    record(runId, news)
    return store.getRun(reader(), runId)
  },
  'run/rewind': ({ runId }) => {
    const step = store.lastCheckpoint(reader(), runId)?.step ?? 0
    store.dropMetricsAfter(writer(), runId, step)
  },
  'run/rename': ({ runId, name }) => void store.updateRun(writer(), runId, { name }),
  'run/delete': ({ runId }) => {
    const { folder } = reader()
    for (const path of store.deleteRun(writer(), runId)) rmSync(join(folder, path), { force: true, recursive: true })
  },
  'run/evaluations': ({ runId }) => store.listEvaluations(reader(), runId),
  'run/add-evaluation': (evaluation) => store.insertEvaluation(writer(), evaluation),
  'run/exports': ({ runId }) => store.listExports(reader(), runId),
  'run/add-export': (result) => store.insertExport(writer(), result),
})
