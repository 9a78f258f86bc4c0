import {
  bindOperands,
  type Dispatch,
  kernel,
  literal,
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
import type { Attributes } from '../op.ts'
import { SCAN_FUNCTIONS } from '../selective_scan/scanShader.ts'

type Part = ReturnType<typeof part>

const sizesOf = ([q, , v, i]: readonly Pick<TensorType, 'cols'>[]) => ({
  H: i.cols,
  G: i.cols,
  N: q.cols / i.cols,
  P: v.cols / i.cols,
  normalised: true,
})
export const mlstmPlan = (inputs: readonly Pick<TensorType, 'cols'>[], attrs: Attributes, target: Target): MemoryPlan =>
  memoryPlan('mlstm', attrs, sizesOf(inputs), target)

/**
 * Forget and input gates to base 2 as sums of whole numbers and fractions (as in ssd.gates), and for each step the largest ⌈i_s − b_s⌉ of its
 * chunk so far, from which the stabiliser follows; that lies where 1 / denominator comes later.
 */
function mlstmGates(s: MemoryPlan, i: Operand, f: Operand, gates: Part): Dispatch {
  const bound = bindOperands({ i: reads(i), f: reads(f), gates })
  const { views } = bound
  const put = (k: number, value: string): string => views.gates.put('0u', `gb + ${k * s.Q}u + t`, value)
  return kernel({
    label: 'mlstm.gates',
    bound,
    workgroup: s.Q,
    groups: s.batch * s.chunks * s.H,
    globals: `${SCAN_FUNCTIONS}\nvar<workgroup> decays: array<f32, ${s.Q}>; var<workgroup> peaks: array<f32, ${s.Q}>;`,
    body: `${gatePlace(s)}
var decay = 0.0; var n = 0.0; var rest = 0.0;
if (t < steps) { let raw = -${views.f.get('row0 + t', 'h')}; decay = max(-softplus(raw, exp(min(raw, 20.0))) * LOG2E, -1000.0);
let x = ${views.i.get('row0 + t', 'h')}; n = floor(x * LOG2E); rest = ((x - n * 0.693359375) + n * 2.1219444e-4) * LOG2E; }
decays[t] = decay; workgroupBarrier();
${RUNNING_SUM}
let ci = n - whole; let cf = rest - part; peaks[t] = select(-3.0e38, ci + ceil(cf), t < steps); workgroupBarrier();
var most = peaks[0]; for (var s = 1u; s <= t; s++) { most = max(most, peaks[s]); }
${put(1, 'part')} ${put(2, 'ci')} ${put(3, 'cf')} ${put(4, literal(1 / Math.sqrt(s.N)))} ${put(5, 'most')} ${put(6, '0.0')} ${put(7, 'whole')}`,
  })
}

/** ri of every step: minus the larger of what the state carries and the largest of the chunk so far. */
function mlstmStabiliser(s: MemoryPlan, gates: Part): Dispatch {
  const bound = bindOperands({ gates })
  const get = (chunk: string, k: number, t: string): string => bound.views.gates.get('0u', `(${chunk}) * ${8 * s.Q}u + ${k * s.Q}u + ${t}`)
  return kernel({
    label: 'mlstm.stabiliser',
    bound,
    workgroup: s.Q,
    groups: s.batch * s.chunks * s.H,
    globals: `var<workgroup> lasts: array<f32, ${s.Q}>; var<workgroup> wholes: array<f32, ${s.Q}>;`,
    // The chunks before this one, Q at a time: what each hands on is its decay and the larger of what reached it and its own largest.
    body: `${gatePlace(s)} var carried = 0.0;
for (var c0 = 0u; c0 < ck; c0 += ${s.Q}u) {
workgroupBarrier();
if (c0 + t < ck) { lasts[t] = ${get('w - ck + c0 + t', 5, `${s.Q - 1}u`)}; wholes[t] = ${get('w - ck + c0 + t', 7, `${s.Q - 1}u`)}; }
workgroupBarrier();
for (var c = 0u; c < min(${s.Q}u, ck - c0); c++) { carried = wholes[c] + max(carried, lasts[c]); } }
${bound.views.gates.put('0u', 'gb + t', `-max(carried, ${get('w', 5, 't')})`)}`,
  })
}

export const mlstm: WgslKernel = {
  variants: (inputs, attrs, target) => memoryVariants(attrs, sizesOf(inputs), target),
  opaque: (inputs, attrs, target) => savedRegions(mlstmPlan(inputs, attrs, target)).total,
  dispatches({ inputs: [q, k, v, i, f], outputs: [h, saved], attrs }, target) {
    const s = mlstmPlan([q, k, v, i], attrs, target)
    const kept = savedRegions(s)
    const [gates, states] = [kept.gates(saved, true), kept.states(saved, true)]
    return [
      mlstmGates(s, i, f, gates),
      mlstmStabiliser(s, gates),
      ...(s.chunks > 1 ? [chunkStates(s, 'mlstm.chunks', { keys: k, values: v, gates, states })] : []),
      passStates(s, 'mlstm.pass', { gates, states, backward: false }),
      memoryProduct(s, 'mlstm.h', 'y', { q, k, v, gates, states, out: h }),
    ]
  },
}

export const mlstm_step: WgslKernel = {
  /** A workgroup per head, whose threads all work out ⟨q, n⟩ and share the columns of C. */
  dispatches({ inputs: [q, k, v, i, f], outputs: [h, C, n, m] }, { software }) {
    const heads = i.cols
    const [N, P] = [q.cols / heads, v.cols / heads]
    const bound = bindOperands({
      q: reads(q),
      k: reads(k),
      v: reads(v),
      i: reads(i),
      f: reads(f),
      h: writes(h),
      C: writes(C),
      n: writes(n),
      m: writes(m),
    })
    const { views } = bound
    const workgroup = software ? 16 : 64
    return [
      kernel({
        label: 'mlstm_step',
        bound,
        workgroup,
        groups: q.rows * heads,
        globals: SCAN_FUNCTIONS,
        body: `let r = w / ${heads}u; let head = w % ${heads}u; let raw = -${views.f.get('r', 'head')};
let before = ${views.m.get('r', 'head')} - softplus(raw, exp(min(raw, 20.0))); let input = ${views.i.get('r', 'head')}; let m = max(before, input);
let kept = exp(before - m); let added = exp(input - m) * ${literal(1 / Math.sqrt(N))};
var total = 0.0;
for (var d = 0u; d < ${N}u; d++) { let c = head * ${N}u + d; total += ${views.q.get('r', 'c')} * (kept * ${views.n.get('r', 'c')} + added * ${views.k.get('r', 'c')}); }
let inverse = 1.0 / max(abs(total), exp(min(-m, 88.0)));
storageBarrier();
if (li == 0u) { ${views.m.put('r', 'head', 'm')} }
for (var d = li; d < ${N}u; d += ${workgroup}u) { let c = head * ${N}u + d; let next = kept * ${views.n.get('r', 'c')} + added * ${views.k.get('r', 'c')}; ${views.n.put('r', 'c', 'next')} }
for (var p = li; p < ${P}u; p += ${workgroup}u) { let vp = ${views.v.get('r', `head * ${P}u + p`)}; var sum = 0.0;
for (var d = 0u; d < ${N}u; d++) { let c = head * ${N}u + d; let e = c * ${P}u + p;
let next = kept * ${views.C.get('r', 'e')} + added * ${views.k.get('r', 'c')} * vp; ${views.C.put('r', 'e', 'next')} sum += ${views.q.get('r', 'c')} * next; }
${views.h.put('r', `head * ${P}u + p`, 'sum * inverse')} }`,
      }),
    ]
  },
}
