import { bindOperands, ceilDiv, kernel, reads, type Target, type WgslKernel, writes } from '../../backends/webgpu/wgsl.ts'
import { combine, prepare } from './scanPasses.ts'
import { savedRegions, type ScanShape, scanShape } from './scanPlan.ts'
import { forwardVariants } from './scanVariants.ts'
import { straightWalk, type StraightViews } from './scanStraight.ts'
import { type Offsets, walk } from './scanWalk.ts'

export const walkGrid = (s: ScanShape, workgroup: number): [number, number, number] => [ceilDiv(s.D, workgroup), s.batch, s.chunks]
export const noOffsets: Offsets = { params: 0, dA: 0, at: { g: 0, Y: 0, dC: 0, dB: 0, dD: 0, adjoints: 0, sums: 0 } }
export const usesSubgroups = (target: Target): boolean => target.subgroup > 1

type Requests = Record<keyof StraightViews, ReturnType<typeof reads>>

/**
 * Three passes over chunks of the sequence, so that long sequences fill a card: what each chunk adds alone, the states between chunks,
 * the outputs. The states between chunks are `saved`.
 */
export const selective_scan: WgslKernel = {
  variants: (inputs, attrs, target, unread) =>
    scanShape(inputs, attrs, target).straight && !target.software ? forwardVariants(inputs, attrs, Boolean(unread?.includes(1))) : null,
  opaque: (inputs, attrs, target) => savedRegions(scanShape(inputs, attrs, target)).total,
  dispatches({ inputs, outputs: [y, saved], attrs, unread }, target) {
    const [u, delta, A, B, C, D, z, delta_bias] = inputs
    const kept = !unread?.includes(1)
    const s = scanShape(inputs, attrs, target, !kept)
    const laid = savedRegions(s)
    const offsets = { ...noOffsets, params: laid.params }
    if (s.straight) {
      const groups: [number, number, number] = [ceilDiv(s.D, (s.straight.workgroup * s.straight.held) / s.NP), s.batch, 1]
      const common = { u: reads(u), delta: reads(delta), z: reads(z), B: reads(B, s.N === s.NP), C: reads(C, s.N === s.NP), y: writes(y) }
      // One walk back needs no sums of Δ.
      const saves = { states: laid.states(saved, true), ...(s.straight.backward ? {} : { sums: laid.sums(saved, true) }) }
      const own = { A: reads(A), D: reads(D), bias: reads(delta_bias) }
      const alone = bindOperands({ ...common, ...own, ...(kept ? saves : {}) } as Requests)
      const fits = alone.bindings.length <= target.storageBuffers
      const bound = fits ? alone : bindOperands({ ...common, ...(kept ? saves : { states: laid.states(saved, false) }) } as Requests)
      const walked = straightWalk(s, bound.views, offsets, kept)
      return [
        ...(fits ? [] : [prepare(s, A, D, delta_bias, saved)]),
        kernel({ label: 'selective_scan.straight', bound, groups, subgroups: true, ...walked }),
      ]
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
