import { readFileSync } from 'node:fs'
import type { Backend, DeviceBuffer } from '../../kernels/backends/backend.ts'
import { Model } from '../../kernels/models/model.ts'
import { forwardPlan, inputType } from '../../kernels/models/plans.ts'
import { parseSafetensors } from '../../kernels/weights/safetensors.ts'
import type { ReadableStore } from '../../datasets/store/store.ts'
import type { ExportResult } from '../../main/contract/run.ts'
import type { TrainedRun } from '../runs/loadRun.ts'
import { openSource } from '../training/sources.ts'
import { arenaOf } from './weights.ts'

/** Windows compared. */
const WINDOWS = 2
const SEED = 1

/** Reads the written file into a model built anew and compares what both say about held-out records, number by number. */
export async function selfTest(
  store: ReadableStore,
  backend: Backend,
  { experiment, facts, params }: TrainedRun,
  file: string,
  split: 'validation' | 'test' | 'train',
): Promise<ExportResult['selfTest']> {
  const fresh = new Model(experiment.model.config)
  const read = arenaOf(fresh, parseSafetensors(readFileSync(file)))
  const source = openSource(store, facts, experiment, split, false)
  source.fill(SEED, 0)
  const { seqlen } = experiment.dims
  const batch = Math.min(WINDOWS, experiment.dims.batch)
  const rows = batch * seqlen
  const input = source.batch.input.subarray(0, rows * inputType(fresh, 1).cols)
  const lengths = source.batch.targets.lengths?.subarray(0, batch)
  const [ours, theirs] = [await outputs(backend, experiment.model, params), await outputs(backend, fresh, read)]
  let maxAbsLogitDifference = 0
  // Not Math.max alone: a NaN must fail
  let finite = true
  for (let i = 0; i < ours.length; i++) {
    const difference = Math.abs(ours[i] - theirs[i])
    finite &&= Number.isFinite(difference)
    maxAbsLogitDifference = Math.max(maxAbsLogitDifference, difference)
  }
  const passed = finite && maxAbsLogitDifference === 0
  const what = `${rows.toLocaleString('en')} positions of the ${split} records`
  const sentence = passed
    ? `The written file was read back into a new model; on ${what} its outputs are equal to the bit.`
    : `The written file does not give the model back: on ${what} outputs differ by up to ${maxAbsLogitDifference}.`
  return { passed, maxAbsLogitDifference, tokens: rows, sentence }

  async function outputs(on: Backend, model: Model, arena: Float32Array): Promise<Float32Array> {
    const plan = forwardPlan(model, { batch, seqlen }, on.sizes)
    const width = model.config.head.width
    const count = model.config.head.at === 'every' ? rows * width : batch * width
    const buffers: Record<string, DeviceBuffer> = {
      input: on.createBuffer(input.length, inputType(model, 1).dtype, 'input'),
      params: on.createBuffer(model.arenaElements, 'f32', 'params'),
      output: on.createBuffer(count, 'f32', 'output'),
      ...(lengths ? { lengths: on.createBuffer(batch, 'i32', 'lengths') } : {}),
    }
    for (const [name, values] of Object.entries(model.constants)) {
      buffers[name] = on.createBuffer(values.length, 'i32', name)
      buffers[name].write(values)
    }
    buffers.input.write(input)
    buffers.params.write(arena)
    if (lengths) buffers.lengths?.write(lengths)
    const program = await on.compile(plan, buffers)
    program.run()
    const output = (await buffers.output.read()) as Float32Array
    program.destroy()
    Object.values(buffers).forEach((buffer) => buffer.destroy())
    return output
  }
}
