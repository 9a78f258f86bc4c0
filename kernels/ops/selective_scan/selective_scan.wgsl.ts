import { bindOperands, ceilDiv, kernel, reads, type Target, type WgslKernel, writes } from '../../backends/webgpu/wgsl.ts'
import { combine, prepare } from './scanPasses.ts'
import { savedRegions, type ScanShape, scanShape } from './scanPlan.ts'
import { forwardVariants } from './scanVariants.ts'
import { straightWalk } from './scanStraight.ts'
import { type Offsets, walk } from './scanWalk.ts'

export const walkGrid = (s: ScanShape, workgroup: number): [number, number, number] => [ceilDiv(s.D, workgroup), s.batch, s.chunks]
export const noOffsets: Offsets = { params: 0, dA: 0, at: { g: 0, Y: 0, dC: 0, dB: 0, dD: 0, adjoints: 0, sums: 0 } }
export const usesSubgroups = (target: Target): boolean => target.subgroup > 1

/**
 * Three passes over chunks of the sequence, so that long sequences fill a card: what each chunk adds alone, the states between chunks,
 * the outputs. The states between chunks are `saved`.
 */
export const selective_scan: WgslKernel = {
  variants: (inputs, attrs, target) =>
    scanShape(inputs, attrs, target).straight && !target.software ? forwardVariants(inputs, attrs) : null,
  opaque: (inputs, attrs, target) => savedRegions(scanShape(inputs, attrs, target)).total,
  dispatches({ inputs, outputs: [y, saved], attrs, unread }, target) {
    const [u, delta, A, B, C, D, z, delta_bias] = inputs
    const s = scanShape(inputs, attrs, target)
    const laid = savedRegions(s)
    const offsets = { ...noOffsets, params: laid.params }
    if (s.straight) {
      const groups: [number, number, number] = [ceilDiv(s.D, (s.straight.workgroup * s.straight.held) / s.NP), s.batch, 1]
      const matrices = { B: reads(B, s.N === s.NP), C: reads(C, s.N === s.NP) }
      const alone = bindOperands({
        u: reads(u),
        delta: reads(delta),
        z: reads(z),
        ...matrices,
        A: reads(A),
        D: reads(D),
        bias: reads(delta_bias),
        y: writes(y),
      })
      // Without a backward pass nothing is kept, and the walk prepares its parameters where the adapter can bind them.
      const kept = !unread?.includes(1)
      if (!kept && alone.bindings.length <= target.storageBuffers) {
        const { A, D, bias, ...views } = alone.views
        const walked = straightWalk(s, { ...views, states: views.y, own: { A, D, bias } }, offsets)
        return [kernel({ label: 'selective_scan.straight', bound: alone, groups, subgroups: true, ...walked })]
      }
      const bound = bindOperands({
        u: reads(u),
        delta: reads(delta),
        z: reads(z),
        ...matrices,
        states: laid.states(saved, kept),
        sums: laid.sums(saved, kept),
        y: writes(y),
      })
      const { sums, ...views } = bound.views
      const walked = straightWalk(s, kept ? { ...views, sums } : views, offsets)
      return [prepare(s, A, D, delta_bias, saved), kernel({ label: 'selective_scan.straight', bound, groups, subgroups: true, ...walked })]
    }
    const local = bindOperands({
      u: reads(u),
      delta: reads(delta),
      B: reads(B, s.N === s.NP),
      states: laid.states(saved, true),
      sums: laid.sums(saved, true),
    })
    const output = bindOperands({
      u: reads(u),
      delta: reads(delta),
      z: reads(z),
      B: reads(B, s.N === s.NP),
      C: reads(C, s.N === s.NP),
      states: laid.states(saved, false),
      y: writes(y),
    })
    const [F1, F2] = [walk('F1', s, local.views, offsets), walk('F2', s, output.views, offsets)]
    const subgroups = usesSubgroups(target)
    return [
      prepare(s, A, D, delta_bias, saved),
      kernel({ label: 'selective_scan.chunks', bound: local, groups: walkGrid(s, F1.workgroup), subgroups, ...F1 }),
      combine(s, saved, null),
      kernel({ label: 'selective_scan.outputs', bound: output, groups: walkGrid(s, F2.workgroup), subgroups, ...F2 }),
    ]
  },
}
