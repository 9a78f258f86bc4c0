import type { Variants } from '../../backends/webgpu/choices.ts'
import type { Target } from '../../backends/webgpu/wgsl.ts'
import type { TensorType } from '../../tensor/tensor.ts'
import { type Attributes, num } from '../op.ts'
import type { StraightGradShape, StraightShape } from './scanPlan.ts'

const RULE = 'by rule'

/** What measuring may change of the rule's one walk forwards and backwards. */
const FORWARD: Readonly<Record<string, Partial<StraightShape>>> = {
  [RULE]: {},
  'turns of 4': { turns: 4 },
  'workgroups of 32': { workgroup: 32 },
  '4 parts': { parts: 4, turns: 4 },
  '4 parts, turns of 8': { parts: 4 },
  '8 parts': { parts: 8 },
}
const OWN_ORDERS = { held: 4, chunk: 8, keep: true, turned: true } as const
const BACKWARD: Readonly<Record<string, Partial<StraightGradShape>>> = {
  [RULE]: {},
  'workgroups of 128, two steps summed': { held: 4, chunk: 8, keep: true, turned: false, workgroup: 128, reduced: 2 },
  'own orders, workgroups of 256': { ...OWN_ORDERS, workgroup: 256, reduced: 4 },
  'own orders, workgroups of 512': { ...OWN_ORDERS, workgroup: 512, reduced: 4 },
  'own orders, 2 segments, workgroups of 512': { ...OWN_ORDERS, workgroup: 512, reduced: 4, segments: 2 },
}

/** Where the rule goes back over chunks: one walk. Forwards it then keeps a state every eight or sixteen steps. */
const OVER_CHUNKS: Readonly<Record<string, StraightGradShape | null>> = {
  [RULE]: null,
  'one walk, workgroups of 256': { ...OWN_ORDERS, workgroup: 256, reduced: 4, segments: 1 },
  'one walk, workgroups of 256, chunks of 16': { ...OWN_ORDERS, workgroup: 256, chunk: 16, reduced: 4, segments: 1 },
  '2 segments, workgroups of 512': { ...OWN_ORDERS, workgroup: 512, reduced: 4, segments: 2 },
  '4 segments, workgroups of 512': { ...OWN_ORDERS, workgroup: 512, reduced: 4, segments: 4 },
}

const variantsOf = (all: object, [u, , A]: readonly TensorType[], attrs: Attributes): Variants => ({
  key: `${num(attrs, 'batch')}×${num(attrs, 'seqlen')} ${u.cols}×${A.cols}${u.dtype === 'f16' ? ' float16' : ''}`,
  names: Object.keys(all),
  trusted: RULE,
})

/** The variants of each op, given the forward pass's operands, where the rule takes one walk. `alone`: nothing is kept for a gradient. */
export const forwardVariants = (inputs: readonly TensorType[], attrs: Attributes, alone: boolean): Variants => {
  const variants = variantsOf(FORWARD, inputs, attrs)
  return alone ? { ...variants, key: `${variants.key} alone` } : variants
}
export const backwardVariants = (inputs: readonly TensorType[], attrs: Attributes, rule: StraightShape): Variants =>
  variantsOf(rule.backward ? BACKWARD : OVER_CHUNKS, inputs, attrs)

/** The rule's shape with what was measured on this adapter. */
export function measuredShape(
  rule: StraightShape,
  inputs: readonly TensorType[],
  attrs: Attributes,
  { choices }: Target,
  alone: boolean,
): StraightShape {
  const forward = FORWARD[choices.name('selective_scan', forwardVariants(inputs, attrs, alone))]
  const backward = choices.name('selective_scan_grad', backwardVariants(inputs, attrs, rule))
  return { ...rule, ...forward, backward: rule.backward ? { ...rule.backward, ...BACKWARD[backward] } : OVER_CHUNKS[backward] }
}
