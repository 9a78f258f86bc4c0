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
import { type DiagonalShape, diagonalShape, diagonalVariants, MODE_FUNCTIONS, overChunks, region, savedRegions } from './diagonalPlan.ts'

/** See diagonal_scan.simd.ts for the algorithm: tables, what each chunk adds to the state, the carry over chunks, the outputs. */
export const diagonal_scan: WgslKernel = {
  variants: ([u, , , C], attrs, target) => diagonalVariants(u, C, attrs, target),
  opaque: ([u, , , C], attrs, target) => savedRegions(diagonalShape(u, C, attrs, target)).total,
  dispatches({ inputs, outputs: [y, saved], attrs }, target) {
    const [u, , , C] = inputs
    const shape = diagonalShape(u, C, attrs, target)
    const { Q, M, H, rows, RM, RN } = shape
    const layout = savedRegions(shape)
    const [adds, out] = [
      chunkSums('diagonal_scan.states', shape, u, saved, 'W', region(saved, layout, 'S', rows * M * H, true)),
      bindOperands({
        u: reads(u),
        T: region(saved, layout, 'T', Q * H),
        V: region(saved, layout, 'V', Q * M * H),
        S: region(saved, layout, 'S', rows * M * H),
        y: writes(y),
      }),
    ]
    const x = chunkReader(shape, out.views.u)
    return [
      ...tables(shape, inputs, saved),
      adds,
      carry(shape, saved, target),
      channelProduct(shape, {
        label: 'diagonal_scan.y',
        bound: out,
        rows,
        cols: Q,
        start: range(RM)
          .map((r) => x.begin(`r${r}`))
          .join(' '),
        phases: [
          {
            setup: range(RN)
              .map((c) => `var v${c} = ${out.views.T.get('0u', `c${c} * ${H}u + h`)};`)
              .join(' '),
            from: '0u',
            to: `col0 + ${RN}u`,
            body: range(RM)
              .map((r) => `let x${r} = ${x.at(`r${r}`, 'k')};`)
              .join(' '),
            after: shiftTaps(RN, `select(0.0, ${out.views.T.get('0u', `(max(c0, k + 1u) - k - 1u) * ${H}u + h`)}, k < c0)`),
          },
          {
            from: '0u',
            to: `${M}u`,
            body: `${range(RM)
              .map((r) => `let x${r} = ${out.views.S.get('0u', `(r${r} * ${M}u + k) * ${H}u + h`)};`)
              .join(' ')} ${range(RN)
              .map((c) => `let v${c} = ${out.views.V.get('0u', `(c${c} * ${M}u + k) * ${H}u + h`)};`)
              .join(' ')}`,
          },
        ],
        store: (r, c, value) => storeStep(shape, r, c, (row) => out.views.y.put(row, 'h', value)),
      }),
    ]
  },
}

/** Writes element (chunk r, step c) unless it lies after the sequence's end. */
export function storeStep({ seqlen, Q }: DiagonalShape, r: string, c: string, put: (row: string) => string): string {
  return seqlen % Q === 0 ? put(`t_${r} + ${c}`) : `if (${c} < n_${r}) { ${put(`t_${r} + ${c}`)} }`
}

/** What each chunk of x adds to (W) or takes from (V) the state: out[r][m] = Σ_j x[r][j] table[j][m]. */
export function chunkSums(
  label: string,
  shape: DiagonalShape,
  x: Operand,
  saved: Operand,
  table: 'W' | 'V',
  output: ReturnType<typeof reads>,
): Dispatch {
  const { Q, M, H, rows, RM, RN } = shape
  const bound = bindOperands({ x: reads(x), table: region(saved, savedRegions(shape), table, Q * M * H), output })
  const steps = chunkReader(shape, bound.views.x)
  return channelProduct(shape, {
    label,
    bound,
    rows,
    cols: M,
    start: range(RM)
      .map((r) => steps.begin(`r${r}`))
      .join(' '),
    phases: [
      {
        from: '0u',
        to: `${Q}u`,
        body: `${range(RM)
          .map((r) => `let x${r} = ${steps.at(`r${r}`, 'k')};`)
          .join(' ')} ${range(RN)
          .map((c) => `let v${c} = ${bound.views.table.get('0u', `(k * ${M}u + c${c}) * ${H}u + h`)};`)
          .join(' ')}`,
      },
    ],
    store: (r, c, value) => bound.views.output.put('0u', `(${r} * ${M}u + ${c}) * ${H}u + h`, value),
  })
}

