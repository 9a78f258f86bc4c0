import type { Operand } from '../../graph/plan.ts'
import {
  bindOperands,
  ceilDiv,
  type Dispatch,
  kernel,
  line,
  part,
  range,
  reads,
  regions,
  type View,
  writes,
} from '../../backends/webgpu/wgsl.ts'
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

interface Side {
  /** vec4s of workgroup memory. */
  size: number
  row(k: number): number
  rowAt(k: string): string
  functions: string
  setup: string
  load(dk: string): string
  store: string
}

/**
 * One input of the tiled kernel. Its workgroup tile is always [k][w / 4] of vec4 (w: m or n). Rows contiguous in w are copied; rows
 * contiguous in k are transposed 4 × 4 in registers, each row of the tile skewed so that the stores hit different banks. Or the input was
 * laid out in strips before: nothing is left to do but copy.
 */
function side(
  X: 'A' | 'B',
  view: View,
  { along, W, width, K, BK, T, ld }: { along: 'k' | 'w' | Strips; W: number; width: number; K: number; BK: number; T: number; ld: number },
): Side {
  const transpose = along === 'k'
  const strips = typeof along === 'object' ? along : null
  const [rows, cols] = transpose ? [width, K] : [K, width]
  const S = W / 4
  const skew = transpose ? Math.max(1, Math.floor(32 / BK)) : 0
  const per = transpose ? (W * BK) / 16 / T : (W * BK) / 4 / T
  if (!Number.isInteger(per) || per < 1) throw new Error(`matmul tile: ${W} × ${BK} does not split over ${T} threads`)
  const vec = cols % 4 === 0
  const fast = strips !== null || (vec && width % W === 0 && K % BK === 0)
  const n = transpose ? 4 : 1
  const at = (q: number, i: number): [string, string] => (transpose ? [`(${X}w${q} + ${i}u)`, `${X}k${q}`] : [`${X}k${q}`, `${X}w${q}`])
  const registers = range(per).flatMap((q) => range(n).map((i) => [q, i] as const))
  const functions = fast
    ? ''
    : vec
      ? `fn fetch${X}(r: u32, c: u32) -> vec4f { if (r < ${rows}u && c < ${cols}u) { return ${view.get4('r', 'c / 4u')}; } return vec4f(); }`
      : `fn fetch${X}(r: u32, c: u32) -> vec4f { var v = vec4f(); if (r < ${rows}u) { ${range(4)
          .map((j) => `if (c + ${j}u < ${cols}u) { v[${j}] = ${view.get('r', `c + ${j}u`)}; }`)
          .join(' ')} } return v; }`
  return {
    size: BK * S + (BK / 4) * skew,
    row: (k) => k * S + Math.floor(k / 4) * skew,
    rowAt: (k) => `(${k}) * ${S}u + (${k}) / 4u * ${skew}u`,
    functions,
    setup: `${range(per)
      .map((q) => {
        const e = `(t + ${q * T}u)`
        const [w, k] = transpose ? [`${e} / ${BK / 4}u * 4u`, `${e} % ${BK / 4}u * 4u`] : [`${e} % ${S}u * 4u`, `${e} / ${S}u`]
        return `let ${X}ww${q} = ${w}; let ${X}kk${q} = ${k}; let ${X}w${q} = ${X}0 + ${X}ww${q}; let ${X}k${q} = kBegin + ${X}kk${q};
let ${X}s${q} = ${X}kk${q} * ${S}u + ${X}kk${q} / 4u * ${skew}u + ${X}ww${q} / 4u;
${
  fast
    ? range(n)
        .map((i) => {
          const place = strips
            ? `(${X}0 / ${W}u * ${strips.depth}u + ${X}k${q}) * ${S}u + ${X}ww${q} / 4u`
            : view.place4(at(q, i)[0], `${at(q, i)[1]} / 4u`)
          return `let ${X}i${q}_${i} = ${place};`
        })
        .join(' ')
    : ''
}`
      })
      .join('\n')}
${registers.map(([q, i]) => `var ${X}r${q}_${i} = vec4f();`).join(' ')}`,
    // dk: distance from kBegin, a multiple of BK
    load: (dk) =>
      registers
        .map(([q, i]) => {
          const stride = transpose ? 1 : ld
          if (fast) return `${X}r${q}_${i} = ${view.load4(`${X}i${q}_${i} + (${dk}) * ${stride}u / ${view.elementsPerPlace}u`)};`
          const [r, c] = at(q, i)
          return `${X}r${q}_${i} = fetch${X}(${transpose ? r : `${r} + ${dk}`}, ${transpose ? `${c} + ${dk}` : c});`
        })
        .join(' '),
    store: range(per)
      .flatMap((q) =>
        transpose
          ? range(4).map(
              (j) =>
                `${X}t[${X}s${q} + ${j * S}u] = vec4f(${range(4)
                  .map((i) => `${X}r${q}_${i}[${j}]`)
                  .join(', ')});`,
            )
          : [`${X}t[${X}s${q}] = ${X}r${q}_0;`],
      )
      .join(' '),
  }
}

