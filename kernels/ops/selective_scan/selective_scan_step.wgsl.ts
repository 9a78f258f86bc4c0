import { bindOperands, ceilDiv, kernel, reads, type WgslKernel, writes } from '../../backends/webgpu/wgsl.ts'
import { SCAN_FUNCTIONS } from './scanShader.ts'

/** One thread per channel; its states lie together. */
export const selective_scan_step: WgslKernel = {
  dispatches({ inputs: [u, delta, A, B, C, D, z, delta_bias], outputs: [y, state] }, { software }) {
    const bound = bindOperands({
      u: reads(u),
      delta: reads(delta),
      A: reads(A),
      B: reads(B),
      C: reads(C),
      D: reads(D),
      z: reads(z),
      delta_bias: reads(delta_bias),
      y: writes(y),
      state: writes(state),
    })
    const { views } = bound
    const workgroup = software ? 32 : 64
    return [
      kernel({
        label: 'selective_scan_step',
        bound,
        workgroup,
        groups: ceilDiv(u.rows * u.cols, workgroup),
        globals: SCAN_FUNCTIONS,
        body: `let i = w * ${workgroup}u + li; if (i >= ${u.rows * u.cols}u) { return; }
let r = i / ${u.cols}u; let c = i % ${u.cols}u; let raw = ${views.delta.get('r', 'c')} + ${views.delta_bias.get('0u', 'c')};
let dl = softplus(raw, exp(min(raw, 20.0))); let uu = ${views.u.get('r', 'c')}; var sum = ${views.D.get('0u', 'c')} * uu;
for (var n = 0u; n < ${A.cols}u; n++) {
  let h = exp(dl * ${views.A.get('c', 'n')}) * ${views.state.get('r', `c * ${A.cols}u + n`)} + dl * uu * ${views.B.get('r', 'n')};
  ${views.state.put('r', `c * ${A.cols}u + n`, 'h')} sum += ${views.C.get('r', 'n')} * h;
}
let zz = ${views.z.get('r', 'c')};
${views.y.put('r', 'c', 'sum * zz / (1.0 + exp(-zz))')}`,
      }),
    ]
  },
}
