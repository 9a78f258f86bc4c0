import { openTaskWindows } from '../../datasets/batching/taskWindows.ts'
import type { ReadableStore } from '../../datasets/store/store.ts'
import type { Backend } from '../../kernels/backends/backend.ts'
import { materialise } from '../../kernels/models/materialise.ts'
import { inputType } from '../../kernels/models/plans.ts'
import type { Evaluation } from '../../main/contract/run.ts'
import type { TrainedRun } from '../runs/loadRun.ts'
import { openSource } from '../training/sources.ts'

/** Positions of the picture, and layers that get one: those first to last that are linear in their values. */
const POSITIONS = 48
const LAYERS = 8
const SEED = 1

/** Of the first record or window that an evaluation may read, what counts. */
function firstInput(
  store: ReadableStore,
  { experiment, facts }: Pick<TrainedRun, 'experiment' | 'facts'>,
  split: 'validation' | 'test',
): Int32Array<ArrayBuffer> | Float32Array<ArrayBuffer> {
  const { model, dims, config } = experiment
  if (config.objective.kind === 'label-each') {
    // held-out records may be longer than a training window
    const windows = openTaskWindows(store, facts.id, split)
    const tokens = new Int32Array(windows.records[0].length)
    windows.fill(0, tokens.length, tokens, new Int32Array(tokens.length), 0)
    return tokens
  }
  const { batch, fill } = openSource(store, facts, experiment, split, false)
  fill(SEED, 0)
  // behind the last target of a short record stands padding
  const asked =
    model.config.head.at === 'every'
      ? batch.targets.targets.subarray(0, dims.seqlen).findLastIndex((target) => target >= 0) + 1
      : dims.seqlen
  return batch.input.slice(0, (batch.targets.lengths?.[0] ?? asked) * inputType(model, 1).cols)
}

/** How much each position takes of each, in one held-out record: the mean of the absolute weights over a layer's heads or channels. */
export async function readingOf(
  store: ReadableStore,
  backend: Backend,
  { experiment, facts, params }: TrainedRun,
  split: 'validation' | 'test',
): Promise<Evaluation['reading']> {
  const { model } = experiment
  if (model.config.complement) return undefined
  const linear = model.layers.flatMap(({ matrices, mixer }, layer) => (matrices > 0 ? [{ layer, mixer, matrices }] : [])).slice(0, LAYERS)
  if (linear.length === 0) return undefined
  const whole = firstInput(store, { experiment, facts }, split)
  const { cols } = inputType(model, 1)
  const positions = Math.min(POSITIONS, whole.length / cols)
  const input = whole.slice(0, positions * cols)
  const readings: NonNullable<Evaluation['reading']> = []
  for (const { layer, mixer, matrices } of linear) {
    const made = await materialise(backend, model, params, input, layer)
    const size = positions * positions
    const weights = Array.from({ length: size }, (_, i) => {
      let sum = 0
      for (let h = 0; h < matrices; h++) sum += Math.abs(made.matrices[h * size + i])
      return Number((sum / matrices).toPrecision(3))
    })
    readings.push({ layer, mixer, positions, weights })
  }
  return readings
}
