import {
  bindOperands,
  ceilDiv,
  type Dispatch,
  kernel,
  type part,
  reads,
  type Target,
  type WgslKernel,
  writes,
} from '../../backends/webgpu/wgsl.ts'
import type { Operand } from '../../graph/plan.ts'
import type { TensorType } from '../../tensor/tensor.ts'
import { type MemoryPlan, memoryPlan, memoryVariants, savedRegions } from '../chunked_memory/memoryPlan.ts'
import { gatePlace, RUNNING_SUM } from '../chunked_memory/memoryTiles.ts'
import { memoryProduct } from '../chunked_memory/memoryProducts.ts'
import { chunkStates, passStates } from '../chunked_memory/memoryStates.ts'
import { type Attributes, num } from '../op.ts'
import { SCAN_FUNCTIONS } from '../selective_scan/scanShader.ts'

const sizesOf = ([x, dt, , B]: readonly Pick<TensorType, 'cols'>[], attrs: Attributes) => {
  const [G, H] = [num(attrs, 'groups'), dt.cols]
  return { H, G, N: B.cols / G, P: x.cols / H, normalised: false }
}
export const ssdPlan = (inputs: readonly Pick<TensorType, 'cols'>[], attrs: Attributes, target: Target): MemoryPlan =>
  memoryPlan('ssd', attrs, sizesOf(inputs, attrs), target)

/**
 * Decays to base 2 as sums of whole numbers and fractions, so that the difference of two is exact however far they have run; steps Δ as
 * weights, and the slope of softplus for the backward pass. A workgroup per chunk and head, a thread a step, each with its own sum.
 */
function ssdGates(s: MemoryPlan, dt: Operand, A: Operand, dt_bias: Operand, gates: ReturnType<typeof part>): Dispatch {
  const bound = bindOperands({ dt: reads(dt), A: reads(A), dt_bias: reads(dt_bias), gates })
  const { views } = bound
  const put = (i: number, value: string): string => views.gates.put('0u', `gb + ${i * s.Q}u + t`, value)
  return kernel({
    label: 'ssd.gates',
    bound,
    workgroup: s.Q,
    groups: s.batch * s.chunks * s.H,
    globals: `${SCAN_FUNCTIONS}\nvar<workgroup> decays: array<f32, ${s.Q}>;`,
    body: `${gatePlace(s)}
var step = 0.0; var slope = 0.0; var decay = 0.0;
if (t < steps) { let raw = ${views.dt.get('row0 + t', 'h')} + ${views.dt_bias.get('0u', 'h')}; step = softplus(raw, exp(min(raw, 20.0))); slope = sigm(raw);
decay = max(step * (${views.A.get('0u', 'h')} * LOG2E), -1000.0); }
decays[t] = decay; workgroupBarrier();
${RUNNING_SUM}
${put(0, 'whole')} ${put(1, 'part')} ${put(2, '-whole')} ${put(3, '-part')} ${put(4, 'step')} ${put(5, 'slope')} ${put(7, 'whole')}`,
  })
}

export const ssd: WgslKernel = {
  variants: (inputs, attrs, target) => memoryVariants(attrs, sizesOf(inputs, attrs), target),
  opaque: (inputs, attrs, target) => savedRegions(ssdPlan(inputs, attrs, target)).total,
  dispatches({ inputs: [x, dt, A, B, C, D, dt_bias], outputs: [y, saved], attrs }, target) {
    const s = ssdPlan([x, dt, A, B], attrs, target)
    const kept = savedRegions(s)
    return [
      ssdGates(s, dt, A, dt_bias, kept.gates(saved, true)),
      ...(s.chunks > 1
        ? [chunkStates(s, 'ssd.chunks', { keys: B, values: x, gates: kept.gates(saved, true), states: kept.states(saved, true) })]
        : []),
      passStates(s, 'ssd.pass', { gates: kept.gates(saved, true), states: kept.states(saved, true), backward: false }),
      memoryProduct(s, 'ssd.y', 'y', { q: C, k: B, v: x, D, gates: kept.gates(saved), states: kept.states(saved), out: y }),
    ]
  },
}

export const ssd_step: WgslKernel = {
  /** A thread per row of a state. */
  dispatches({ inputs: [x, dt, A, B, C, D, dt_bias], outputs: [y, state], attrs }, { software }) {
    const [G, H] = [num(attrs, 'groups'), dt.cols]
    const [P, N] = [x.cols / H, B.cols / G]
    // A, D and dt_bias can lie in one buffer of parameters; nine bindings otherwise.
    const bound = bindOperands({
      x: reads(x),
      dt: reads(dt),
      A: reads(A),
      B: reads(B),
      C: reads(C),
      D: reads(D),
      dt_bias: reads(dt_bias),
      y: writes(y),
      state: writes(state),
    })
    const { views } = bound
    const workgroup = software ? 32 : 64
    return [
      kernel({
        label: 'ssd_step',
        bound,
        workgroup,
        groups: ceilDiv(x.rows * x.cols, workgroup),
        globals: SCAN_FUNCTIONS,
        body: `let i = w * ${workgroup}u + li; if (i >= ${x.rows * x.cols}u) { return; }
let r = i / ${x.cols}u; let c = i % ${x.cols}u; let h = c / ${P}u; let first = h / ${H / G}u * ${N}u;
let raw = ${views.dt.get('r', 'h')} + ${views.dt_bias.get('0u', 'h')}; let step = softplus(raw, exp(min(raw, 20.0)));
let decay = exp(step * ${views.A.get('0u', 'h')}); let xx = ${views.x.get('r', 'c')}; var sum = ${views.D.get('0u', 'h')} * xx;
for (var n = 0u; n < ${N}u; n++) {
  let s = decay * ${views.state.get('r', `c * ${N}u + n`)} + step * ${views.B.get('r', 'first + n')} * xx;
  ${views.state.put('r', `c * ${N}u + n`, 's')} sum += ${views.C.get('r', 'first + n')} * s;
}
${views.y.put('r', 'c', 'sum')}`,
      }),
    ]
  },
}
