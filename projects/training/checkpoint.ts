import { createHash } from 'node:crypto'
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { StrandError } from '../../datasets/errors.ts'
import type { Model } from '../../kernels/models/model.ts'
import { parseSafetensors, safetensorsParts, type Tensor } from '../../kernels/weights/safetensors.ts'
import type { RunConfig } from '../../main/contract/run.ts'
import type { Weights } from './engine.ts'

/** Where a run stands. Data and randomness follow from (seed, step), so nothing else has to be kept. */
export interface Progress {
  /** Steps taken. */
  readonly step: number
  /** Seconds of training, pauses excluded. */
  readonly seconds: number
  readonly bestValidationLoss: number | null
  /** Validations since the best. */
  readonly stale: number
  /** Of the seconds, those of phases that are over. */
  readonly earlier?: number
}

export interface Checkpoint {
  readonly config: RunConfig
  readonly datasetHash: string
  readonly progress: Progress
}

const M = 'optimizer.m.'
const V = 'optimizer.v.'

/**
 * Writes parameters (under their published names) and optimiser state as safetensors. The file appears under `path` only when it
 * is whole and on disk: temporary name, fsync, rename, fsync of the folder. Answers its bytes and sha-256.
 */
export function writeCheckpoint(path: string, model: Model, weights: Weights, checkpoint: Checkpoint): { bytes: number; sha256: string } {
  const tensors: Tensor[] = (
    [
      ['', weights.params],
      [M, weights.m],
      [V, weights.v],
    ] as const
  ).flatMap(([prefix, arena]) =>
    model.params.map(({ name, shape, offset, elements }) => ({
      name: prefix + name,
      shape,
      data: arena.subarray(offset, offset + elements),
    })),
  )
  return writeDurably(path, safetensorsParts(tensors, { format: 'pt', strand: JSON.stringify(checkpoint) }))
}

/** Throws 'disk-full' or the file system's own error; then nothing new lies under `path`. */
export function writeDurably(path: string, parts: readonly Uint8Array[]): { bytes: number; sha256: string } {
  const hash = createHash('sha256')
  const temporary = `${path}.partial`
  let bytes = 0
  mkdirSync(dirname(path), { recursive: true })
  try {
    const file = openSync(temporary, 'w')
    try {
      for (const part of parts) {
        for (let at = 0; at < part.length;) at += writeSync(file, part, at)
        hash.update(part)
        bytes += part.length
      }
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(temporary, path)
    syncFolder(dirname(path))
  } catch (error) {
    rmSync(temporary, { force: true })
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC')
      throw new StrandError('disk-full', 'The disk is full, so the checkpoint could not be written. Free some space and resume the run.', {
        path,
      })
    throw error
  }
  return { bytes, sha256: hash.digest('hex') }
}

/** Makes a rename last; Windows has no such call and needs none. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return
  const file = openSync(folder, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** Throws a plain Error saying what is wrong: not readable, not whole, another model's, or changed since (`sha256`). */
export function readCheckpoint(path: string, model: Model, sha256?: string): Checkpoint & { weights: Weights } {
  const bytes = readFileSync(path)
  if (sha256 !== undefined && createHash('sha256').update(bytes).digest('hex') !== sha256)
    throw new Error(`${path} is not the file that was written: its sha-256 differs.`)
  const { tensors, metadata } = parseSafetensors(bytes)
  const arena = (prefix: string): Float32Array => {
    const out = new Float32Array(model.arenaElements)
    for (const { name, shape, offset } of model.params) {
      const tensor = tensors.get(prefix + name)
      if (!tensor || tensor.shape.join() !== shape.join())
        throw new Error(`${path} holds ${tensor ? `"${prefix + name}" of another shape` : `no "${prefix + name}"`}.`)
      out.set(tensor.data, offset)
    }
    return out
  }
  return { ...(JSON.parse(metadata.strand) as Checkpoint), weights: { params: arena(''), m: arena(M), v: arena(V) } }
}
