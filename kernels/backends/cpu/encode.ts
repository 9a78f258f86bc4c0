import type { Command, Plan } from '../../graph/plan.ts'
import type { CpuCommand, PlacedMatrix } from './kernel.ts'
import { kernels } from './kernels.ts'
import { OPERAND_WORDS, WORD_ATTRS, WORD_BARRIER, WORD_KERNEL, WORD_LENGTH, WORD_OPERANDS, WORD_UNITS } from './wasm/codes.ts'

/** Below this many operations (some tens of microseconds) one thread is done before a second has woken up. */
const WORTH_A_THREAD = 400_000

export interface EncodedPlan {
  readonly words: Int32Array
  /** Where each command of the plan starts in them, and their end. */
  readonly starts: readonly number[]
  /** Bytes of private memory each thread needs. */
  readonly local: number
  /** Whether some command is large enough for more than one thread. */
  readonly parallel: boolean
}

/** The plan as the words the kernels read (wasm/codes.ts). `addresses[k]` is where plan.buffers[k] starts, in bytes. */
export function encode(plan: Plan, addresses: readonly number[]): EncodedPlan {
  const place = (o: Command['inputs'][number]): PlacedMatrix => ({
    address: addresses[o.buffer] + 4 * o.offset,
    rows: o.rows,
    cols: o.cols,
    ld: o.ld,
  })
  const parts = plan.commands.map((c) =>
    kernels[c.op].encode({
      attrs: c.attrs,
      inputs: c.inputs.map(place),
      outputs: c.outputs.map(place),
      scratch: c.scratch && place(c.scratch),
    }),
  )
  const commands = parts.flat()
  const words: number[] = []
  const places: number[] = []
  let since: CpuCommand[] = []
  for (const command of commands) {
    const barrier = since.some((earlier) => conflict(earlier, command))
    if (barrier) since = []
    since.push(command)
    places.push(words.length)
    const operands = command.order ?? [...command.reads, ...command.writes]
    const header = new Array<number>(WORD_OPERANDS).fill(0)
    header[WORD_KERNEL] = command.kernel
    header[WORD_LENGTH] = WORD_OPERANDS + OPERAND_WORDS * operands.length
    header[WORD_BARRIER] = Number(barrier)
    header[WORD_UNITS] = command.units
    command.attrs?.forEach((word, i) => (header[WORD_ATTRS + i] = word))
    words.push(...header, ...operands.flatMap((o) => [o.address, 4 * o.ld, o.rows, o.cols]))
  }
  places.push(words.length)
  const starts = [0]
  for (const part of parts) starts.push(starts[starts.length - 1] + part.length)
  return {
    words: Int32Array.from(words, (w) => w | 0),
    starts: starts.map((first) => places[first]),
    local: Math.max(0, ...commands.map((c) => c.local ?? 0)),
    parallel: commands.some((c) => c.units > 1 && c.work >= WORTH_A_THREAD),
  }
}

/** Whether `later` must wait for `earlier`: one writes what the other touches. */
const conflict = (earlier: CpuCommand, later: CpuCommand): boolean =>
  earlier.writes.some((w) => later.reads.some((r) => overlap(w, r)) || later.writes.some((r) => overlap(w, r))) ||
  later.writes.some((w) => earlier.reads.some((r) => overlap(w, r)))

function overlap(a: PlacedMatrix, b: PlacedMatrix): boolean {
  const end = (m: PlacedMatrix): number => m.address + 4 * ((m.rows - 1) * m.ld + m.cols)
  if (a.address >= end(b) || b.address >= end(a)) return false
  if (a.ld !== b.ld || a.rows <= 1 || b.rows <= 1) return true
  // Column ranges of one wider matrix, side by side: they overlap only if their columns do.
  const row = 4 * a.ld
  const shift = (((b.address - a.address) % row) + row) % row
  return shift < 4 * a.cols || shift + 4 * b.cols > row
}
