import type { Attributes } from '../ops/op.ts'
import type { OpName } from '../ops/names.ts'
import { ops } from '../ops/registry.ts'
import { elements, type TensorType } from '../tensor/tensor.ts'
import type { HalfStorage } from './halves.ts'
import type { Located, Operand, Plan, PlanBuffer } from './plan.ts'

/** What a backend wants beyond the declared operands, in elements of four bytes. */
export interface BufferSizes {
  opaque(op: OpName, inputs: readonly TensorType[], attrs: Attributes, output: number): number
  scratch(op: OpName, inputs: readonly TensorType[], attrs: Attributes): number
  /** Scratch of at most so many elements is left alone for so many commands more: the backend may put off what reads it. */
  readonly hold?: { readonly elements: number; readonly commands: number }
  /** Where the backend stores activations in float16. */
  readonly halves?: HalfStorage | undefined
}

interface RootCommand {
  op: OpName
  attrs: Attributes
  inputs: Located[]
  outputs: Located[]
  scratch: Located | null
}

/** What shares one buffer from its first command to its last: a root, or several of which each overwrites the one before. */
interface Life {
  elements: number
  readonly first: number
  last: number
}

/**
 * Gives every root a buffer. A root is live from the first command that touches it to the last; roots whose lives do not meet share a
 * buffer: taken from the largest to the smallest, each joins the buffer where it leaves the shortest time unused, or has one of its own
 * (greedy by size: Pisarchyk & Lee 2020, arXiv:2001.03288, §4.2). Whole buffers are shared rather than ranges of one buffer, because
 * WebGPU forbids reading and writing one buffer in one dispatch; no command ever sees two values of one arena buffer.
 */
export function shareSlots(commands: readonly RootCommand[], rootElements: readonly number[], { hold, halves }: BufferSizes): Plan {
  const lives = livesOf(commands, rootElements, halves)
  if (hold)
    commands.forEach(({ scratch }, i) => {
      if (!scratch || !('root' in scratch.root) || rootElements[scratch.root.root] > hold.elements) return
      const life = lives.get(scratch.root.root)!
      life.last = Math.max(life.last, Math.min(i + hold.commands, commands.length - 1))
    })
  const slots: { elements: number; lives: Life[] }[] = []
  const slotOfLife = new Map<Life, number>()
  const distinct = [...new Set(lives.values())]
  for (const life of distinct.sort((a, b) => b.elements - a.elements || a.first - b.first)) {
    let [best, shortest] = [-1, Infinity]
    slots.forEach((slot, k) => {
      const gap = idleAround(slot.lives, life)
      if (gap < shortest) [best, shortest] = [k, gap]
    })
    if (best < 0) best = slots.push({ elements: life.elements, lives: [] }) - 1
    slots[best].lives.push(life)
    slotOfLife.set(life, best)
  }
  const slotOf = (root: number): number => slotOfLife.get(lives.get(root)!)!

  const buffers: PlanBuffer[] = slots.map((slot) => ({ kind: 'arena', elements: slot.elements }))
  const externals = new Map<string, number>()
  const reach = new Map<string, number>()
  const located = (o: Located): Operand => {
    let buffer: number
    if ('root' in o.root) buffer = slotOf(o.root.root)
    else {
      const { external } = o.root
      if (!externals.has(external)) externals.set(external, slots.length + externals.size)
      buffer = externals.get(external)!
      reach.set(external, Math.max(reach.get(external) ?? 0, o.offset + (o.type.rows - 1) * o.ld + o.type.cols))
    }
    return { buffer, offset: o.offset, ld: o.ld, ...o.type, ...(o.lift ? { lift: o.lift } : {}) }
  }
  const placed = commands.map((c) => ({
    ...c,
    inputs: c.inputs.map(located),
    outputs: c.outputs.map(located),
    scratch: c.scratch && located(c.scratch),
  }))
  for (const name of externals.keys()) buffers.push({ kind: 'external', name, elements: reach.get(name)! })
  return { buffers, commands: placed, arenaElements: slots.reduce((sum, s) => sum + s.elements, 0) }
}

function livesOf(commands: readonly RootCommand[], rootElements: readonly number[], halves: BufferSizes['halves']): Map<number, Life> {
  const words = ({ type }: Located): number => wordsOf(type, halves)
  const isWhole = (o: Located): boolean =>
    'root' in o.root && o.offset === 0 && o.ld === o.type.cols && words(o) === rootElements[o.root.root]

  const last = new Map<number, number>()
  const touched = (c: RootCommand): Located[] => [...c.inputs, ...c.outputs, ...(c.scratch ? [c.scratch] : [])]
  commands.forEach((command, i) => touched(command).forEach(({ root }) => 'root' in root && last.set(root.root, i)))
  const lives = new Map<number, Life>()
  commands.forEach((command, i) => {
    const mayOverwrite = ops[command.op].mayOverwrite ?? {}
    command.outputs.forEach((output, index) => {
      if (!('root' in output.root) || lives.has(output.root.root)) return
      const input = command.inputs[mayOverwrite[index]]
      if (!input || !('root' in input.root) || !isWhole(input) || !isWhole(output)) return
      if ((input.type.dtype === 'f16') !== (output.type.dtype === 'f16')) return
      const life = lives.get(input.root.root)!
      if (life.last !== i || life.elements < words(output)) return
      // What the op also reads in another place (x + W x) must last until all of it is read.
      const root = input.root.root
      if (command.inputs.some((other) => other !== input && 'root' in other.root && other.root.root === root)) return
      // the output lives on where the input ends
      life.last = last.get(output.root.root)!
      lives.set(output.root.root, life)
    })
    for (const { root } of touched(command))
      if ('root' in root && !lives.has(root.root))
        lives.set(root.root, { elements: rootElements[root.root], first: i, last: last.get(root.root)! })
  })
  return lives
}

/** Commands that a buffer with these lives in it would stand unused just before and after `life`; Infinity where it is in use meanwhile. */
function idleAround(lives: readonly Life[], life: Life): number {
  let [before, after] = [Infinity, Infinity]
  for (const other of lives) {
    if (other.first <= life.last && life.first <= other.last) return Infinity
    if (other.last < life.first) before = Math.min(before, life.first - other.last)
    else after = Math.min(after, other.first - life.last)
  }
  return Math.min(before, after)
}

/** Elements of four bytes that a value takes. */
export const wordsOf = (type: TensorType, halves: BufferSizes['halves']): number =>
  type.dtype === 'f16' ? Math.ceil((elements(type) * halves!.bytes) / 4) : elements(type)
