import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Backend } from '../../kernels/backends/backend.ts'
import { importFiles } from '../../datasets/importing/importFiles.ts'
import { parseRecipe, recipePaths } from '../../datasets/importing/recipe.ts'
import { findSample } from '../../datasets/samples/samples.ts'
import * as store from '../../datasets/store/store.ts'
import type { ImportOptions } from '../../main/contract/importing.ts'
import type { RunDetail } from '../../main/contract/run.ts'
import type { TrainingNews } from '../api.ts'
import type { Setting } from '../config/check.ts'
import { configure, type Experiment } from '../config/configure.ts'
import { type DatasetFacts, datasetFacts } from '../config/facts.ts'
import { type Judged, judge } from '../evaluation/evaluateRun.ts'
import { loadRun, type TrainedRun } from '../runs/loadRun.ts'
import { newRun } from '../runs/newRun.ts'
import { TrainingControl } from '../training/control.ts'
import { trainRun } from '../training/trainRun.ts'
import { type DeviceChoice, kept, openDevice } from './device.ts'

export type Settings = Readonly<Record<string, Setting>>

export interface CorpusRun {
  readonly run: RunDetail
  readonly trained: TrainedRun
  readonly judged: Judged
}

/** A dataset in a project of its own that is gone afterwards; runs train and are scored as in the app. */
export class Corpus {
  readonly #folder = mkdtempSync(join(tmpdir(), 'strand-study-'))
  readonly #device: DeviceChoice['device']
  readonly #close: () => void
  readonly store = store.openProject(this.#folder)
  /** What its runs train on, one after the other. */
  readonly backend: Backend
  datasetId = 0

  private constructor(device: DeviceChoice['device'], backend: Backend) {
    this.#device = device
    this.backend = kept(backend)
    this.#close = () => backend.destroy()
  }

  /** A sample that comes with Strand. */
  static sample(id: string, device: DeviceChoice): Promise<Corpus> {
    const { paths, options } = findSample(id)
    return Corpus.#import(paths, options, device)
  }

  /** A published data set by its recipe in datasets/recipes, from the folder that holds its files; with some options of the import changed. */
  static recipe(name: string, from: string, device: DeviceChoice, options: Partial<ImportOptions> = {}): Promise<Corpus> {
    const file = join(import.meta.dirname, '../../datasets/recipes', `${name}.json`)
    const recipe = parseRecipe(readFileSync(file, 'utf8'), file)
    return Corpus.#import(recipePaths(recipe, resolve(from)), { ...recipe.options, ...options }, device)
  }

  static async #import(paths: string[], options: ImportOptions, choice: DeviceChoice): Promise<Corpus> {
    const corpus = new Corpus(choice.device, await openDevice(choice))
    corpus.datasetId = (await importFiles(corpus.store, { paths, options })).datasetId
    return corpus
  }

  facts(fold = 0): DatasetFacts {
    return datasetFacts(this.store, this.datasetId, fold)
  }

  /** The split that a model is judged on: the test records, where there are any. */
  get heldOut(): 'test' | 'validation' {
    return this.facts().splits.test.length > 1 ? 'test' : 'validation'
  }

  /** What a preset with these settings is here. */
  experiment(preset: string, set: Settings): Experiment {
    const { config } = newRun(this.store, { datasetId: this.datasetId, preset, set, device: this.#device })
    return configure(config, this.facts())
  }

  /** Floating point operations of a training step: forward, and about twice that backward. */
  work(preset: string, set: Settings): number {
    const { model, dims } = this.experiment(preset, set)
    return 3 * model.flopsPerToken() * dims.batch * dims.seqlen
  }

  async train(preset: string, set: Settings, split: 'validation' | 'test'): Promise<CorpusRun> {
    const [device, backend] = [this.#device, this.backend]
    const runId = store.createRun(this.store, newRun(this.store, { datasetId: this.datasetId, preset, set, device }))
    const choose = () => Promise.resolve({ backend, sentence: `Runs on ${backend.description}.` })
    const tell = (news: TrainingNews): void => this.#keep(runId, news)
    const end = await trainRun(this.store, { runId, device, resume: false }, new TrainingControl(), tell, choose)
    store.updateRun(this.store, runId, end)
    if (end.state !== 'done') throw new Error(`The run ended ${end.state}: ${end.message ?? 'without a message'}`)
    const trained = loadRun(this.store, runId)
    const quiet = { signal: new AbortController().signal, progress: () => {} }
    const judged = await judge(this.store, backend, trained, split, quiet)
    return { run: store.getRunDetail(this.store, runId), trained, judged }
  }

  close(): void {
    this.#close()
    this.store.close()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  /** What the data worker writes while a run trains. */
  #keep(runId: number, { points = [], checkpoints = [], removed = [], change = {} }: TrainingNews): void {
    store.appendMetrics(this.store, runId, points)
    for (const checkpoint of checkpoints) store.insertCheckpoint(this.store, runId, checkpoint)
    for (const path of removed) store.removeCheckpoint(this.store, runId, path)
    store.updateRun(this.store, runId, change)
  }
}
