import type { Operand } from '../../graph/plan.ts'
import {
  bindOperands,
  ceilDiv,
  type Dispatch,
  kernel,
  line,
  literal,
  part,
  range,
  reads,
  regions,
  writes,
} from '../../backends/webgpu/wgsl.ts'
import { stripElements, type Strips, toStrips } from './strips.ts'
import { addParts } from './parts.ts'
import type { MatmulOperands } from './tiled.ts'
import type { MatmulShape } from './tiles.ts'
import { liesReady, pairs, unitSide } from './unitSide.ts'
import { stages, UNIT, type UnitChoice, unitThreads } from './unitTiles.ts'

/** What a and b are multiplied by before they are rounded. */
export type Scales = readonly [a: number, b: number]

const upTo = (x: number, step: number): number => ceilDiv(x, step) * step

interface Layout {
  readonly a: Strips
  readonly b: Strips
  readonly first: Record<'a' | 'b' | 'parts', number>
  readonly total: number
}

/** Where the inputs in float16 and the parts of the sum lie in scratch. */
export function unitLayout({ M, N, K }: MatmulShape, { units, splitK }: UnitChoice, [scaleA, scaleB]: Scales): Layout {
  const depth = upTo(K, units.BK * stages(units) * splitK)
  const a = { strip: units.BM, width: upTo(M, units.BM), depth, half: true, scale: scaleA }
  const b = { strip: units.BN, width: upTo(N, units.BN), depth, half: true, scale: scaleB }
  return { a, b, ...regions({ a: stripElements(a), b: stripElements(b), parts: splitK > 1 ? splitK * M * N : 0 }) }
}

/**
 * y = op(a) op(b) + bias + residual on the adapter's matrix units: inputs rounded to float16, products exact, sums in float32. `scales`,
 * powers of two, lift a and b before they are rounded, and are taken out of the sums.
 */
