import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { Model } from '../../kernels/models/model.ts'
import { presetsOf } from '../presets/presets.ts'
import { writeCheckpoint } from '../training/checkpoint.ts'

export const checkpointModel = (): Model =>
  new Model({
    d_model: 128,
    seqlen: 256,
    norm: 'rms',
    layers: [{ mixer: 'mamba', options: {} }],
    input: { kind: 'tokens', vocab: 65 },
    head: { at: 'every', width: 65, tied: false },
  })

/** Run as a process: writes step 1, 2, … without end, keeps two, reports each one that is on disk. */
function write(folder: string): void {
  const model = checkpointModel()
  const arena = (value: number): Float32Array => new Float32Array(model.arenaElements).fill(value)
  const header = { config: presetsOf('text')[0].config, datasetHash: '00' }
  const loop = (step: number): void => {
    const file = (of: number): string => join(folder, `step-${of}.safetensors`)
    const progress = { step, seconds: step, bestValidationLoss: null, stale: 0 }
    writeCheckpoint(file(step), model, { params: arena(-step), m: arena(step), v: arena(2 * step) }, { ...header, progress })
    rmSync(file(step - 2), { force: true })
    process.send!(step)
    setImmediate(loop, step + 1)
  }
  loop(1)
}

if (process.send && process.argv[1] === import.meta.filename) write(process.argv[2])
