import { sumSlices } from '../../backends/webgpu/columns.ts'
import { bindOperands, reads, type WgslKernel, writes } from '../../backends/webgpu/wgsl.ts'
import { gateGradients, memoryCrossings, sumHeads } from '../chunked_memory/memoryCrossings.ts'
import { gradRegions, rowNames, savedRegions } from '../chunked_memory/memoryPlan.ts'
import { memoryProduct } from '../chunked_memory/memoryProducts.ts'
import { chunkStates, passStates } from '../chunked_memory/memoryStates.ts'
import { ssdPlan } from './ssd.wgsl.ts'

/** A binding starts at a multiple of 64 elements. */
const aligned = (n: number): number => Math.ceil(n / 64) * 64

/** Adjoints of the states, then dC, dB and dx chunk by chunk, then the gates' gradients from what passes between steps. No atomics. */
export const ssd_grad: WgslKernel = {
  scratch([, , ...inputs], attrs, target) {
    const s = ssdPlan(inputs, attrs, target)
    return gradRegions(s, 3 * aligned(s.batch * s.chunks * s.H)).total
  },
  dispatches({ inputs: [dy, saved, x, dt, A, B, C, D], outputs: [dx, ddt, dA, dB, dC, dD, ddt_bias], attrs, scratch }, target) {
    const s = ssdPlan([x, dt, A, B], attrs, target)
    const kept = savedRegions(s)
    const slices = s.batch * s.chunks
    const each = aligned(slices * s.H)
    const laid = gradRegions(s, 3 * each)
    const [gates, states] = [kept.gates(saved), kept.states(saved)]
    const work = scratch!
    const [adjoints, rows] = [laid.adjoints(work, true), laid.rows(work, true)]
    const operands = { q: C, k: B, v: x, dy, gates, rows }
    const keys = (label: string, kind: 'dq' | 'dk', out: typeof dB) => {
      const product = (to: Parameters<typeof memoryProduct>[3]['out']) =>
        memoryProduct(s, `ssd_grad.${label}`, kind, { ...operands, states: kind === 'dq' ? states : adjoints, out: to })
      return s.G === s.H
        ? [product(out)]
        : [product({ perHead: laid.shared(work, true) }), sumHeads(s, `ssd_grad.${label}.heads`, laid.shared(work), out)]
    }
    const bound = bindOperands({
      A: reads(A),
      gates,
      states,
      adjoints,
      rows,
      parts: laid.extra(work, true),
      ddt: writes(ddt),
    } as Record<string, typeof gates>)
    const { views } = bound
    const part = (i: number, value: string): string => views.parts.put('0u', `${i * each}u + (b * ${s.chunks}u + ck) * ${s.H}u + h`, value)
    const names = rowNames(s)
    // Three sums over the chunk's steps through the workgroup memory of `gateGradients`, each by one thread, in order.
    const finish = `var draw = 0.0; var own = 0.0;
if (live) { draw = (${views.A.get('0u', 'h')} * da + dw) * ${views.gates.get('0u', `gb + ${5 * s.Q}u + t`)}; own = ${views.rows.get('0u', `rb + ${names.own * s.chunks * s.Q}u + t`)};
${views.ddt.put('row0 + t', 'h', 'draw')} } else { da = 0.0; }
workgroupBarrier();
sums[t] = da * ${views.gates.get('0u', `gb + ${4 * s.Q}u + t`)}; entering[t] = own; leaving[t] = draw;
workgroupBarrier();
if (li == 0u) { var total = vec3f(); for (var r = 0u; r < steps; r++) { total += vec3f(sums[r], entering[r], leaving[r]); } ${part(0, 'total.x')} ${part(1, 'total.y')} ${part(2, 'total.z')} }`
    return [
      ...(s.chunks > 1 ? [chunkStates(s, 'ssd_grad.chunks', { keys: C, values: dy, gates, states: adjoints, rows })] : []),
      passStates(s, 'ssd_grad.pass', { gates, states: adjoints, backward: true }),
      ...keys('dC', 'dq', dC),
      ...keys('dB', 'dk', dB),
      memoryProduct(s, 'ssd_grad.dx', 'dv', { ...operands, D, states: adjoints, out: dx }),
      memoryCrossings(s, 'ssd_grad.crossings', operands),
      gateGradients(s, 'ssd_grad.gates', bound, finish),
      ...[dA, dD, ddt_bias].map((out, i) =>
        sumSlices(`ssd_grad.${['dA', 'dD', 'ddt_bias'][i]}`, laid.extraAt(work, i * each, slices * s.H), slices, s.H, out, target),
      ),
    ]
  },
}