/** What a product keeps in scratch: inputs that are turned first, and the parts of a split inner dimension. */
export function tiledLayout({ M, N, K }: Pick<MatmulShape, 'M' | 'N' | 'K'>, { tile: { BM, BN, BK }, splitK, turned }: TileChoice) {
  const depth = ceilDiv(K, BK) * BK
  const a = turned?.includes('A') ? strips(BM, ceilDiv(M, BM) * BM, depth) : null
  const b = turned?.includes('B') ? strips(BN, ceilDiv(N, BN) * BN, depth) : null
  const sizes = { a: a ? stripElements(a) : 0, b: b ? stripElements(b) : 0, parts: splitK > 1 ? splitK * M * N : 0 }
  return { a, b, ...regions(sizes) }
}
const strips = (strip: number, width: number, depth: number): Strips => ({ strip, width, depth, half: false, scale: 1 })

/** y = op(a) op(b) + bias + residual with tiles in workgroup memory and a block of y in each thread's registers. */
export function tiledMatmul(operands: MatmulOperands, choice: TileChoice, scratch: Operand | null): Dispatch[] {
  const { tile, splitK } = choice
  const { a, b, bias, residual, y, transA, transB } = operands
  const { BM, BN, BK, TM, TN, LN, unroll, band } = tile
  const [M, N, K] = [y.rows, y.cols, transA ? a.rows : a.cols]
  const T = threads(tile)
  const LM = 32 / LN
  const WN = BN / (LN * TN)
  const [G, H] = [TM / 4, TN / 4]
  const whole = splitK === 1
  const part4 = N % 4 === 0
  const layout = tiledLayout({ M, N, K }, choice)
  const strip = (of: Strips, first: number) => part(scratch!, first, stripElements(of), { vec: true })
  const bound = bindOperands({
    A: layout.a ? strip(layout.a, layout.first.a) : reads(a, true),
    B: layout.b ? strip(layout.b, layout.first.b) : reads(b, true),
    y: whole ? writes(y, true) : part(scratch!, layout.first.parts, splitK * M * N, { vec: part4, write: true }),
    ...(whole && bias ? { bias: reads(bias, true) } : {}),
    ...(whole && residual ? { residual: reads(residual, true) } : {}),
  } as Record<string, ReturnType<typeof reads>>)
  const { views } = bound
  const A = side('A', views.A, { along: layout.a ?? (transA ? 'w' : 'k'), W: BM, width: M, K, BK, T, ld: layout.a ? BM : a.ld })
  const B = side('B', views.B, { along: layout.b ?? (transB ? 'k' : 'w'), W: BN, width: N, K, BK, T, ld: layout.b ? BN : b.ld })
  const perSplit = ceilDiv(ceilDiv(K, splitK), BK) * BK
  const padded = ceilDiv(K, BK) * BK
  const [nm, nn] = [ceilDiv(M, BM), ceilDiv(N, BN)]
  const edge = M % BM !== 0 || N % BN !== 0

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
    unroll >= BK
      ? range(BK)
          .map((k) => step(`${A.row(k)}u`, `${B.row(k)}u`))
          .join('\n')
      : `for (var k = 0u; k < ${BK}u; k += ${unroll}u) {\n${range(unroll)
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
  const main = kernel({
    label: 'matmul',
    bound,
    workgroup: T,
    beside: true,
    groups: [...line(nm * nn).slice(0, 2), splitK] as [number, number, number],
    globals: `var<workgroup> At: array<vec4f, ${A.size}>; var<workgroup> Bt: array<vec4f, ${B.size}>;\n${A.functions}\n${B.functions}`,
    // Workgroups that run together walk bands of tile rows, so that they share a and b in the cache.
    body: `let t = li; let id = wid.x + wid.y * ${line(nm * nn)[0]}u; if (id >= ${nm * nn}u) { return; }
let band = id / ${band * nn}u; let inBand = id % ${band * nn}u; let bandRows = min(${nm}u - band * ${band}u, ${band}u);
let A0 = (band * ${band}u + inBand % bandRows) * ${BM}u; let B0 = inBand / bandRows * ${BN}u;
let kBegin = wid.z * ${perSplit}u; let kLen = min(${padded}u - min(${padded}u, kBegin), ${perSplit}u);
let lane = t % 32u; let warp = t / 32u; let lm = lane / ${LN}u; let ln = lane % ${LN}u; let wm = warp / ${WN}u; let wn = warp % ${WN}u;
let aL = wm * ${LM * G}u + lm; let bL = wn * ${LN * H}u + ln;
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
let r = A0 + (wm * ${LM * G}u + lm) * 4u; let n = B0 + (wn * ${LN * H}u + ln) * 4u;
${range(TM)
  .flatMap((i) => range(H).map((h) => put(i, h)))
  .join('\n')}`,
  })
  const parts = splitK * M * N
  return [
    ...(layout.a ? [toStrips(a, !transA, layout.a, scratch!, layout.first.a)] : []),
    ...(layout.b ? [toStrips(b, transB, layout.b, scratch!, layout.first.b)] : []),
    main,
    ...(whole ? [] : [addParts(operands, splitK, { ...scratch!, offset: scratch!.offset + layout.first.parts, cols: parts, ld: parts })]),
  ]
}

/** The sum of the parts of a split inner dimension, in order, with bias and residual. */
export function addParts({ bias, residual, y }: MatmulOperands, splitK: number, scratch: Operand): Dispatch {
  const vec = y.cols % 4 === 0
  const width = vec ? y.cols / 4 : y.cols
  const count = y.rows * width
  const bound = bindOperands({
    parts: part(scratch, 0, splitK * y.rows * y.cols, { vec }),
    y: writes(y),
    ...(bias ? { bias: reads(bias, vec) } : {}),
    ...(residual ? { residual: reads(residual, vec) } : {}),
  } as Record<string, ReturnType<typeof reads>>)
  const get = (name: string, r: string, c: string): string => (vec ? bound.views[name].get4(r, c) : bound.views[name].get(r, c))
  const sum = ['sum', bias && get('bias', '0u', 'c'), residual && get('residual', 'r', 'c')].filter((v) => v).join(' + ')
  return kernel({
    label: 'matmul.parts',
    bound,
    workgroup: 256,
    groups: ceilDiv(count, 256),
    small: true,
    body: `let i = w * 256u + li; if (i >= ${count}u) { return; }
let r = i / ${width}u; let c = i % ${width}u;
var sum = ${get('parts', '0u', 'i')}; ${range(splitK - 1)
      .map((z) => `sum += ${get('parts', '0u', `i + ${(z + 1) * count}u`)};`)
      .join(' ')}
${vec ? bound.views.y.put4('r', 'c', sum) : bound.views.y.put('r', 'c', sum)}`,
  })
}
