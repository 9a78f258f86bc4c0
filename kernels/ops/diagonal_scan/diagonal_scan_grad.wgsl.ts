import {
  bindOperands,
  ceilDiv,
  type Dispatch,
  kernel,
  range,
  reads,
  type Target,
  type WgslKernel,
  writes,
} from '../../backends/webgpu/wgsl.ts'
import type { Operand } from '../../graph/plan.ts'
import { channelProduct, chunkReader, shiftTaps } from './channelProduct.ts'
import { chunkSums, storeStep } from './diagonal_scan.wgsl.ts'
import { parameterKernels } from './diagonalParameters.ts'
import { type DiagonalShape, diagonalShape, gradRegions, overChunks, region, savedRegions, slicesOf } from './diagonalPlan.ts'

/** See diagonal_scan_grad.simd.ts for the algorithm: adjoint of each chunk's state, du, gradients of the tables, then of the parameters. */
export const diagonal_scan_grad: WgslKernel = {
  scratch: ([, , u, , , C], attrs, target) => gradRegions(diagonalShape(u, C, attrs, target), target).total,
  dispatches({ inputs, outputs, attrs, scratch }, target) {
    const [dy, saved, u, , , C] = inputs
    const shape = diagonalShape(u, C, attrs, target)
    const { M, H, rows } = shape
    const layout = gradRegions(shape, target)
    return [
      chunkSums('diagonal_scan_grad.adjoints', shape, dy, saved, 'V', region(scratch!, layout, 'L', rows * M * H, true)),
      carryBack(shape, saved, scratch!, target),
      inputGradient(shape, dy, saved, scratch!, outputs[0], target),
      ...tableGradients(shape, dy, u, saved, scratch!, target),
      ...parameterKernels(shape, inputs, outputs, scratch!, target),
    ]
  },
}

/** Replaces what each chunk adds to the adjoint by the adjoint after it; sums up the gradient of e^{QΔA} of each sequence. */
function carryBack(shape: DiagonalShape, saved: Operand, scratch: Operand, target: Target): Dispatch {
  const { M, H, modes, complex, chunks, rows, batch } = shape
  const [kept, layout] = [savedRegions(shape), gradRegions(shape, target)]
  const bound = bindOperands({
    S: region(saved, kept, 'S', rows * M * H),
    end: region(saved, kept, 'end', M * H),
    L: region(scratch, layout, 'L', rows * M * H, true),
    dEnd: region(scratch, layout, 'dEnd', batch * M * H, true),
  })
  const { S, L, end, dEnd } = bound.views
  const workgroup = target.software ? 32 : 64
  const [re, im] = complex ? ['2u * n', '2u * n + 1u'] : ['n', 'n']
  const at = (m: string, k = 'k'): string => `((b * ${chunks}u + ${k}) * ${M}u + ${m}) * ${H}u + h`
  const pair = (v: typeof S, place: (m: string) => string): string =>
    `vec2f(${v.get('0u', place(re))}, ${complex ? v.get('0u', place(im)) : '0.0'})`
  return kernel({
    label: 'diagonal_scan_grad.carry',
    bound,
    workgroup,
    groups: ceilDiv(batch * modes * H, workgroup),
    body: `let i = w * ${workgroup}u + li; if (i >= ${batch * modes * H}u) { return; } let h = i % ${H}u; let n = i / ${H}u % ${modes}u; let b = i / ${modes * H}u;
let d = ${pair(end, (m) => `(${m}) * ${H}u + h`)}; var a = vec2f(); var sum = vec2f();
${overChunks(
  shape,
  target,
  true,
  (i) => `let e${i} = ${pair(L, (m) => at(m, `k_${i}`))}; let s${i} = ${pair(S, (m) => at(m, `k_${i}`))};`,
  (i) => `${L.put('0u', at(re), 'a.x')} ${complex ? L.put('0u', at(im), 'a.y') : ''}
sum += vec2f(fma(a.x, s${i}.x, a.y * s${i}.y), fma(a.y, s${i}.x, -a.x * s${i}.y));
a = vec2f(fma(d.x, a.x, fma(d.y, a.y, e${i}.x)), fma(d.x, a.y, fma(-d.y, a.x, e${i}.y)));`,
)}
${dEnd.put('0u', `(b * ${M}u + ${re}) * ${H}u + h`, 'sum.x')} ${complex ? dEnd.put('0u', `(b * ${M}u + ${im}) * ${H}u + h`, 'sum.y') : ''}`,
  })
}

