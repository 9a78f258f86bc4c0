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
import { BLOCK, type Halves, halvesElements, toHalves } from './halves.ts'
import { addParts, type MatmulOperands } from './tiled.ts'
import type { MatmulShape } from './tiles.ts'
import { pieces, type UnitChoice, unitThreads } from './unitTiles.ts'

/** What a and b are multiplied by before they are rounded. */
export type Scales = readonly [a: number, b: number]

const upTo = (x: number, step: number): number => ceilDiv(x, step) * step

interface Layout {
  readonly a: Halves
  readonly b: Halves
  readonly first: Record<'a' | 'b' | 'parts', number>
  readonly total: number
}

/** Where the inputs in float16 and the parts of the sum lie in scratch. */
export function unitLayout({ M, N, K }: MatmulShape, { units, splitK }: UnitChoice, [scaleA, scaleB]: Scales): Layout {
  const depth = upTo(K, units.BK * splitK)
  const a = { width: upTo(M, units.BM), depth, scale: scaleA }
  const b = { width: upTo(N, units.BN), depth, scale: scaleB }
  return { a, b, ...regions({ a: halvesElements(a), b: halvesElements(b), parts: splitK > 1 ? splitK * M * N : 0 }) }
}

/**
 * y = op(a) op(b) + bias + residual on the adapter's matrix units: inputs rounded to float16, products exact, sums in float32. `scales`,
 * powers of two, lift a and b before they are rounded, and are taken out of the sums.
 */
