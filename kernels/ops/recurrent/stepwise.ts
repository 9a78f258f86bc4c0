import { bindOperands, ceilDiv, type Dispatch, kernel, part, range, type Target, type View } from '../../backends/webgpu/wgsl.ts'
import type { Operand } from '../../graph/plan.ts'
import type { RecurrentSizes } from './cell.ts'
import { join } from './held.wgsl.ts'

/**
 * Heads so wide that one core of the card would read R for longer than a dispatch takes: a dispatch a time step, over all cores. A subgroup of 32 makes
 * a unit (two backward) of up to 16 sequences, its lanes along the inner sum; h, the rest of the state and what time step it is lie in scratch memory.
 */
export const STEPWISE = { least: 2 ** 20 }
/** Units of a workgroup: 768 of them on the 132 cores of a large card. */
export const UNITS = 6
const MOST_SEQUENCES = 16
/** Elements between two times in the scratch memory: a binding starts at a multiple of 256 bytes. */
export const APART = 64

export const stepwise = (s: RecurrentSizes, target: Target): boolean =>
  !target.software && target.subgroup === 32 && s.dh % 4 === 0 && s.gates * s.dh * s.dh >= STEPWISE.least

/** The times 0, 1, … as floats, each where a binding may start: one shader serves every step. */
export function clock(s: RecurrentSizes, scratch: Operand, first: number): Dispatch {
  const bound = bindOperands({ times: part(scratch, first, APART * s.seqlen, { write: true }) })
  const put = bound.views.times.put('0u', `t * ${APART}u`, 'f32(t)')
  const body = `let t = w * 64u + li; if (t < ${s.seqlen}u) { ${put} }`
  return kernel({ label: 'recurrent.clock', bound, workgroup: 64, groups: ceilDiv(s.seqlen, 64), body })
}

/** The dispatch of time 0 at another time. */
export const at = (dispatch: Dispatch, slot: number, first: number, t: number): Dispatch => ({
  ...dispatch,
  bindings: dispatch.bindings.map((b, i) => (i === slot ? { ...b, first: first + APART * t } : b)),
})

/** Sequences of a workgroup: a power of two. */
export const sequences = (s: RecurrentSizes): number => Math.min(MOST_SEQUENCES, 2 ** Math.ceil(Math.log2(s.batch)))

/**
 * The inner sums of `made` numbers of each of `many` sequences in `s0_0` … (number, sequence), and their exchange: a lane keeps half of the
 * sequences at each level, then the sums of one of them are the same in all lanes that kept it.
 */
export function sums(many: number, made: number, inner: number, weight: (m: number) => string, from: (b: number) => string): string {
  const M = range(made)
  let code = `${join(M, (m) =>
    range(many)
      .map((b) => `var s${m}_${b} = 0.0;`)
      .join(' '),
  )}
for (var q = lane; q < ${inner / 4}u; q += 32u) { ${M.map((m) => `let w${m} = ${weight(m)};`).join(' ')}
${join(range(many), (b) => `{ let x = ${from(b)}; ${M.map((m) => `s${m}_${b} += dot(w${m}, x);`).join(' ')} }`)} }\n`
  let [kept, step] = [many, 16]
  for (; kept > 1; step /= 2) {
    kept /= 2
    code += `{ let low = (lane & ${step}u) == 0u;\n${join(M, (m) =>
      range(kept)
        .map(
          (b) =>
            `{ let given = select(s${m}_${b}, s${m}_${b + kept}, low); s${m}_${b} = select(s${m}_${b + kept}, s${m}_${b}, low) + subgroupShuffleXor(given, ${step}u); }`,
        )
        .join(' '),
    )} }\n`
  }
  for (; step >= 1; step /= 2) code += `${M.map((m) => `s${m}_0 += subgroupShuffleXor(s${m}_0, ${step}u);`).join(' ')}\n`
  return code
}

/** Names of a lane: its unit, and the sequence whose sums it is left with. */
export const places = (
  s: RecurrentSizes,
  many: number,
  each: number,
): string => `let lane = li % 32u; let head = wid.x; let sequence0 = wid.y * ${many}u;
let unit0 = (wid.z * ${UNITS / each}u + li / 32u) * ${each}u; let kept = lane / ${32 / many}u; let b = min(sequence0 + kept, ${s.batch - 1}u);
let first = lane % ${32 / many}u == 0u && sequence0 + kept < ${s.batch}u;`
export const groups = (s: RecurrentSizes, many: number): [number, number, number] => [s.heads, ceilDiv(s.batch, many), ceilDiv(s.dh, UNITS)]
export const sequenceOf = (s: RecurrentSizes, b: number): string => `min(sequence0 + ${b}u, ${s.batch - 1}u)`
export const started = (condition: string, value: string): string => `select(0.0, ${value}, ${condition})`
export const element = (view: View, place: string): string => view.get('0u', place)
