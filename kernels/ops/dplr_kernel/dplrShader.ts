import { bindOperands, ceilDiv, type Dispatch, kernel, reads, type Target, type View } from '../../backends/webgpu/wgsl.ts'
import type { Operand } from '../../graph/plan.ts'
import { MODE_FUNCTIONS } from '../diagonal_scan/diagonalPlan.ts'

export interface DplrShape {
  readonly H: number
  readonly modes: number
  readonly lags: number
  /** Lags between two saved states. */
  readonly Q: number
  readonly chunks: number
  /** Threads of a channel's workgroup, one mode each. */
  readonly lanes: number
  /** Chunks side by side (dplrChunks.ts) rather than one after the other. */
  readonly parallel: boolean
  /** The lanes are one subgroup: sums by exchange of registers. */
  readonly shuffled: boolean
}
export const dplrShape = (H: number, modes: number, lags: number, target: Target): DplrShape => {
  const Q = target.software ? 16 : 64
  const [chunks, lanes] = [ceilDiv(lags, Q), Math.max(32, 2 ** Math.ceil(Math.log2(modes)))]
  return { H, modes, lags, Q, chunks, lanes, parallel: !target.software && chunks > 2, shuffled: target.subgroup === lanes }
}

/** Fields of a mode that a step needs, two floats each. */
export const FIELDS = ['mu', 'v', 'w', 'b', 'C'] as const
export type Field = (typeof FIELDS)[number]
export const stepElements = ({ H, modes }: DplrShape): number => FIELDS.length * 2 * modes * H
/** Place of a field of mode n (a WGSL expression) of channel h in the constants. */
export const fieldAt = ({ H, modes }: DplrShape, field: Field, n: string): string =>
  `(${FIELDS.indexOf(field) * modes}u + ${n}) * ${2 * H}u + h * 2u`
export const pairAt = (view: View, at: string): string => `vec2f(${view.get('0u', at)}, ${view.get('0u', `${at} + 1u`)})`
export const putPair = (view: View, at: string, value: string): string =>
  `${view.put('0u', at, `${value}.x`)} ${view.put('0u', `${at} + 1u`, `${value}.y`)}`

type Views = Record<string, View>
export const parameterReads = ([log_dt, A_real, A_imag, B, C, P]: readonly Operand[]) => ({
  log_dt: reads(log_dt),
  A_real: reads(A_real),
  A_imag: reads(A_imag),
  B: reads(B),
  C: reads(C),
  P: reads(P),
})
/** WGSL that defines λ, R, P, B of mode n of channel h as l, R, P, B (dplr.ts). */
export const modeOf = (v: Views): string => `let l = vec2f(-exponential(${v.A_real.get('h', 'n')}).x, -${v.A_imag.get('h', 'n')});
let R = inverse(vec2f(1.0, 0.0) - 0.5 * dt * l); let P = vec2f(${v.P.get('h', '2u * n')}, ${v.P.get('h', '2u * n + 1u')});
let B = vec2f(${v.B.get('h', '2u * n')}, ${v.B.get('h', '2u * n + 1u')});`
/** WGSL that defines dt, g, hb (h of dplr.ts) and gamma of channel h. */
export const channelOf = (
  v: Views,
  modes: number,
): string => `let dt = exponential(${v.log_dt.get('0u', 'h')}).x; var g = 0.0; var hb = 0.0;
for (var n = 0u; n < ${modes}u; n++) { ${modeOf(v)} g += dot(P, P) * R.x; hb += dot(P, product(R, B)); } let gamma = 1.0 / (1.0 + dt * g);`
export const DPLR_FUNCTIONS = `${MODE_FUNCTIONS}
fn inverse(a: vec2f) -> vec2f { return vec2f(a.x, -a.y) / dot(a, a); }`

/** Place of mode n of channel h in the states at every Q-th lag. */
export const stateAt = ({ H, modes }: DplrShape, chunk: string): string => `(${chunk} * ${modes}u + n) * ${2 * H}u + h * 2u`

/** What a step needs of every mode: one thread a channel. */
export function constants(shape: DplrShape, parameters: readonly Operand[], output: ReturnType<typeof reads>, target: Target): Dispatch {
  const bound = bindOperands({ ...parameterReads(parameters), output } as Record<string, ReturnType<typeof reads>>)
  const v = bound.views
  const workgroup = target.software ? 32 : 64
  const put = (field: Field, value: string): string => `{ let value = ${value}; ${putPair(v.output, fieldAt(shape, field, 'n'), 'value')} }`
  return kernel({
    label: 'dplr.constants',
    bound,
    workgroup,
    groups: ceilDiv(shape.H, workgroup),
    globals: DPLR_FUNCTIONS,
    body: `let h = w * ${workgroup}u + li; if (h >= ${shape.H}u) { return; } ${channelOf(v, shape.modes)}
for (var n = 0u; n < ${shape.modes}u; n++) { ${modeOf(v)} let ww = -2.0 * gamma * dt * product(R, P);
${put('mu', 'dt * product(l, R)')} ${put('v', 'against(R, P)')} ${put('w', 'ww')} ${put('b', 'dt * product(R, B) + 0.5 * dt * hb * ww')}
${put('C', `vec2f(${v.C.get('h', '2u * n')}, ${v.C.get('h', '2u * n + 1u')})`)} }`,
  })
}

/** WGSL of a workgroup's channel h, this lane's mode n and whether there is one, and the fields asked for. */
export const lane = (shape: DplrShape, view: View, fields: readonly Field[], h = 'w'): string =>
  `let h = ${h}; let live = li < ${shape.modes}u; let n = min(li, ${shape.modes - 1}u);
${fields.map((f) => `let ${f} = select(vec2f(), ${pairAt(view, fieldAt(shape, f, 'n'))}, live);`).join(' ')}`
/**
 * WGSL: `sum` of a vec2f over the lanes, the same in all of them, in one order. Through workgroup memory two halves of `shared_sums` take turns
 * by the parity of `turn`, so that one barrier a sum is enough.
 */
export const sumLanes = (shape: DplrShape, value: string, turn: string): string =>
  shape.shuffled
    ? `sum = ${value}; ${[1, 2, 4, 8, 16].map((step) => `sum += subgroupShuffleXor(sum, ${step}u);`).join(' ')}`
    : `{ let at = (${turn}) % 2u * ${shape.lanes}u;
shared_sums[at + li] = ${value}; workgroupBarrier(); sum = vec2f(); for (var q = 0u; q < ${shape.modes}u; q++) { sum += shared_sums[at + q]; } }`
export const sharedSums = ({ lanes, shuffled }: DplrShape): string =>
  shuffled ? '' : `var<workgroup> shared_sums: array<vec2f, ${2 * lanes}>;`