function inputGradient(shape: DiagonalShape, dy: Operand, saved: Operand, scratch: Operand, du: Operand, target: Target): Dispatch {
  const { Q, M, H, rows, RM, RN } = shape
  const kept = savedRegions(shape)
  const bound = bindOperands({
    dy: reads(dy),
    T: region(saved, kept, 'T', Q * H),
    W: region(saved, kept, 'W', Q * M * H),
    L: region(scratch, gradRegions(shape, target), 'L', rows * M * H),
    du: writes(du),
  })
  const { T, W, L } = bound.views
  const g = chunkReader(shape, bound.views.dy)
  return channelProduct(shape, {
    label: 'diagonal_scan_grad.du',
    bound,
    rows,
    cols: Q,
    start: range(RM)
      .map((r) => g.begin(`r${r}`))
      .join(' '),
    phases: [
      {
        setup: `var v0 = ${T.get('0u', 'h')}; ${range(RN - 1)
          .map((c) => `var v${c + 1} = 0.0;`)
          .join(' ')}`,
        from: 'col0',
        to: `${Q}u`,
        body: range(RM)
          .map((r) => `let x${r} = ${g.at(`r${r}`, 'k')};`)
          .join(' '),
        after: shiftTaps(RN, T.get('0u', `min(k + 1u - col0, ${Q - 1}u) * ${H}u + h`)),
      },
      {
        from: '0u',
        to: `${M}u`,
        body: `${range(RM)
          .map((r) => `let x${r} = ${L.get('0u', `(r${r} * ${M}u + k) * ${H}u + h`)};`)
          .join(' ')} ${range(RN)
          .map((c) => `let v${c} = ${W.get('0u', `(c${c} * ${M}u + k) * ${H}u + h`)};`)
          .join(' ')}`,
      },
    ],
    store: (r, c, value) => storeStep(shape, r, c, (row) => bound.views.du.put(row, 'h', value)),
  })
}

/** Sums over all chunks, in slices: dV[i][m] of g and S, dW[j][m] of u and Λ, dD[j][i] of u and g (whose diagonals are dT). */
function tableGradients(shape: DiagonalShape, dy: Operand, u: Operand, saved: Operand, scratch: Operand, target: Target): Dispatch[] {
  const { Q, M, H, rows, RM, RN } = shape
  const [kept, layout, slices] = [savedRegions(shape), gradRegions(shape, target), slicesOf(shape, target)]
  const perSlice = ceilDiv(rows, slices)
  const loop = { from: `slice * ${perSlice}u`, to: `min((slice + 1u) * ${perSlice}u, ${rows}u)` }
  const ofStates = (label: string, x: Operand, states: ReturnType<typeof reads>, out: 'dV' | 'dW'): Dispatch => {
    const bound = bindOperands({ x: reads(x), states, out: region(scratch, layout, out, slices * Q * M * H, true) })
    const steps = chunkReader(shape, bound.views.x)
    return channelProduct(shape, {
      label,
      bound,
      rows: Q,
      cols: M,
      slices,
      phases: [
        {
          ...loop,
          body: `${steps.begin('k')} ${range(RM)
            .map((r) => `let x${r} = ${steps.at('k', `r${r}`)};`)
            .join(' ')} ${range(RN)
            .map((c) => `let v${c} = ${bound.views.states.get('0u', `(k * ${M}u + c${c}) * ${H}u + h`)};`)
            .join(' ')}`,
        },
      ],
      store: (r, c, value) => bound.views.out.put('0u', `((slice * ${Q}u + ${r}) * ${M}u + ${c}) * ${H}u + h`, value),
    })
  }
  const bound = bindOperands({ u: reads(u), g: reads(dy), out: region(scratch, layout, 'dD', slices * Q * Q * H, true) })
  const [x, g] = [chunkReader(shape, bound.views.u), chunkReader(shape, bound.views.g)]
  return [
    ofStates('diagonal_scan_grad.dV', dy, region(saved, kept, 'S', rows * M * H), 'dV'),
    ofStates('diagonal_scan_grad.dW', u, region(scratch, layout, 'L', rows * M * H), 'dW'),
    channelProduct(shape, {
      label: 'diagonal_scan_grad.dT',
      bound,
      rows: Q,
      cols: Q,
      slices,
      skip: `col0 + ${RN - 1}u < row0`,
      phases: [
        {
          ...loop,
          body: `${x.begin('k')} ${range(RM)
            .map((r) => `let x${r} = ${x.at('k', `r${r}`)};`)
            .join(' ')} ${range(RN)
            .map((c) => `let v${c} = ${g.at('k', `c${c}`)};`)
            .join(' ')}`,
        },
      ],
      store: (r, c, value) => bound.views.out.put('0u', `((slice * ${Q}u + ${r}) * ${Q}u + ${c}) * ${H}u + h`, value),
    }),
  ]
}
