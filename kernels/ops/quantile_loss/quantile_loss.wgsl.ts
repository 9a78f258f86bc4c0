import { elementwise } from '../../backends/webgpu/elementwise.ts'
import { sumTerms, termScratch } from '../../backends/webgpu/total.ts'
import { literal, type WgslKernel } from '../../backends/webgpu/wgsl.ts'
import type { Operand } from '../../graph/plan.ts'
import { levels } from './quantile_loss.ts'

/** The columns of each quantile as matrices of their own: `name`0, … */
const columns = (name: string, whole: Operand, count: number): Record<string, Operand> =>
  Object.fromEntries(
    Array.from({ length: count }, (_, k) => {
      const cols = whole.cols / count
      return [`${name}${k}`, { ...whole, cols, offset: whole.offset + k * cols }]
    }),
  )

export const quantile_loss: WgslKernel = {
  scratch: ([, target]) => termScratch(target.rows, target.cols, 2),
  dispatches({ inputs: [pred, goal, weight], outputs: [loss, count], attrs, scratch }, target) {
    const taus = levels(attrs)
    const pinball = taus.map((tau, k) => `max(${literal(tau)} * (goal - p${k}), ${literal(tau - 1)} * (goal - p${k}))`)
    return sumTerms(
      {
        label: 'quantile_loss',
        inputs: { goal, weight, ...columns('p', pred, taus.length) },
        terms: [`weight * (${pinball.join(' + ')})`, 'weight'],
        scratch: scratch!,
        outputs: { loss, count },
        finish: `loss = ${literal(2 / taus.length)} * total0 / max(total1, 1e-12); count = total1;`,
      },
      target,
    )
  },
}

export const quantile_loss_grad: WgslKernel = {
  dispatches({ inputs: [pred, goal, weight, count, dloss], outputs: [dpred], attrs }, { software }) {
    const taus = levels(attrs)
    const each = (T: string): string =>
      taus
        .map(
          (tau, k) =>
            `d${k} = scale * weight * (select(${T}(0.0), ${T}(${literal(-tau)}), goal > p${k}) + select(${T}(0.0), ${T}(${literal(1 - tau)}), goal < p${k}));`,
        )
        .join('\n')
    return [
      elementwise({
        label: 'quantile_loss_grad',
        software,
        inputs: { goal, weight, ...columns('p', pred, taus.length) },
        scalars: { count, dloss },
        outputs: columns('d', dpred, taus.length),
        body: (T) => `let scale = ${literal(2 / taus.length)} * dloss / max(count, 1e-12);\n${each(T)}`,
      }),
    ]
  },
}
