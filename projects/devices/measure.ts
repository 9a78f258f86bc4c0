import type { Backend } from '../../kernels/backends/backend.ts'
import { Decoder } from '../../kernels/decode/decoder.ts'
import { allowedError, caseErrors } from '../../kernels/testing/opCase.ts'
import type { OpName } from '../../kernels/ops/names.ts'
import { opNames } from '../../kernels/ops/names.ts'
import { ops } from '../../kernels/ops/registry.ts'
import type { SelfTestCase } from '../../main/contract/system.ts'
import { Model } from '../../kernels/models/model.ts'
import { crossEntropy } from '../../kernels/objectives/objective.ts'
import type { Experiment } from '../config/configure.ts'
import { presetsOf } from '../presets/presets.ts'
import { emptyBatch, Engine } from '../training/engine.ts'

/** Every op's cases on `backend` against the float64 definition; `each` hears of every case as it ends. */
export async function selfTest(
  backend: Backend & { name: 'cpu' | 'webgpu' },
  each: (done: number, of: number) => void = () => {},
  only: readonly OpName[] = opNames,
): Promise<SelfTestCase[]> {
  const cases = only.flatMap((op) => ops[op].cases.map((opCase, index) => ({ op, opCase, index })))
  const results: SelfTestCase[] = []
  for (const { op, opCase, index } of cases) {
    const errors = (await caseErrors(backend, op, opCase)).map(([result, error]) => ({ error, limit: allowedError(op, result) }))
    const shapes = opCase.inputs.map((t) => `${t.rows}×${t.cols}`).join(' ')
    const passed = errors.every(({ error, limit }) => error <= limit)
    results.push({ backend: backend.name, op, case: `${index + 1}: ${shapes}`, ...errors.reduce(closer), passed })
    each(results.length, cases.length)
  }
  return results
}

interface Judged {
  error: number
  limit: number
}
/** The one that comes closer to its limit; NaN and an error where none is allowed are beyond it. */
const closer = (a: Judged, b: Judged): Judged => (share(b) > share(a) ? b : a)
const share = ({ error, limit }: Judged): number => (error === 0 ? 0 : Number.isNaN(error) ? Infinity : error / limit)

/** The training step that devices are compared on: a language model as the small text preset has it, on zeros. */
function yardstick(): Experiment {
  const config = presetsOf('text')[0].config
  const model = new Model({
    d_model: config.model.d_model,
    seqlen: 128,
    norm: 'rms',
    layers: ['mamba', 'mamba'].map((mixer) => ({ mixer, options: config.model.mixers.mamba })),
    input: { kind: 'tokens', vocab: 65 },
    head: { at: 'every', width: 65, tied: false },
  })
  return { config, model, objective: crossEntropy, dims: { batch: 8, seqlen: 128 } }
}

/** Tokens per second in training, of the yardstick. Takes about `seconds` after a first step that warms up. */
export async function trainingSpeed(backend: Backend, seconds = 0.5): Promise<number> {
  const experiment = yardstick()
  const engine = await Engine.create(backend, experiment, 'train')
  try {
    engine.load({ params: experiment.model.initialise(1) })
    const batch = emptyBatch(experiment)
    const run = async (steps: number): Promise<number> => {
      const began = performance.now()
      for (let step = 0; step < steps; step++) engine.train(batch, step, 1e-3)
      await engine.metrics()
      return (performance.now() - began) / 1000
    }
    await run(1)
    let [steps, spent] = [0, 0]
    while (spent < seconds) {
      spent += await run(3)
      steps += 3
    }
    return (steps * experiment.dims.batch * experiment.dims.seqlen) / spent
  } finally {
    engine.destroy()
  }
}

/** Tokens per second that `model` writes with these parameters, one after another. */
export async function writingSpeed(backend: Backend, model: Model, params: Float32Array, tokens = 48): Promise<number> {
  const arena = backend.createBuffer(model.arenaElements, 'f32', 'params')
  arena.write(params)
  const decoder = await Decoder.create(backend, model, arena, { vocab: model.config.head.width, capacity: tokens + 1 })
  try {
    const write = async (): Promise<number> => {
      const began = performance.now()
      decoder.start(Int32Array.of(0), { temperature: 1, seed: 1 })
      decoder.advance(tokens)
      await decoder.read(tokens, 1)
      return (performance.now() - began) / 1000
    }
    await write()
    return tokens / (await write())
  } finally {
    decoder.destroy()
    arena.destroy()
  }
}
