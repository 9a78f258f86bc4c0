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
  '2 parts': { parts: 2 },
  '4 parts': { parts: 4, turns: 4 },
  '8 parts of 32': { parts: 8, turns: 4, workgroup: 32 },
}
const BACKWARD: Readonly<Record<string, Partial<StraightGradShape>>> = {
  [RULE]: {},
  'own orders': { turned: true },
  'own orders, chunks summed whole': { turned: true, reduced: 8 },
  'own orders, 3 segments': { turned: true, reduced: 8, segments: 3 },
  'own orders, 3 segments, workgroups of 256': { turned: true, reduced: 8, segments: 3, workgroup: 256 },
  'own orders, 2 segments, workgroups of 512': { turned: true, reduced: 4, segments: 2, workgroup: 512 },
}

/** Where the rule goes back over chunks: the walk that it takes for shorter sequences. Forwards it then keeps a state every eight steps. */
const WALK: StraightGradShape = { workgroup: 128, held: 4, chunk: 8, reduced: 8, segments: 1, keep: true, turned: true }
const OVER_CHUNKS: Readonly<Record<string, StraightGradShape | null>> = {
  [RULE]: null,
  'one walk': WALK,
  '3 segments': { ...WALK, segments: 3 },
  '3 segments, workgroups of 256': { ...WALK, segments: 3, workgroup: 256 },
  '2 segments, workgroups of 512': { ...WALK, reduced: 4, segments: 2, workgroup: 512 },
  '2 segments, workgroups of 512, decays made again': { ...WALK, reduced: 4, segments: 2, workgroup: 512, keep: false },
}

const variantsOf = (all: object, [u, , A]: readonly TensorType[], attrs: Attributes): Variants => ({
  key: `${num(attrs, 'batch')}×${num(attrs, 'seqlen')} ${u.cols}×${A.cols}${u.dtype === 'f16' ? ' float16' : ''}`,
  names: Object.keys(all),
  trusted: RULE,
})

/** The variants of each op, given the forward pass's operands, where the rule takes one walk. */
export const forwardVariants = (inputs: readonly TensorType[], attrs: Attributes): Variants => variantsOf(FORWARD, inputs, attrs)
export const backwardVariants = (inputs: readonly TensorType[], attrs: Attributes, rule: StraightShape): Variants =>
  variantsOf(rule.backward ? BACKWARD : OVER_CHUNKS, inputs, attrs)

/** The rule's shape with what was measured on this adapter. */
export function measuredShape(rule: StraightShape, inputs: readonly TensorType[], attrs: Attributes, { choices }: Target): StraightShape {
  const forward = FORWARD[choices.name('selective_scan', forwardVariants(inputs, attrs))]
  const backward = choices.name('selective_scan_grad', backwardVariants(inputs, attrs, rule))
  return { ...rule, ...forward, backward: rule.backward ? { ...rule.backward, ...BACKWARD[backward] } : OVER_CHUNKS[backward] }
}
