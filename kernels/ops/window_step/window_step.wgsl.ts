import { bindOperands, ceilDiv, kernel, reads, type WgslKernel, writes } from '../../backends/webgpu/wgsl.ts'

/** A thread walks every c-th column from its own on, so that it alone reads what it overwrites. */
export const window_step: WgslKernel = {
  dispatches({ inputs: [x], outputs: [window, state] }, { software }) {
    const [c, s] = [x.cols, state.cols]
    const bound = bindOperands({ x: reads(x), window: writes(window), state: writes(state) })
    const { views } = bound
    const workgroup = software ? 32 : 64
    return [
      kernel({
        label: 'window_step',
        bound,
        workgroup,
        groups: ceilDiv(x.rows * c, workgroup),
        body: `let i = w * ${workgroup}u + li; if (i >= ${x.rows * c}u) { return; } let b = i / ${c}u;
for (var j = i % ${c}u; j < ${s + c}u; j += ${c}u) {
var value = 0.0;
if (j < ${s}u) { value = ${views.state.get('b', 'j')}; } else { value = ${views.x.get('b', `j - ${s}u`)}; }
${views.window.put('b', 'j', 'value')}
if (j >= ${c}u) { ${views.state.put('b', `j - ${c}u`, 'value')} }
}`,
      }),
    ]
  },
}
