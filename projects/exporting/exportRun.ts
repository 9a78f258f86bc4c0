import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { StrandError, throwIfCancelled } from '../../datasets/errors.ts'
import { getDatasetDetail } from '../../datasets/store/store.ts'
import { safetensorsParts } from '../../kernels/weights/safetensors.ts'
import type { ExportResult } from '../../main/contract/run.ts'
import type { ExportRun } from '../api.ts'
import type { DatasetFacts } from '../config/facts.ts'
import { chooseBackend } from '../devices/chooseBackend.ts'
import { judge } from '../evaluation/evaluateRun.ts'
import { loadRun } from '../runs/loadRun.ts'
import { writeDurably } from '../training/checkpoint.ts'
import { modelCard } from './card.ts'
import { mambaConfig, pythonFor, strandConfig } from './config.ts'
import { pythonLoader } from './python/loader.ts'
import { selfTest } from './selfTest.ts'
import { tokenizerFile } from './tokenizer.ts'
import { namedTensors } from './weights.ts'

export const exportRun: ExportRun = async (store, { runId, target, device }, watch) => {
  refuseExisting(target)
  const trained = loadRun(store, runId)
  const { experiment, facts, step, params } = trained
  mkdirSync(dirname(target), { recursive: true })
  // beside the target, so that the last rename stays on one disk
  const draft = mkdtempSync(join(dirname(target), `.${basename(target)}-`))
  const { backend } = await chooseBackend(device)
  try {
    const phase = (fraction: number, text: string): void => {
      throwIfCancelled(watch.signal, 'The export')
      watch.progress({ fraction, phase: text })
    }
    const write = (name: string, content: string | readonly Uint8Array[]): void =>
      void writeDurably(join(draft, name), typeof content === 'string' ? [Buffer.from(content)] : content)
    phase(0, 'writing the weights')
    write('model.safetensors', safetensorsParts(namedTensors(experiment.model, params), { format: 'pt' }))
    write('strand.json', json(strandConfig(trained)))
    const published = mambaConfig(experiment.model)
    if (published) write('config.json', json(published))
    const tokenizer = tokenizerFile(facts.codec)
    write(tokenizer.name, json(tokenizer.content))
    if (tokenizer.config) write('tokenizer_config.json', json(tokenizer.config))
    write(
      'strand_model.py',
      pythonLoader(
        experiment.model.layers.map(({ mixer }) => mixer),
        experiment.model.config.sashimi !== undefined,
      ),
    )

    phase(0.1, 'reading the file back')
    const split = heldOutSplit(facts)
    const proof = await selfTest(store, backend, trained, join(draft, 'model.safetensors'), split ?? 'train')
    write('self-test.json', json(proof))
    if (!proof.passed) throw new StrandError('export/self-test', `${proof.sentence} Nothing was kept; export again.`)

    const scoring = {
      signal: watch.signal,
      progress: ({ fraction }: { fraction: number | null }) => phase(0.2 + 0.7 * (fraction ?? 0), 'scoring'),
    }
    const evaluation = split ? { split, ...(await judge(store, backend, trained, split, scoring)) } : null
    const python = pythonFor(target, trained, tokenizer.name)
    const dataset = getDatasetDetail(store, facts.id)
    write('README.md', modelCard({ trained, dataset, evaluation, selfTest: proof, python }))

    phase(0.95, 'finishing')
    const files = readdirSync(draft).map((name) => {
      const path = join(draft, name)
      return { name, bytes: statSync(path).size, sha256: createHash('sha256').update(readFileSync(path)).digest('hex') }
    })
    refuseExisting(target)
    renameSync(draft, target)
    const result: ExportResult = { runId, step, folder: target, files, selfTest: proof, createdAt: new Date().toISOString(), python }
    return result
  } finally {
    backend.destroy()
    rmSync(draft, { recursive: true, force: true })
  }
}

/** The records a card reports on: the test split, else the validation split, else none. */
function heldOutSplit({ splits }: DatasetFacts): 'test' | 'validation' | null {
  return splits.test.length > 1 ? 'test' : splits.validation.length > 1 ? 'validation' : null
}

function refuseExisting(target: string): void {
  if (existsSync(target))
    throw new StrandError('bad-input', `${target} exists already and is not overwritten; choose a folder that does not exist yet.`, {
      path: target,
    })
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`
