import type { TaskWindows } from '../../datasets/batching/taskWindows.ts'
import { PADDING, type TokenWindows } from '../../datasets/batching/tokenWindows.ts'
import { place, type Packing, writeBorders } from '../../kernels/models/packing.ts'
import type { Batch } from './batch.ts'

interface Sizes {
  readonly batch: number
  readonly seqlen: number
}

/** The records drawn for a batch in turn: how long number `k` is, and its content from index `at` of a batch on. */
interface Drawn {
  length(k: number): number
  write(k: number, at: number, tokens: Int32Array, targets: Int32Array): void
}

/**
 * Fills a batch with records drawn one after another: a row takes them in order until the next does not fit, which then begins the next row. So
 * none is passed over for its length, but for those drawn and not needed when the last row is full.
 */
function packRows({ batch, seqlen }: Sizes, packing: Packing, into: Batch, drawn: Drawn): void {
  const [tokens, targets, borders] = [into.input as Int32Array, into.targets.targets as Int32Array, into.targets.borders as Int32Array]
  tokens.fill(0)
  targets.fill(PADDING)
  let next = 0
  function* lengths(): Generator<number> {
    for (let k = next; ; k++) yield drawn.length(k)
  }
  for (let row = 0; row < batch; row++) {
    const places = place(lengths(), seqlen, packing)
    places.forEach(({ start }, i) => drawn.write(next + i, row * seqlen + start, tokens, targets))
    writeBorders(borders, row * seqlen, seqlen, packing, places)
    next += places.length
  }
}

/** Windows of tokens: short records whole, long ones a stretch as long as the row. */
export function packTokens(windows: TokenWindows, sizes: Sizes, packing: Packing): (seed: number, step: number, into: Batch) => void {
  const { batch, seqlen } = sizes
  const most = batch * packing.records
  const [tokens, targets] = [new Int32Array(most * seqlen), new Int32Array(most * seqlen)]
  const lengths = new Int32Array(most)
  const drawn: Drawn = {
    length: (k) => lengths[k],
    write(k, at, intoTokens, intoTargets) {
      const [from, to] = [k * seqlen, k * seqlen + lengths[k]]
      intoTokens.set(tokens.subarray(from, to), at)
      intoTargets.set(targets.subarray(from, to), at)
    },
  }
  return (seed, step, into) => {
    windows.random(seed, step, most, seqlen, tokens, targets)
    for (let k = 0; k < most; k++) {
      let length = 0
      while (length < seqlen && targets[k * seqlen + length] >= 0) length++
      lengths[k] = length
    }
    packRows(sizes, packing, into, drawn)
  }
}

/** Whole records of a task with their answers. */
export function packTasks(
  windows: TaskWindows,
  sizes: Sizes,
  packing: Packing,
): (seed: number, step: number, into: Batch, atMost: number) => void {
  return (seed, step, into, atMost) => {
    const pick = (k: number): number => windows.pick(seed, step, k, atMost)
    packRows(sizes, packing, into, {
      length: (k) => windows.records[pick(k)].length,
      write: (k, at, tokens, targets) => windows.fill(pick(k), windows.records[pick(k)].length, tokens, targets, at),
    })
  }
}
