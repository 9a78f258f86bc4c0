import { bindOperands, ceilDiv, kernel, reads, type WgslKernel, writes } from '../../backends/webgpu/wgsl.ts'

export const cross_entropy_grad: WgslKernel = {
  dispatches({ inputs: [logits, targets, lse, count, dloss], outputs: [dlogits] }, { software }) {
    const vec = logits.cols % 4 === 0
    const width = vec ? logits.cols / 4 : logits.cols
    const bound = bindOperands({
      logits: reads(logits, vec),
      targets: reads(targets),
      lse: reads(lse),
      count: reads(count),
      dloss: reads(dloss),
      dlogits: writes(dlogits, vec),
    })
    const { views } = bound
    const workgroup = software ? 64 : 256
    const value = vec
      ? `let hot = select(vec4f(), vec4f(1.0), vec4i(i32(c * 4u)) + vec4i(0, 1, 2, 3) == vec4i(goal)); let d = scale * (exp(${views.logits.get4('r', 'c')} - z) - hot);
${views.dlogits.put4('r', 'c', 'select(d, vec4f(), vec4<bool>(goal < 0))')}`
      : `let d = scale * (exp(${views.logits.get('r', 'c')} - z) - select(0.0, 1.0, i32(c) == goal));
${views.dlogits.put('r', 'c', 'select(d, 0.0, goal < 0)')}`
    return [
      kernel({
        label: 'cross_entropy_grad',
        bound,
        workgroup,
        groups: ceilDiv(logits.rows * width, workgroup),
        body: `let i = w * ${workgroup}u + li; if (i >= ${logits.rows * width}u) { return; }
let r = i / ${width}u; let c = i % ${width}u; let goal = ${views.targets.get('r', '0u')}; let z = ${views.lse.get('r', '0u')};
let scale = ${views.dloss.get('0u', '0u')} / max(${views.count.get('0u', '0u')}, 1.0);
${value}`,
      }),
    ]
  },
}
