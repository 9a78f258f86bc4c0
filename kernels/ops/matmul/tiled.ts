import type { Operand } from '../../graph/plan.ts'
import { bindOperands, ceilDiv, type Dispatch, kernel, line, part, range, reads, regions, writes } from '../../backends/webgpu/wgsl.ts'
import { addParts, addShares, addSlices, share, stretches } from './parts.ts'
import { side } from './side.ts'
import { stripElements, type Strips, toStrips } from './strips.ts'
import { type MatmulShape, threads, type TileChoice } from './tiles.ts'

export interface MatmulOperands {
  readonly a: Operand
  readonly b: Operand
  readonly bias?: Operand
  readonly residual?: Operand
  readonly y: Operand
  readonly transA: boolean
  readonly transB: boolean
}

/** What a product keeps in scratch: inputs that are turned first, and the parts of a split inner dimension. */
export function tiledLayout({ M, N, K }: Pick<MatmulShape, 'M' | 'N' | 'K'>, choice: TileChoice) {
  const {
    tile: { BM, BN, BK },
    splitK,
    turned,
    sharers,
  } = choice
  const depth = ceilDiv(K, BK) * BK
  const a = turned?.includes('A') ? strips(BM, ceilDiv(M, BM) * BM, depth) : null
  const b = turned?.includes('B') ? strips(BN, ceilDiv(N, BN) * BN, depth) : null
  const sizes = {
    a: a ? stripElements(a) : 0,
    b: b ? stripElements(b) : 0,
    parts: sharers ? 2 * sharers * BM * BN : splitK > 1 ? splitK * M * N : 0,
  }
  return { a, b, ...regions(sizes) }
}
const strips = (strip: number, width: number, depth: number): Strips => ({ strip, width, depth, half: false, scale: 1 })