export function unitMatmul(operands: MatmulOperands, choice: UnitChoice, scales: Scales, scratch: Operand): Dispatch[] {
  const { a, b, bias, residual, y, transA, transB } = operands
  const { units, splitK } = choice
  const { BM, BN, BK, WM, WN, copies, band } = units
  const [M, N, K] = [y.rows, y.cols, transA ? a.rows : a.cols]
  const layout = unitLayout({ M, N, K, transA, transB }, choice, scales)
  const T = unitThreads(units)
  const whole = splitK === 1
  const S = pieces(units)
  const [tm, tn, deep] = [BM / WM, BN / WN, BK / BLOCK]
  const [fm, fn] = [tm / BLOCK, tn / BLOCK]
  const depth = layout.a.depth / splitK
  const [nm, nn] = [layout.a.width / BM, layout.b.width / BN]
  const vec = N % 4 === 0
  const bound = bindOperands({
    A: part(scratch, layout.first.a, halvesElements(layout.a), { vec: true }),
    B: part(scratch, layout.first.b, halvesElements(layout.b), { vec: true }),
    y: whole ? writes(y, true) : part(scratch, layout.first.parts, splitK * M * N, { vec, write: true }),
    ...(whole && bias ? { bias: reads(bias, true) } : {}),
    ...(whole && residual ? { residual: reads(residual, true) } : {}),
  } as Record<string, ReturnType<typeof reads>>)
  const { views } = bound

  const side = (X: 'A' | 'B', W: number) => {
    const per = (W * BK) / 8 / T
    if (!Number.isInteger(per)) throw new Error(`matmul units: ${W} × ${BK} does not split over ${T} threads`)
    return {
      size: W * S,
      setup: range(per)
        .map(
          (q) => `let ${X}e${q} = t + ${q * T}u; let ${X}b${q} = ${X}e${q} / ${32 * deep}u;
let ${X}i${q} = ((${X}0 / ${BLOCK}u + ${X}b${q}) * ${layout.a.depth / BLOCK}u + kBegin / ${BLOCK}u) * 32u + ${X}e${q} % ${32 * deep}u;
let ${X}s${q} = (${X}b${q} * ${BLOCK}u + ${X}e${q} % 32u / 2u) * ${S}u + ${X}e${q} / 32u % ${deep}u * 2u + ${X}e${q} % 2u; var ${X}v${q} = vec4f();`,
        )
        .join('\n'),
      load: (dk: string): string =>
        range(per)
          .map((q) => `${X}v${q} = ${views[X].load4(`${X}i${q} + (${dk}) * 2u`)};`)
          .join(' '),
      store: (base: number): string =>
        range(per)
          .map((q) => `${X}t[${base}u + ${X}s${q}] = bitcast<vec4u>(${X}v${q});`)
          .join(' '),
    }
  }
  const [A, B] = [side('A', BM), side('B', BN)]
  const load = (dk: string): string => `${A.load(dk)} ${B.load(dk)}`
  const fill = (copy: number): string => `${A.store(copy * A.size)} ${B.store(copy * B.size)}`
  const matrix = (X: 'A' | 'B', at: string): string =>
    `subgroupMatrixLoad<subgroup_matrix_${X === 'A' ? 'left' : 'right'}<f16, 16, 16>, ${X === 'A' ? 'row_major' : 'col_major'}>(&${X}t, ${at}, ${S}u)`
  const inner = (copy: number): string =>
    range(deep)
      .map(
        (k) => `{ ${range(fm)
          .map((i) => `let a${i} = ${matrix('A', `${copy * A.size + 2 * k}u + (wm * ${tm}u + ${i * BLOCK}u) * ${S}u`)};`)
          .join(' ')} ${range(fn)
          .map((j) => `let b${j} = ${matrix('B', `${copy * B.size + 2 * k}u + (wn * ${tn}u + ${j * BLOCK}u) * ${S}u`)};`)
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
  const next = `dk + ${BK}u`
  const loop =
    copies === 1
      ? `for (var dk = 0u; dk < ${depth}u; dk += ${BK}u) { ${fill(0)} workgroupBarrier(); if (${next} < ${depth}u) { ${load(next)} }
${inner(0)}
workgroupBarrier(); }`
      : `${fill(0)} workgroupBarrier(); var dk = 0u;
loop { if (dk >= ${depth}u) { break; }
${[0, 1]
  .map(
    (copy) => `{ let more = ${next} < ${depth}u; if (more) { ${load(next)} }
${inner(copy)}
if (more) { ${fill(1 - copy)} } workgroupBarrier(); dk += ${BK}u; if (!more) { break; } }`,
  )
  .join('\n')}
}`

  // Results leave through the workgroup tiles, 16 rows of a subgroup at a time, so that rows are written whole and any size will do.
  const [staging, room] = A.size >= B.size ? ['At', A.size * copies] : ['Bt', B.size * copies]
  const wide = [4, 2, 1].map((n) => n * BLOCK).find((w) => tn % w === 0 && WM * WN * BLOCK * (w + 4) <= 4 * room)
  if (!wide) throw new Error('matmul units: no room for the results')
  const stride = (wide + 4) / 4
  const unscale = scales[0] * scales[1] === 1 ? '' : ` * ${literal(1 / (scales[0] * scales[1]))}`
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
      (p) => `${range(wide / BLOCK)
        .map(
          (j) =>
            `subgroupMatrixStore<row_major>(&${staging}, warp * ${BLOCK * stride}u + ${j * 4}u, c${i}_${(p * wide) / BLOCK + j}, ${stride}u);`,
        )
        .join(' ')} workgroupBarrier();
for (var e = lane; e < ${(BLOCK * wide) / 4}u; e += 32u) { let row = e / ${wide / 4}u; let col = e % ${wide / 4}u;
let r = A0 + wm * ${tm}u + ${i * BLOCK}u + row; let n = B0 + wn * ${tn}u + ${p * wide}u + col * 4u;
let v = bitcast<vec4f>(${staging}[warp * ${BLOCK * stride}u + row * ${stride}u + col])${unscale}; ${put()} }
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
${load('0u')}
${loop}
${out.join('\n')}`,
  })
  const parts: Operand = { ...scratch, offset: scratch.offset + layout.first.parts, cols: splitK * M * N, ld: splitK * M * N }
  return [
    toHalves(a, !transA, layout.a, scratch, layout.first.a),
    toHalves(b, transB, layout.b, scratch, layout.first.b),
    main,
    ...(whole ? [] : [addParts(operands, splitK, parts)]),
  ]
}