export function unitMatmul(operands: MatmulOperands, choice: UnitChoice, scales: Scales, scratch: Operand): Dispatch[] {
  const { a, b, bias, residual, y, transA, transB } = operands
  const { units, splitK, asTheyLie = false } = choice
  const { BM, BN, BK, WM, WN, copies, ahead, band } = units
  const [M, N, K] = [y.rows, y.cols, transA ? a.rows : a.cols]
  const slab = BK * stages(units)
  // What already is float16 was lifted when it was stored.
  const ready = { a: asTheyLie && liesReady(a, y, M, BM, K, slab * splitK), b: asTheyLie && liesReady(b, y, N, BN, K, slab * splitK) }
  const lifts = [ready.a ? 2 ** (a.lift ?? 0) : scales[0], ready.b ? 2 ** (b.lift ?? 0) : scales[1]] as const
  const layout = unitLayout({ M, N, K, transA, transB }, choice, lifts)
  const T = unitThreads(units)
  const whole = splitK === 1
  const [tm, tn] = [BM / WM, BN / WN]
  const [fm, fn] = [tm / UNIT, tn / UNIT]
  const depth = layout.a.depth / splitK
  const [nm, nn] = [layout.a.width / BM, layout.b.width / BN]
  const vec = N % 4 === 0
  const bound = bindOperands({
    A: ready.a ? reads(pairs(a), true) : part(scratch, layout.first.a, stripElements(layout.a), { vec: true }),
    B: ready.b ? reads(pairs(b), true) : part(scratch, layout.first.b, stripElements(layout.b), { vec: true }),
    y: whole ? writes(y, true) : part(scratch, layout.first.parts, splitK * M * N, { vec, write: true }),
    ...(whole && bias ? { bias: reads(bias, true) } : {}),
    ...(whole && residual ? { residual: reads(residual, true) } : {}),
  } as Record<string, ReturnType<typeof reads>>)
  const { views } = bound

  const from = { depth: layout.a.depth }
  const A = unitSide('A', views.A, units, { ...from, lies: ready.a ? { ...a, alongK: !transA } : null })
  const B = unitSide('B', views.B, units, { ...from, lies: ready.b ? { ...b, alongK: transB } : null })
  const load = (dk: string, r: number): string => `${A.load(dk, r)} ${B.load(dk, r)}`
  const inner = (copy: number): string =>
    range(BK / UNIT)
      .map(
        (k) => `{ ${range(fm)
          .map((i) => `let a${i} = ${A.matrix(copy, k, `wm * ${tm}u + ${i * UNIT}u`)};`)
          .join(' ')} ${range(fn)
          .map((j) => `let b${j} = ${B.matrix(copy, k, `wn * ${tn}u + ${j * UNIT}u`)};`)
          .join(' ')}
${range(fn)
  .map((j) =>
    range(fm)
      .map((i) => `c${i}_${j} = subgroupMatrixMultiplyAccumulate(a${i}, b${j}, c${i}_${j});`)
      .join(' '),
  )
  .join('\n')} }`,
      )
      .join('\n')
  // The body is written once for each pair of a copy and a set of registers, so that every place in workgroup memory is a constant.
  const loop = `for (var dk = 0u; dk < ${depth}u;) {
${range(stages(units))
  .map(
    (s) => `${A.store(s % copies, s % ahead)} ${B.store(s % copies, s % ahead)} workgroupBarrier();
if (dk + ${BK * ahead}u < ${depth}u) { ${load(`dk + ${BK * ahead}u`, s % ahead)} }
${inner(s % copies)}
${copies === 1 ? 'workgroupBarrier();' : ''} dk += ${BK}u;`,
  )
  .join('\n')}
}`

  // Results leave through the workgroup tiles, 16 rows of a subgroup at a time, so that rows are written whole and any size will do.
  const [staging, room] = A.size >= B.size ? ['At', A.size * copies] : ['Bt', B.size * copies]
  const wide = [4, 2, 1].map((n) => n * UNIT).find((w) => tn % w === 0 && WM * WN * UNIT * (w + 4) <= 4 * room)
  if (!wide) throw new Error('matmul units: no room for the results')
  const stride = (wide + 4) / 4
  const lift = lifts[0] * lifts[1]
  const unscale = lift === 1 ? '' : ` * ${literal(1 / lift)}`
  const put = (): string => {
    if (!whole) {
      const place = `(wid.z * ${M}u + r) * ${vec ? N / 4 : N}u`
      return vec
        ? `if (r < ${M}u && n < ${N}u) { ${views.y.put4('0u', `${place} + n / 4u`, 'v')} }`
        : `if (r < ${M}u) { ${range(4)
            .map((j) => `if (n + ${j}u < ${N}u) { ${views.y.put('0u', `${place} + n + ${j}u`, `v[${j}]`)} }`)
            .join(' ')} }`
    }
    if (vec) {
      const value = ['v', bias && views.bias.get4('0u', 'n / 4u'), residual && views.residual.get4('r', 'n / 4u')].filter((x) => x)
      return `if (r < ${M}u && n < ${N}u) { ${views.y.put4('r', 'n / 4u', value.join(' + '))} }`
    }
    return `if (r < ${M}u) { ${range(4)
      .map((j) => {
        const c = `n + ${j}u`
        const value = [`v[${j}]`, bias && views.bias.get('0u', c), residual && views.residual.get('r', c)].filter((x) => x)
        return `if (${c} < ${N}u) { ${views.y.put('r', c, value.join(' + '))} }`
      })
      .join(' ')} }`
  }
  const out = range(fm).flatMap((i) =>
    range(tn / wide).map(
      (p) => `${range(wide / UNIT)
        .map(
          (j) =>
            `subgroupMatrixStore<row_major>(&${staging}, warp * ${UNIT * stride}u + ${j * 4}u, c${i}_${(p * wide) / UNIT + j}, ${stride}u);`,
        )
        .join(' ')} workgroupBarrier();
for (var e = lane; e < ${(UNIT * wide) / 4}u; e += 32u) { let row = e / ${wide / 4}u; let col = e % ${wide / 4}u;
let r = A0 + wm * ${tm}u + ${i * UNIT}u + row; let n = B0 + wn * ${tn}u + ${p * wide}u + col * 4u;
let v = bitcast<vec4f>(${staging}[warp * ${UNIT * stride}u + row * ${stride}u + col])${unscale}; ${put()} }
workgroupBarrier();`,
    ),
  )
  const main = kernel({
    label: 'matmul.units',
    bound,
    workgroup: T,
    groups: [...line(nm * nn).slice(0, 2), splitK] as [number, number, number],
    subgroups: true,
    directives: 'enable f16; enable chromium_experimental_subgroup_matrix; diagnostic(off, chromium.subgroup_matrix_uniformity);\n',
    globals: `var<workgroup> At: array<vec4u, ${A.size * copies}>; var<workgroup> Bt: array<vec4u, ${B.size * copies}>;`,
    body: `let t = li; let id = wid.x + wid.y * ${line(nm * nn)[0]}u; if (id >= ${nm * nn}u) { return; }
let band = id / ${band * nn}u; let inBand = id % ${band * nn}u; let bandRows = min(${nm}u - band * ${band}u, ${band}u);
let A0 = (band * ${band}u + inBand % bandRows) * ${BM}u; let B0 = inBand / bandRows * ${BN}u; let kBegin = wid.z * ${depth}u;
let lane = t % 32u; let warp = t / 32u; let wm = warp / ${WN}u; let wn = warp % ${WN}u;
${A.setup}
${B.setup}
${range(fm)
  .flatMap((i) => range(fn).map((j) => `var c${i}_${j} = subgroup_matrix_result<f32, 16, 16>();`))
  .join(' ')}
${range(ahead)
  .map((r) => load(`${r * BK}u`, r))
  .join(' ')}
${loop}
${copies === 1 ? '' : 'workgroupBarrier();'}
${out.join('\n')}`,
  })
  const parts: Operand = { ...scratch, offset: scratch.offset + layout.first.parts, cols: splitK * M * N, ld: splitK * M * N }
  return [
    ...(ready.a ? [] : [toStrips(a, !transA, layout.a, scratch, layout.first.a)]),
    ...(ready.b ? [] : [toStrips(b, transB, layout.b, scratch, layout.first.b)]),
    main,
    ...(whole ? [] : [addParts(operands, splitK, parts)]),
  ]
}