/** y = op(a) op(b) + bias + residual with tiles in workgroup memory and a block of y in each thread's registers. */
export function tiledMatmul(operands: MatmulOperands, choice: TileChoice, scratch: Operand | null): Dispatch[] {
  const { tile, splitK, sharers } = choice
  const { slices = 1 } = tile
  const { a, b, bias, residual, y, transA, transB } = operands
  const { BM, BN, BK, TM, TN, LN, unroll, band } = tile
  const [M, N, K] = [y.rows, y.cols, transA ? a.rows : a.cols]
  const T = threads(tile)
  const LM = 32 / LN
  const WN = BN / (LN * TN)
  const [G, H] = [TM / 4, TN / 4]
  const whole = splitK === 1
  const part4 = N % 4 === 0
  const perSplit = ceilDiv(ceilDiv(K, splitK), BK) * BK
  const padded = ceilDiv(K, BK) * BK
  const shared = sharers ? share(ceilDiv(M, BM) * ceilDiv(N, BN), padded / BK, sharers) : null
  const layout = tiledLayout({ M, N, K }, choice)
  const strip = (of: Strips, first: number) => part(scratch!, first, stripElements(of), { vec: true })
  const bound = bindOperands({
    A: layout.a ? strip(layout.a, layout.first.a) : reads(a, true),
    B: layout.b ? strip(layout.b, layout.first.b) : reads(b, true),
    ...(shared ? { parts: part(scratch!, layout.first.parts, 2 * sharers! * BM * BN, { vec: true, write: true }) } : {}),
    y: whole ? writes(y, true) : part(scratch!, layout.first.parts, splitK * M * N, { vec: part4, write: true }),
    ...(whole && bias ? { bias: reads(bias, true) } : {}),
    ...(whole && residual ? { residual: reads(residual, true) } : {}),
  } as Record<string, ReturnType<typeof reads>>)
  const { views } = bound
  const A = side('A', views.A, { along: layout.a ?? (transA ? 'w' : 'k'), W: BM, width: M, K, BK, T, ld: layout.a ? BM : a.ld })
  const B = side('B', views.B, { along: layout.b ?? (transB ? 'k' : 'w'), W: BN, width: N, K, BK, T, ld: layout.b ? BN : b.ld })
  const [nm, nn] = [ceilDiv(M, BM), ceilDiv(N, BN)]
  const edge = M % BM !== 0 || N % BN !== 0

  /** Steps of k that a thread makes of a slab. */
  const deep = BK / slices
  const multiply = range(TM)
    .map((i) =>
      range(H)
        .map((h) => `c${i}_${h} = fma(vec4f(a${i >> 2}[${i & 3}]), b${h}, c${i}_${h});`)
        .join(' '),
    )
    .join('\n')
  const step = (ka: string, kb: string): string =>
    `{ ${range(G)
      .map((g) => `let a${g} = At[${ka} + aL + ${g * LM}u];`)
      .join(' ')} ${range(H)
      .map((h) => `let b${h} = Bt[${kb} + bL + ${h * LN}u];`)
      .join(' ')}\n${multiply} }`
  const inner =
    unroll >= deep
      ? range(deep)
          .map((k) => step(`${A.row(k)}u`, `${B.row(k)}u`))
          .join('\n')
      : `for (var k = 0u; k < ${deep}u; k += ${unroll}u) {\n${range(unroll)
          .map((u) => step(A.rowAt(`(k + ${u}u)`), B.rowAt(`(k + ${u}u)`)))
          .join('\n')}\n}`

  const put = (i: number, h: number): string => {
    const [row, col] = [`(r + ${(i >> 2) * LM * 4 + (i & 3)}u)`, `(n + ${h * LN * 4}u)`]
    const sum = `c${i}_${h}`
    if (!whole) {
      const place = `(wid.z * ${M}u + ${row}) * ${part4 ? N / 4 : N}u`
      if (part4) return `${edge ? `if (${row} < ${M}u && ${col} < ${N}u)` : ''} { ${views.y.put4('0u', `${place} + ${col} / 4u`, sum)} }`
      return `if (${row} < ${M}u) { ${range(4)
        .map((j) => `if (${col} + ${j}u < ${N}u) { ${views.y.put('0u', `${place} + ${col} + ${j}u`, `${sum}[${j}]`)} }`)
        .join(' ')} }`
    }
    if (part4) {
      const value = [sum, bias && views.bias.get4('0u', `${col} / 4u`), residual && views.residual.get4(row, `${col} / 4u`)]
      return `${edge ? `if (${row} < ${M}u && ${col} < ${N}u)` : ''} { ${views.y.put4(row, `${col} / 4u`, value.filter((v) => v).join(' + '))} }`
    }
    return `if (${row} < ${M}u) { ${range(4)
      .map((j) => {
        const c = `${col} + ${j}u`
        const value = [`${sum}[${j}]`, bias && views.bias.get('0u', c), residual && views.residual.get(row, c)]
        return `if (${c} < ${N}u) { ${views.y.put(row, c, value.filter((v) => v).join(' + '))} }`
      })
      .join(' ')} }`
  }
  const load = (dk: string): string => `${A.load(dk)} ${B.load(dk)}`
  const all = range(TM).flatMap((i) => range(H).map((h) => [i, h] as const))
  const results = all.map(([i, h]) => put(i, h)).join('\n')
  const toParts = all.map(([i, h]) => views.parts?.put4('0u', `slot + ${i * H + h} * ${T / slices}u + tp`, `c${i}_${h}`)).join('\n')
  const count = shared ? shared.whole + sharers! : nm * nn
  // Workgroups that run together walk bands of tile rows, so that they share a and b in the cache.
  const one = `let band = tile / ${band * nn}u; let inBand = tile % ${band * nn}u; let bandRows = min(${nm}u - band * ${band}u, ${band}u);
let A0 = (band * ${band}u + inBand % bandRows) * ${BM}u; let B0 = inBand / bandRows * ${BN}u;
${A.setup}
${B.setup}
${range(TM)
  .map((i) =>
    range(H)
      .map((h) => `var c${i}_${h} = vec4f();`)
      .join(' '),
  )
  .join(' ')}
${whole ? '' : 'if (kLen > 0u)'} { ${load('0u')} }
for (var dk = 0u; dk < kLen; dk += ${BK}u) {
${A.store} ${B.store} workgroupBarrier();
if (dk + ${BK}u < kLen) { ${load(`(dk + ${BK}u)`)} }
${inner}
workgroupBarrier();
}
${
  slices > 1
    ? addSlices(
        all.map(([i, h]) => `c${i}_${h}`),
        slices,
        T / slices,
        A.size,
      )
    : ''
}
let r = A0 + (wm * ${LM * G}u + lm) * 4u; let n = B0 + (wn * ${LN * H}u + ln) * 4u;
${slices > 1 ? 'if (slice == 0u) {' : '{'}
${shared ? `if (kLen < ${padded}u) { let slot = ((id - ${shared.whole}u) * 2u + select(0u, 1u, kBegin == 0u)) * ${(BM * BN) / 4}u;\n${toParts}\n} else { ${results} }` : results}
}`
  const main = kernel({
    label: 'matmul',
    bound,
    workgroup: T,
    beside: true,
    groups: [...line(count).slice(0, 2), splitK] as [number, number, number],
    globals: `var<workgroup> At: array<vec4f, ${A.size}>; var<workgroup> Bt: array<vec4f, ${B.size}>;\n${A.functions}\n${B.functions}`,
    body: `let t = li; let id = wid.x + wid.y * ${line(count)[0]}u; if (id >= ${count}u) { return; }
${slices > 1 ? `let slice = t / ${T / slices}u; let tp = t % ${T / slices}u;` : 'let tp = t;'}
let lane = tp % 32u; let warp = tp / 32u; let lm = lane / ${LN}u; let ln = lane % ${LN}u; let wm = warp / ${WN}u; let wn = warp % ${WN}u;
let aL = wm * ${LM * G}u + lm${slices > 1 ? ` + slice * ${A.row(deep)}u` : ''}; let bL = wn * ${LN * H}u + ln${slices > 1 ? ` + slice * ${B.row(deep)}u` : ''};
${shared ? stretches(one, shared, BK) : `let tile = id; let kBegin = wid.z * ${perSplit}u; let kLen = min(${padded}u - min(${padded}u, kBegin), ${perSplit}u);\n${one}`}`,
  })
  /** Where the i-th vec4 of a shared tile belongs. */
  const place = (i: string): string => {
    const [block, tp] = [`(${i} / ${T / slices}u)`, `(${i} % ${T / slices}u)`]
    return `let row = (${tp} / 32u / ${WN}u * ${LM * G}u + ${tp} % 32u / ${LN}u + ${block} / ${4 * H}u * ${LM}u) * 4u + ${block} / ${H}u % 4u;
let col = (${tp} / 32u % ${WN}u * ${LN * H}u + ${tp} % ${LN}u + ${block} % ${H}u * ${LN}u) * 4u;`
  }
  const parts = splitK * M * N
  return [
    ...(layout.a ? [toStrips(a, !transA, layout.a, scratch!, layout.first.a)] : []),
    ...(layout.b ? [toStrips(b, transB, layout.b, scratch!, layout.first.b)] : []),
    main,
    ...(shared ? [addShares(operands, { BM, BN, band, place }, shared, scratch!, layout.first.parts)] : []),
    ...(whole ? [] : [addParts(operands, splitK, { ...scratch!, offset: scratch!.offset + layout.first.parts, cols: parts, ld: parts })]),
  ]
}
