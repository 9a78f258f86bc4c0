import { RandomStream } from '../../kernels/random/philox.ts'
import type { Experiment } from '../config/configure.ts'
import type { BatchSource } from './batch.ts'
import { emptyBatch } from './engine.ts'

/**
 * The inputs of a task on numbers as what is to be learned of them: at each position the values of the next one, or those of positions
 * that are hidden, set to 0, the mean (masked patches: Nie et al. 2023, arXiv:2211.14730, §3.2). A record's padding is never asked for, nor
 * the last position of one that is cut into patches, which may hold some. Which are hidden depends on (seed, step, row) alone.
 */
export function restoredSource(experiment: Experiment, task: BatchSource): BatchSource {
  const batch = emptyBatch(experiment)
  const { objective, of } = experiment.restores!
  const { batch: rows, seqlen } = experiment.dims
  const values = task.batch.input as Float32Array
  const width = values.length / (rows * seqlen)
  const [input, targets, weights] = [batch.input, batch.targets.targets, batch.targets.weights]
  const { patch = 1 } = of.config.objective as { patch?: number }
  const { lengths } = task.batch.targets
  const known = (row: number): number => (lengths ? Math.max(1, lengths[row] - (patch > 1 ? 1 : 0)) : seqlen)
  return {
    batch,
    ...(task.records === undefined ? {} : { records: task.records }),
    fill(seed, step) {
      task.fill(seed, step)
      input.set(values)
      targets.fill(0)
      weights.fill(0)
      for (let row = 0; row < rows; row++) {
        const first = row * seqlen * width
        const end = first + known(row) * width
        if (objective.kind === 'next-value') {
          targets.set(values.subarray(first + width, end), first)
          weights.fill(1, first, Math.max(first, end - width))
          continue
        }
        const random = new RandomStream(seed, 2 ** 31 + ((step * 4096 + row) % 2 ** 31))
        let hidden = 0
        for (let at = first; at < end; at += width) {
          // a row in which nothing is asked teaches nothing: its last position is hidden then
          if (random.uniform() >= objective.rate && !(hidden === 0 && at + width === end)) continue
          hidden++
          targets.set(values.subarray(at, at + width), at)
          weights.fill(1, at, at + width)
          input.fill(0, at, at + width)
        }
      }
    },
  }
}
