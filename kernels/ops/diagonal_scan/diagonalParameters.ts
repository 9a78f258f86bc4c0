import { bindOperands, ceilDiv, type Dispatch, kernel, part, reads, type Target, writes } from '../../backends/webgpu/wgsl.ts'
import type { Operand } from '../../graph/plan.ts'
import { type DiagonalShape, gradRegions, MODE_FUNCTIONS, region, savedRegions, slicesOf } from './diagonalPlan.ts'

/** From the gradients of the tables to those of the parameters (diagonal_scan_grad.ts): diagonals of dD, then each mode, then Δ. */
export function parameterKernels(
  shape: DiagonalShape,
  inputs: readonly Operand[],
  outputs: readonly Operand[],
  scratch: Operand,
  target: Target,
): Dispatch[] {
  const { Q, M, H, modes, complex, batch, workgroup } = shape
  const [, saved, , log_dt, log_A_real, C, , A_imag] = inputs
  const [, dlog_dt, dlog_A_real, dC, dD, dA_imag] = outputs
  const [kept, layout, slices] = [savedRegions(shape), gradRegions(shape, target), slicesOf(shape, target)]

  const base = layout.first.dEnd // the adjoints before it are large and not needed here

  const diagonals = bindOperands({
    all: region(scratch, layout, 'dD', slices * Q * Q * H),
    taps: region(scratch, layout, 'taps', Q * H, true),
    dD: writes(dD),
  })
  const chain = bindOperands({
    log_dt: reads(log_dt),
    log_A_real: reads(log_A_real),
    C: reads(C),
    ...(complex ? { A_imag: reads(A_imag) } : {}),
    saved: region(saved, kept, 'W', kept.first.T),
    sums: part(scratch, base, layout.total - base, { write: true }),
    dlog_A_real: writes(dlog_A_real),
    dC: writes(dC),
  } as Record<string, ReturnType<typeof reads>>)
  const v = chain.views
  const state = (m: string): string => `(${m}) * ${H}u + h`
  const [re, im] = complex ? ['2u * n', '2u * n + 1u'] : ['n', 'n']
  const pair = (view: 'saved' | 'sums', first: number, row: string): string =>
    `vec2f(${v[view].get('0u', `${first}u + ${state(`${row} + ${re}`)}`)}, ${complex ? v[view].get('0u', `${first}u + ${state(`${row} + ${im}`)}`) : '0.0'})`
  const summed = (first: number, row: string, slice: number, count: number): string =>
    `for (var q = 0u; q < ${count}u; q++) { sum += ${pair('sums', first - base, `q * ${slice}u + ${row}`)}; }`
  const ends = bindOperands({
    parts: region(scratch, layout, 'dt', modes * H),
    dlog_dt: writes(dlog_dt),
    ...(complex ? { turns: region(scratch, layout, 'turns', modes * H), dA_imag: writes(dA_imag) } : {}),
  } as Record<string, ReturnType<typeof reads>>)
  return [
    kernel({
      label: 'diagonal_scan_grad.taps',
      bound: diagonals,
      workgroup,
      groups: ceilDiv(Q * H, workgroup),
      body: `let i = w * ${workgroup}u + li; if (i >= ${Q * H}u) { return; } let h = i % ${H}u; let l = i / ${H}u; var sum = 0.0;
for (var s = 0u; s < ${slices}u; s++) { for (var j = 0u; j + l < ${Q}u; j++) { sum += ${diagonals.views.all.get('0u', `((s * ${Q}u + j) * ${Q}u + j + l) * ${H}u + h`)}; } }
${diagonals.views.taps.put('0u', `l * ${H}u + h`, 'sum')} if (l == 0u) { ${diagonals.views.dD.put('0u', 'h', 'sum')} }`,
    }),
    kernel({
      label: 'diagonal_scan_grad.modes',
      bound: chain,
      workgroup,
      groups: ceilDiv(modes * H, workgroup),
      globals: MODE_FUNCTIONS,
      // X is ∂(w p_l), Y the rest of ∂p_l; w in the table carries the factor of the conjugate half.
      body: `let i = w * ${workgroup}u + li; if (i >= ${modes * H}u) { return; } let h = i % ${H}u; let n = i / ${H}u;
let z = hold(${v.log_dt.get('0u', 'h')}, ${v.log_A_real.get('h', 'n')}, ${complex ? v.A_imag.get('h', 'n') : '0.0'});
let c = ${complex ? `vec2f(${v.C.get('h', '2u * n')}, ${v.C.get('h', '2u * n + 1u')})` : `vec2f(${v.C.get('h', 'n')}, 0.0)`};
let weight = ${pair('saved', kept.first.weights, '0u')}; var dw = vec2f(); var dz = vec2f();
for (var l = 0u; l <= ${Q}u; l++) {
var x = vec2f(); var y = vec2f(); var p = vec2f();
if (l < ${Q}u) { p = ${pair('saved', kept.first.W, `(${Q - 1}u - l) * ${M}u`)}; x.x = ${v.sums.get('0u', `${layout.first.taps - base}u + l * ${H}u + h`)};
var sum = vec2f(); ${summed(layout.first.dW, `(${Q - 1}u - l) * ${M}u`, Q * M, slices)} y = sum; }
else { p = ${pair('saved', kept.first.end, '0u')}; var sum = vec2f(); ${summed(layout.first.dEnd, '0u', M, batch)} y = sum; }
if (l > 0u) { var sum = vec2f(); ${summed(layout.first.dV, `(l - 1u) * ${M}u`, Q * M, slices)} x += vec2f(sum.x, -sum.y); }
dw += against(x, p); dz += f32(l) * against(against(x, weight) + y, p);
}
dw *= ${complex ? '2.0' : '1.0'}; let db = against(dw, c);
let dA = z.dt * (dz + z.dt * against(db, slope(z))); let d = against(dw, z.beta);
${v.sums.put('0u', `${layout.first.dt - base}u + i`, 'z.dt * (dot(dz, z.A) + dot(db, z.mu + vec2f(1.0, 0.0)))')}
${v.dlog_A_real.put('h', 'n', 'dA.x * z.A.x')} ${complex ? `${v.dC.put('h', '2u * n', 'd.x')} ${v.dC.put('h', '2u * n + 1u', 'd.y')}` : v.dC.put('h', 'n', 'd.x')}
${complex ? v.sums.put('0u', `${layout.first.turns - base}u + i`, 'dA.y') : ''}`,
    }),
    kernel({
      label: 'diagonal_scan_grad.dt',
      bound: ends,
      workgroup,
      groups: ceilDiv(H, workgroup),
      body: `let h = w * ${workgroup}u + li; if (h >= ${H}u) { return; } var sum = 0.0;
for (var n = 0u; n < ${modes}u; n++) { sum += ${ends.views.parts.get('0u', `n * ${H}u + h`)}; ${complex ? ends.views.dA_imag.put('h', 'n', ends.views.turns.get('0u', `n * ${H}u + h`)) : ''} }
${ends.views.dlog_dt.put('0u', 'h', 'sum')}`,
    }),
  ]
}
