import {
  bindOperands,
  ceilDiv,
  type Dispatch,
  kernel,
  literal,
  type part,
  reads,
  type WgslKernel,
  writes,
} from '../../backends/webgpu/wgsl.ts'
import type { Operand } from '../../graph/plan.ts'
import { gateGradients, memoryCrossings } from '../chunked_memory/memoryCrossings.ts'
import { gradRegions, type MemoryPlan, rowNames, savedRegions } from '../chunked_memory/memoryPlan.ts'
import { memoryProduct } from '../chunked_memory/memoryProducts.ts'
import { chunkStates, passStates } from '../chunked_memory/memoryStates.ts'
import { SCAN_FUNCTIONS } from '../selective_scan/scanShader.ts'
import { mlstmPlan } from './mlstm.wgsl.ts'

type Part = ReturnType<typeof part>
const LANES = 16

/** The gradient that reaches ⟨q, n⟩ of each step and head: −⟨dh, h⟩ / ⟨q, n⟩ where that is the denominator. LANES threads each. */
function normaliserGradient(s: MemoryPlan, dh: Operand, h: Operand, gates: Part, rows: Part): Dispatch {
  const bound = bindOperands({ dh: reads(dh), h: reads(h), gates, rows })
  const { views } = bound
  const each = 64 / LANES
  const total = s.batch * s.seqlen * s.H
  return kernel({
    label: 'mlstm_grad.normaliser',
    bound,
    workgroup: 64,
    groups: ceilDiv(total, each),
    globals: 'var<workgroup> sums: array<f32, 64>;',
    body: `let id = w * ${each}u + li / ${LANES}u; let lane = li % ${LANES}u; let at = min(id, ${total - 1}u);
let head = at % ${s.H}u; let r = at / ${s.H}u; let b = r / ${s.seqlen}u; let t = r % ${s.seqlen}u; var sum = 0.0;
for (var p = lane; p < ${s.P}u; p += ${LANES}u) { let c = head * ${s.P}u + p; sum += ${views.dh.get('r', 'c')} * ${views.h.get('r', 'c')}; }
sums[li] = sum; workgroupBarrier();
if (lane == 0u && id < ${total}u) { for (var j = 1u; j < ${LANES}u; j++) { sum += sums[li + j]; }
let gb = ((b * ${s.H}u + head) * ${s.chunks}u + t / ${s.Q}u) * ${8 * s.Q}u + t % ${s.Q}u; let sign = ${views.gates.get('0u', `gb + ${6 * s.Q}u`)};
${views.rows.put('0u', `(b * ${s.H}u + head) * ${rowNames(s).count * s.chunks * s.Q}u + t`, `select(0.0, -sign * ${views.gates.get('0u', `gb + ${5 * s.Q}u`)} * sum, sign != 0.0)`)} }`,
  })
}

/** Adjoints of the memories, then dq, dk and dv chunk by chunk, then the gates' gradients from what passes between steps. No atomics. */
export const mlstm_grad: WgslKernel = {
  scratch: ([, , , ...inputs], attrs, target) => gradRegions(mlstmPlan(inputs, attrs, target), 0).total,
  dispatches({ inputs: [dh, h, saved, q, k, v, i, f], outputs: [dq, dk, dv, di, df], attrs, scratch }, target) {
    const s = mlstmPlan([q, k, v, i], attrs, target)
    const [kept, laid] = [savedRegions(s), gradRegions(s, 0)]
    const [gates, states] = [kept.gates(saved), kept.states(saved)]
    const [adjoints, rows] = [laid.adjoints(scratch!, true), laid.rows(scratch!, true)]
    const operands = { q, k, v, dy: dh, gates, rows }
    const bound = bindOperands({ f: reads(f), gates, states, adjoints, rows, di: writes(di), df: writes(df) } as Record<string, Part>)
    const { views } = bound
    const finish = `if (live) { ${views.di.put('row0 + t', 'h', `dw * ${literal(1 / Math.sqrt(s.N))}`)} ${views.df.put('row0 + t', 'h', `da * sigm(-${views.f.get('row0 + t', 'h')})`)} }`
    return [
      normaliserGradient(s, dh, h, gates, rows),
      ...(s.chunks > 1 ? [chunkStates(s, 'mlstm_grad.chunks', { keys: q, values: dh, gates, states: adjoints, rows })] : []),
      passStates(s, 'mlstm_grad.pass', { gates, states: adjoints, backward: true }),
      memoryProduct(s, 'mlstm_grad.dq', 'dq', { ...operands, states, out: dq }),
      memoryProduct(s, 'mlstm_grad.dk', 'dk', { ...operands, states: adjoints, out: dk }),
      memoryProduct(s, 'mlstm_grad.dv', 'dv', { ...operands, states: adjoints, out: dv }),
      memoryCrossings(s, 'mlstm_grad.crossings', operands),
      gateGradients(s, 'mlstm_grad.gates', bound, finish, SCAN_FUNCTIONS),
    ]
  },
}
