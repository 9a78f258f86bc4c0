import { bindOperands, ceilDiv, kernel, reads, type WgslKernel, writes } from '../../backends/webgpu/wgsl.ts'
import { MODE_FUNCTIONS } from './diagonalPlan.ts'

/** One thread a channel of one sequence. */
export const diagonal_scan_step: WgslKernel = {
  dispatches({ inputs: [u, log_dt, log_A_real, C, D, , A_imag], outputs: [y, state], attrs }, { software }) {
    const complex = !attrs.real
    const bound = bindOperands({
      u: reads(u),
      log_dt: reads(log_dt),
      log_A_real: reads(log_A_real),
      C: reads(C),
      D: reads(D),
      y: writes(y),
      state: writes(state),
      ...(complex ? { A_imag: reads(A_imag) } : {}),
    } as Record<string, ReturnType<typeof reads>>)
    const v = bound.views
    const workgroup = software ? 32 : 64
    const place = (k: number): string => (complex ? `c * ${C.cols}u + 2u * n + ${k}u` : `c * ${C.cols}u + n`)
    const pair = (view: string, row: string, at: (k: number) => string): string =>
      complex ? `vec2f(${v[view].get(row, at(0))}, ${v[view].get(row, at(1))})` : `vec2f(${v[view].get(row, at(0))}, 0.0)`
    return [
      kernel({
        label: 'diagonal_scan_step',
        bound,
        workgroup,
        groups: ceilDiv(u.rows * u.cols, workgroup),
        globals: MODE_FUNCTIONS,
        body: `let i = w * ${workgroup}u + li; if (i >= ${u.rows * u.cols}u) { return; } let r = i / ${u.cols}u; let c = i % ${u.cols}u;
let x = ${v.u.get('r', 'c')}; let log_dt = ${v.log_dt.get('0u', 'c')}; var sum = 0.0;
for (var n = 0u; n < ${log_A_real.cols}u; n++) {
let z = hold(log_dt, ${v.log_A_real.get('c', 'n')}, ${complex ? v.A_imag.get('c', 'n') : '0.0'});
let s = ${pair('state', 'r', place)}; let next = s + product(z.mu, s) + vec2f(x, 0.0);
${v.state.put('r', place(0), 'next.x')} ${complex ? v.state.put('r', place(1), 'next.y') : ''}
sum += product(product(${pair('C', 'c', (k) => (complex ? `2u * n + ${k}u` : 'n'))}, z.beta), next).x;
}
${v.y.put('r', 'c', `fma(${v.D.get('0u', 'c')}, x, ${complex ? '2.0' : '1.0'} * sum)`)}`,
      }),
    ]
  },
}
