import { adjointWalk } from './scanAdjoints.ts'
import { bindOperands, ceilDiv, type Dispatch, kernel, reads, type WgslKernel, writes } from '../../backends/webgpu/wgsl.ts'
import { combine, finish } from './scanPasses.ts'
import { gradRegions, ruleShape, savedRegions, scanShape } from './scanPlan.ts'
import { backwardVariants } from './scanVariants.ts'
import { straightGradWalk } from './scanStraightGrad.ts'
import { walk } from './scanWalk.ts'
import { usesSubgroups, walkGrid } from './selective_scan.wgsl.ts'

/** A walk forwards, the adjoints between chunks, a walk backwards, and the sums over channels and chunks. See scanWalk.ts. */
export const selective_scan_grad: WgslKernel = {
  variants([, , ...inputs], attrs, target) {
    const rule = ruleShape(inputs, attrs, target)
    return rule && !target.software && scanShape(inputs, attrs, target).straight ? backwardVariants(inputs, attrs, rule) : null
  },
  scratch: ([, , ...inputs], attrs, target) => gradRegions(scanShape(inputs, attrs, target)).total,
  dispatches({ inputs: [dy, saved, ...inputs], outputs, attrs, scratch }, target) {
    const [u, delta, , B, C, , z] = inputs
    const [du, ddelta, dA, dB, dC, dD, dz, ddelta_bias] = outputs
    const s = scanShape(inputs, attrs, target)
    const [kept, laid] = [savedRegions(s), gradRegions(s)]
    const offsets = { params: kept.params, dA: laid.dA, at: laid.at }
    const matrices = { B: reads(B, s.N === s.NP), C: reads(C, s.N === s.NP) }
    if (s.straight?.backward) {
      const bound = bindOperands({
        dy: reads(dy),
        u: reads(u),
        delta: reads(delta),
        z: reads(z),
        ...matrices,
        states: kept.states(saved, false),
        steps: laid.whole(scratch!),
        dz: writes(dz),
        du: writes(du),
        ddelta: writes(ddelta),
      })
      const { backward } = s.straight
      const tiles = ceilDiv(s.D, (backward.workgroup * backward.held) / s.NP)
      const whole = { ...offsets, dA: 0, at: laid.atWhole }
      const between = bindOperands({
        dy: reads(dy),
        delta: reads(delta),
        z: reads(z),
        C: matrices.C,
        states: kept.states(saved, false),
        steps: laid.whole(scratch!),
      })
      const adjoints = (): Dispatch => {
        const walked = adjointWalk(s, between.views, whole)
        const groups = [ceilDiv(s.D, (walked.workgroup * backward.held) / s.NP), s.batch, backward.segments - 1] as const
        return kernel({ label: 'selective_scan_grad.adjoints', bound: between, groups, subgroups: true, ...walked })
      }
      return [
        ...(backward.segments > 1 ? [adjoints()] : []),
        kernel({
          label: 'selective_scan_grad.straight',
          bound,
          groups: [tiles, s.batch, backward.segments],
          subgroups: true,
          ...straightGradWalk(s, bound.views, whole),
        }),
        ...finish(s, scratch!, { dA, dB, dC, dD, ddelta_bias }),
      ]
    }
    const there = bindOperands({
      dy: reads(dy),
      u: reads(u),
      delta: reads(delta),
      z: reads(z),
      ...matrices,
      states: kept.states(saved, false),
      chunks: laid.chunks(scratch!, true),
      steps: laid.steps(scratch!, true),
      dz: writes(dz),
    })
    const back = bindOperands({
      u: reads(u),
      delta: reads(delta),
      ...matrices,
      states: kept.states(saved, false),
      sums: kept.sums(saved, false),
      chunks: laid.chunks(scratch!, true),
      steps: laid.steps(scratch!, true),
      du: writes(du),
      ddelta: writes(ddelta),
    })
    const [K1, K3] = [walk('K1', s, there.views, offsets), walk('K3', s, back.views, offsets)]
    const subgroups = usesSubgroups(target)
    return [
      kernel({ label: 'selective_scan_grad.forwards', bound: there, groups: walkGrid(s, K1.workgroup), subgroups, ...K1 }),
      combine(s, saved, scratch),
      kernel({ label: 'selective_scan_grad.backwards', bound: back, groups: walkGrid(s, K3.workgroup), subgroups, ...K3 }),
      ...finish(s, scratch!, { dA, dB, dC, dD, ddelta_bias }),
    ]
  },
}