/** W, V, the decay of a chunk and w by one thread a mode; then T by one thread a tap. */
function tables(shape: DiagonalShape, [, log_dt, log_A_real, C, D, A_imag]: readonly Operand[], saved: Operand): Dispatch[] {
  const { Q, M, H, modes, complex, workgroup } = shape
  const layout = savedRegions(shape)
  const powers = bindOperands({
    log_dt: reads(log_dt),
    log_A_real: reads(log_A_real),
    C: reads(C),
    ...(complex ? { A_imag: reads(A_imag) } : {}),
    W: region(saved, layout, 'W', Q * M * H, true),
    V: region(saved, layout, 'V', Q * M * H, true),
    end: region(saved, layout, 'end', M * H, true),
    weights: region(saved, layout, 'weights', M * H, true),
  } as Record<string, ReturnType<typeof reads>>)
  const v = powers.views
  const put = (name: string, row: string, value: string): string =>
    complex
      ? `${v[name].put('0u', `(${row} + 2u * n) * ${H}u + h`, `${value}.x`)} ${v[name].put('0u', `(${row} + 2u * n + 1u) * ${H}u + h`, `${value}.y`)}`
      : v[name].put('0u', `(${row} + n) * ${H}u + h`, `${value}.x`)
  const taps = bindOperands({
    D: reads(D),
    W: region(saved, layout, 'W', Q * M * H),
    weights: region(saved, layout, 'weights', M * H),
    T: region(saved, layout, 'T', Q * H, true),
  })
  const t = taps.views
  return [
    kernel({
      label: 'diagonal_scan.powers',
      bound: powers,
      workgroup,
      groups: ceilDiv(modes * H, workgroup),
      globals: MODE_FUNCTIONS,
      body: `let i = w * ${workgroup}u + li; if (i >= ${modes * H}u) { return; } let h = i % ${H}u; let n = i / ${H}u;
let z = hold(${v.log_dt.get('0u', 'h')}, ${v.log_A_real.get('h', 'n')}, ${complex ? v.A_imag.get('h', 'n') : '0.0'});
let c = ${complex ? `vec2f(${v.C.get('h', '2u * n')}, ${v.C.get('h', '2u * n + 1u')})` : `vec2f(${v.C.get('h', 'n')}, 0.0)`};
let weight = ${complex ? '2.0' : '1.0'} * product(c, z.beta); ${put('weights', '0u', 'weight')}
var p = vec2f(1.0, 0.0);
for (var j = 0u; j < ${Q}u; j++) { ${put('W', `(${Q - 1}u - j) * ${M}u`, 'p')} p = p + product(z.mu, p); let o = product(weight, p) * vec2f(1.0, -1.0); ${put('V', `j * ${M}u`, 'o')} }
// The decay of a whole chunk is what long memory hangs on: not by Q roundings of e^z.
let last = power(z, ${Q}.0); ${put('end', '0u', 'last')}`,
    }),
    kernel({
      label: 'diagonal_scan.taps',
      bound: taps,
      workgroup,
      groups: ceilDiv(Q * H, workgroup),
      body: `let i = w * ${workgroup}u + li; if (i >= ${Q * H}u) { return; } let h = i % ${H}u; let l = i / ${H}u; let at = (${Q - 1}u - l) * ${M * H}u + h;
var sum = select(0.0, ${t.D.get('0u', 'h')}, l == 0u);
for (var m = 0u; m < ${M}u; m${complex ? ' += 2u' : '++'}) { sum += ${t.weights.get('0u', `m * ${H}u + h`)} * ${t.W.get('0u', `at + m * ${H}u`)}${
        complex ? ` - ${t.weights.get('0u', `(m + 1u) * ${H}u + h`)} * ${t.W.get('0u', `at + (m + 1u) * ${H}u`)}` : ''
      }; }
${t.T.put('0u', `l * ${H}u + h`, 'sum')}`,
    }),
  ]
}

/** Replaces what each chunk adds to the state by the state before it: one thread a mode of one sequence. */
function carry(shape: DiagonalShape, saved: Operand, target: Target): Dispatch {
  const { M, H, modes, complex, chunks, rows, batch } = shape
  const layout = savedRegions(shape)
  const bound = bindOperands({ S: region(saved, layout, 'S', rows * M * H, true), end: region(saved, layout, 'end', M * H) })
  const { S, end } = bound.views
  const workgroup = target.software ? 32 : 64
  const [re, im] = complex ? ['2u * n', '2u * n + 1u'] : ['n', 'n']
  const at = (m: string, k = 'k'): string => `((b * ${chunks}u + ${k}) * ${M}u + ${m}) * ${H}u + h`
  return kernel({
    label: 'diagonal_scan.carry',
    bound,
    workgroup,
    groups: ceilDiv(batch * modes * H, workgroup),
    body: `let i = w * ${workgroup}u + li; if (i >= ${batch * modes * H}u) { return; } let h = i % ${H}u; let n = i / ${H}u % ${modes}u; let b = i / ${modes * H}u;
let d = vec2f(${end.get('0u', `(${re}) * ${H}u + h`)}, ${complex ? end.get('0u', `(${im}) * ${H}u + h`) : '0.0'}); var s = vec2f();
${overChunks(
  shape,
  target,
  false,
  (i) => `let e${i} = vec2f(${S.get('0u', at(re, `k_${i}`))}, ${complex ? S.get('0u', at(im, `k_${i}`)) : '0.0'});`,
  (i) => `${S.put('0u', at(re), 's.x')} ${complex ? S.put('0u', at(im), 's.y') : ''}
s = vec2f(fma(d.x, s.x, fma(-d.y, s.y, e${i}.x)), fma(d.x, s.y, fma(d.y, s.x, e${i}.y)));`,
)}`,
  })
}
