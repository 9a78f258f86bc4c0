import type { Attributes } from '../ops/op.ts'
import type { OpName } from '../ops/names.ts'
import { ops } from '../ops/registry.ts'
import { elements, type TensorType } from '../tensor/tensor.ts'
import type { Located, Operand, Plan, PlanBuffer } from './plan.ts'

/** What a backend wants beyond the declared operands, in elements. */
export interface BufferSizes {
  opaque(op: OpName, inputs: readonly TensorType[], attrs: Attributes, output: number): number
  scratch(op: OpName, inputs: readonly TensorType[], attrs: Attributes): number
}

interface RootCommand {
  op: OpName
  attrs: Attributes
  inputs: Located[]
  outputs: Located[]
  scratch: Located | null
}

/**
 * Gives every root a buffer. A root is live from the first command that touches it to the last; roots whose lives do not meet
 * share a buffer (best fit by size, in order of first use). Whole buffers are shared rather than ranges of one buffer, because
 * WebGPU forbids reading and writing one buffer in one dispatch; no command ever sees two values of one arena buffer.
 */
export function shareSlots(commands: readonly RootCommand[], rootElements: readonly number[]): Plan {
  const last = new Map<number, number>()
  const touched = (c: RootCommand): Located[] => [...c.inputs, ...c.outputs, ...(c.scratch ? [c.scratch] : [])]
  commands.forEach((command, i) => touched(command).forEach(({ root }) => 'root' in root && last.set(root.root, i)))

  const slots: { elements: number; free: boolean }[] = []
  const slotOf = new Map<number, number>()
  const allocate = (count: number): number => {
    let best = -1
    slots.forEach((slot, k) => {
      if (!slot.free) return
      if (best < 0) return void (best = k)
      const [a, b] = [slot.elements - count, slots[best].elements - count]
      // The smallest that fits; if none fits, the largest (it grows least).
      if (b < 0 ? a > b : a >= 0 && a < b) best = k
    })
    if (best < 0) return slots.push({ elements: count, free: false }) - 1
    slots[best].free = false
    slots[best].elements = Math.max(slots[best].elements, count)
    return best
  }
  commands.forEach((command, i) => {
    const mayOverwrite = ops[command.op].mayOverwrite ?? {}
    command.outputs.forEach((output, index) => {
      if (!('root' in output.root) || slotOf.has(output.root.root)) return
      const input = command.inputs[mayOverwrite[index]]
      if (
        input &&
        'root' in input.root &&
        isWhole(input, rootElements) &&
        isWhole(output, rootElements) &&
        last.get(input.root.root) === i
      ) {
        const slot = slotOf.get(input.root.root)!
        if (slots[slot].elements >= elements(output.type)) {
          slotOf.set(output.root.root, slot)
          // The output owns the slot from here on.
          last.set(input.root.root, -1)
        }
      }
    })
    for (const { root } of touched(command))
      if ('root' in root && !slotOf.has(root.root)) slotOf.set(root.root, allocate(rootElements[root.root]))
    for (const { root } of touched(command)) if ('root' in root && last.get(root.root) === i) slots[slotOf.get(root.root)!].free = true
  })

  const buffers: PlanBuffer[] = slots.map((slot) => ({ kind: 'arena', elements: slot.elements }))
  const externals = new Map<string, number>()
  const reach = new Map<string, number>()
  const located = (o: Located): Operand => {
    let buffer: number
    if ('root' in o.root) buffer = slotOf.get(o.root.root)!
    else {
      const { external } = o.root
      if (!externals.has(external)) externals.set(external, slots.length + externals.size)
      buffer = externals.get(external)!
      reach.set(external, Math.max(reach.get(external) ?? 0, o.offset + (o.type.rows - 1) * o.ld + o.type.cols))
    }
    return { buffer, offset: o.offset, ld: o.ld, ...o.type }
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

const isWhole = (o: Located, rootElements: readonly number[]): boolean =>
  'root' in o.root && o.offset === 0 && o.ld === o.type.cols && elements(o.type) === rootElements[o.root.root]
