import { columnOf, declareBlock, each, groupRange, keepBlock, multiply, rowRange, slabMemory } from '../../backends/webgpu/blocks.ts'
import { bindOperands, ceilDiv, type Dispatch, kernel, type part, range, reads, writes } from '../../backends/webgpu/wgsl.ts'
import type { Operand } from '../../graph/plan.ts'
import { columnTiles, type MemoryPlan, rowNames, rowParts } from './memoryPlan.ts'
import { declareCarried, fetchRows, fetchState, gate, gate4, leftAtEnd, leftOfState, tilePlace } from './memoryTiles.ts'

type Part = ReturnType<typeof part>
export type ProductKind = 'y' | 'dq' | 'dk' | 'dv'

export interface ProductOperands {
  readonly q: Operand
  readonly k: Operand
  readonly v: Operand
  readonly dy?: Operand
  /** (1, H): y gets D v, dv gets D dy. */
  readonly D?: Operand
  readonly gates: Part
  /** The states before the chunks (y, dq) or the adjoints of those behind (dk, dv). */
  readonly states: Part
  /** Scratch rows of the backward pass. */
  readonly rows?: Part
  /** An operand; or, for gradients of keys that heads share, (batch·seqlen, H·N) of each head by itself. */
  readonly out: Operand | { readonly perHead: Part }
}

/**
 * y, dq, dk and dv have one form: rows of the chunk are what the state gives, X S, plus a masked product inside the chunk, (A Bᵀ ∘ decay) Z:
 *   y = decay (q S) + (q kᵀ ∘ L) v          dq = decay (dy Sᵀ) + (dy vᵀ ∘ L) k
 *   dk = decay (v dSᵀ) + (v dyᵀ ∘ Lᵀ) q     dv = decay (k dS) + (k qᵀ ∘ Lᵀ) dy
 * A workgroup makes the masked product of its rows once, then for each of its tiles of columns what the state gives, scaled, and the rest. On
 * the way dq and dk leave what passes between the chunk's steps and the state, ⟨q, S dy⟩ and ⟨k, dS v⟩, from which the gates' gradients follow.
 */
export function memoryProduct(s: MemoryPlan, label: string, kind: ProductKind, o: ProductOperands): Dispatch {
  const [early, wideN] = [kind === 'y' || kind === 'dq', kind === 'dq' || kind === 'dk']
  const normalised = s.normalised
  const sides = { y: ['q', 'k', 'v'], dq: ['dy', 'v', 'k'], dk: ['v', 'dy', 'q'], dv: ['k', 'q', 'dy'] } as const
  const [a, bSide, z] = sides[kind]
  const dotted = kind === 'dq' ? 'q' : 'k'
  const names = [...new Set([a, bSide, z, ...(wideN ? [dotted] : [])])] as ('q' | 'k' | 'v' | 'dy')[]
  const width = wideN ? s.N : s.P
  const inner = wideN ? s.P : s.N
  const { tile } = s
  const [quarter, tiles] = [tile.rows / 4, columnTiles(s, width)]
  const perGroup = Math.min(s.perGroup, tiles)
  const bound = bindOperands({
    ...Object.fromEntries(names.map((n) => [n, reads(o[n]!, true)])),
    gates: o.gates,
    states: o.states,
    ...(wideN ? { rows: o.rows! } : {}),
    ...(!wideN && o.D ? { D: reads(o.D) } : {}),
    out: 'perHead' in o.out ? o.out.perHead : writes(o.out, true),
  } as Record<string, Part>)
  const { views } = bound
  const isKey = (n: string): boolean => n === 'q' || n === 'k'
  const fetches = names.map((n) => fetchRows(`${n}At`, views[n], { width: isKey(n) ? s.N : s.P, vec: true }))
  const S = fetchState('stateAt', views.states, s.N, s.P)
  /** Four columns from c on of row t of the chunk; the gradient of y is that of the sums before they are divided. */
  const at = (n: string, t: string, c: string): string =>
    `${n}At(row0 + ${t}, ${t} < steps, ${c}, ${isKey(n) ? `g * ${s.N}u` : `h * ${s.P}u`})${n === 'dy' && normalised ? ` * ${gate(views.gates, s, 5, t)}` : ''}`
  const rowBase = wideN ? `let rb = ((b * ${s.H}u + h) * ${rowNames(s).count}u * ${s.chunks}u + ck) * ${s.Q}u;` : ''
  const rowAt = (which: string, t: string): string => `rb + (${which}) * ${s.chunks * s.Q}u + ${t}`
  const n4 = (i: string): string => views.states.load4(`first + ${s.n4}u + ${i}`)

  const [all, groups] = [rowRange(tile), groupRange(tile)]
  const A = { transposed: true, get: (r: string, k: string) => at(a, `(r0 + ${r})`, k) }

  // 1. Inside the chunk: weights of columns j at rows i, zero where the column is later (earlier) than the row.
  const weights = multiply(tile, 'm', {
    from: '0u',
    to: `${isKey(a) ? s.N : s.P}u`,
    A,
    B: { transposed: true, get: (c, k) => at(bSide, c, k) },
  })
  const [mine, theirs] = early ? [0, 2] : [2, 0]
  const masked = (i: number, q: number): string => {
    const exponent = `(vec4f(${gate(views.gates, s, mine, `tr + ${i}u`)}) + gi${q}) + (vec4f(${gate(views.gates, s, mine + 1, `tr + ${i}u`)}) + gf${q})`
    const mask = early ? `cols${q} <= vec4u(tr + ${i}u)` : `(cols${q} >= vec4u(tr + ${i}u)) & (cols${q} < vec4u(steps))`
    const extra =
      wideN && normalised
        ? kind === 'dq'
          ? ` + vec4f(${views.rows.get('0u', rowAt('0u', `min(tr + ${i}u, steps - 1u)`))})`
          : ` + dqn${q}`
        : ''
    return `select(vec4f(), (m${i}_${q}${extra}) * exp2(${exponent})${early ? ` * gw${q}` : ''}, ${mask})`
  }
  const columnGates = groups
    .map((q) => {
      const c = columnOf(tile, q)
      return `let cols${q} = vec4u(${c}) + vec4u(0u, 1u, 2u, 3u); let gi${q} = ${gate4(views.gates, s, theirs, c)}; let gf${q} = ${gate4(views.gates, s, theirs + 1, c)};
${early ? `let gw${q} = ${gate4(views.gates, s, 4, c)};` : ''}
${kind === 'dk' && normalised ? `let dqn${q} = vec4f(${[0, 1, 2, 3].map((j) => views.rows.get('0u', rowAt('0u', `${c} + ${j}u`))).join(', ')});` : ''}`
    })
    .join('\n')

  // 2. With the state, for columns c0 … of a tile.
  const column = (q: number): string => `(c0 + ${columnOf(tile, q)})`
  const fromState = multiply(tile, 'acc', {
    from: '0u',
    to: `${inner}u`,
    A,
    B: wideN
      ? { transposed: true, get: (c, k) => `stateAt(c0 + ${c}, ${k}, first)` }
      : { transposed: false, get: (k, c) => `stateAt(${k}, c0 + ${c}, first)` },
    inner:
      kind === 'y' && normalised
        ? `if (li < ${tile.rows}u && c0 == first0) { for (var k = 0u; k < ${tile.slab}u; k += 4u) { if (k0 + k < ${inner}u) {
sums += dot(vec4f(${range(4).map((j) => `At[(k + ${j}u) * ${quarter}u + li / 4u][li % 4u]`)}), ${n4('(k0 + k) / 4u')}); } } }`
        : '',
  })
  const initial =
    wideN && normalised
      ? `${groups.map((q) => `var nv${q} = vec4f(); if (${column(q)} < ${s.N}u) { nv${q} = ${n4(`${column(q)} / 4u`)}; }`).join(' ')}
${each(tile, (i, q) =>
  kind === 'dq' ? `acc${i}_${q} = nv${q} * ${views.rows.get('0u', rowAt('0u', `min(tr + ${i}u, steps - 1u)`))};` : `acc${i}_${q} = nv${q};`,
)}`
      : ''
  const passing = (row: string, value: string): string =>
    views.rows.put('0u', rowAt(`${kind === 'dq' ? rowNames(s).entering : rowNames(s).leaving}u + c0 / ${s.Q}u`, row), value)
  // Dots of rows meet in the right slab, which nothing else needs then.
  const dots = wideN
    ? `${all
        .map((i) => `let d${i} = ${groups.map((q) => `dot(acc${i}_${q}, ${at(dotted, `(tr + ${i}u)`, column(q))})`).join(' + ')};`)
        .join('\n')}
workgroupBarrier();
${range(tile.tm / 4)
  .map((v) => `Bt[ct * ${quarter}u + rt * ${tile.tm / 4}u + ${v}u] = vec4f(d${4 * v}, d${4 * v + 1}, d${4 * v + 2}, d${4 * v + 3});`)
  .join(' ')}
workgroupBarrier();
if (li < ${quarter}u) { var total = vec4f(); for (var j = 0u; j < ${tile.cols / tile.tn}u; j++) { total += Bt[j * ${quarter}u + li]; }
${[0, 1, 2, 3].map((j) => passing(`r0 + li * 4u + ${j}u`, `total[${j}]`)).join(' ')} }`
    : ''
  const left = early ? leftOfState : leftAtEnd
  const scale = all
    .map((i) => `{ let by = ${left(views.gates, s, `(tr + ${i}u)`)}; ${groups.map((q) => `acc${i}_${q} *= by;`).join(' ')} }`)
    .join(' ')
  const noDots = wideN ? `else if (li < ${tile.rows}u) { ${passing('r0 + li', '0.0')} }` : ''

  // 3. The rest: weights times rows, the keys' weights, the skip, the normaliser.
  const rest = multiply(tile, 'acc', {
    from: early ? '0u' : `r0 / ${tile.slab}u * ${tile.slab}u`,
    to: early ? `min(steps, r0 + ${tile.rows}u)` : 'steps',
    A: 'Pt',
    B: { transposed: false, get: (k, c) => at(z, k, `c0 + ${c}`) },
    needed: early ? `k0 < tr + ${tile.tm}u` : `k0 + ${tile.slab}u > tr`,
  })
  const vec = width % 4 === 0
  const put = (i: number, q: number): string => {
    const perHead = 'perHead' in o.out
    const base = `${wideN && !perHead ? 'g' : 'h'} * ${width}u + ${column(q)}`
    const row = perHead ? '0u' : `row0 + tr + ${i}u`
    const place = perHead ? `(row0 + tr + ${i}u) * ${s.H * s.N}u + ${base}` : base
    return vec
      ? `if (${column(q)} < ${width}u) { ${views.out.put4(row, `(${place}) / 4u`, `acc${i}_${q}`)} }`
      : [0, 1, 2, 3]
          .map((j) => `if (${column(q)} + ${j}u < ${width}u) { ${views.out.put(row, `${place} + ${j}u`, `acc${i}_${q}[${j}]`)} }`)
          .join(' ')
  }
  const skip =
    !wideN && o.D
      ? each(tile, (i, q) => `acc${i}_${q} = fma(vec4f(skipD), ${at(kind === 'y' ? 'v' : 'dy', `(tr + ${i}u)`, column(q))}, acc${i}_${q});`)
      : ''
  const dividing = kind === 'y' && normalised
  // Each row's weights are added up where they were made, then over the threads of the row.
  const insideSums = `workgroupBarrier();
${range(tile.tm / 4)
  .map(
    (v) =>
      `Bt[ct * ${quarter}u + rt * ${tile.tm / 4}u + ${v}u] = ${groups
        .flatMap((q) => range(4).map((j) => `Pt[(${columnOf(tile, q)} + ${j}u) * ${quarter}u + rt * ${tile.tm / 4}u + ${v}u]`))
        .join(' + ')};`,
  )
  .join('\n')}
workgroupBarrier();
if (li < ${tile.rows}u) { for (var j = 0u; j < ${tile.cols / tile.tn}u; j++) { inside += Bt[j * ${quarter}u + li / 4u][li % 4u]; } }`
  const inverses = `if (c0 == first0) { if (li < ${tile.rows}u) { let t = r0 + li;
let total = inside + sums; let floor = exp2(min(126.0, ${gate(views.gates, s, 0, 't')} - ${gate(views.gates, s, 7, 't')}));
let inverse = 1.0 / max(abs(total), floor); inverses[li] = inverse;
if (c0 == 0u) { ${views.gates.put('0u', `gb + ${5 * s.Q}u + t`, 'inverse')} ${views.gates.put('0u', `gb + ${6 * s.Q}u + t`, 'select(0.0, sign(total), abs(total) > floor)')} } }
workgroupBarrier(); }`
  const last = (i: number): string => {
    const factors = [...(dividing ? [`inverses[rt * ${tile.tm}u + ${i}u]`] : []), ...(early ? [] : [gate(views.gates, s, 4, `tr + ${i}u`)])]
    return factors.length ? `{ let by = ${factors.join(' * ')}; ${groups.map((q) => `acc${i}_${q} *= by;`).join(' ')} }` : ''
  }
  return kernel({
    label,
    bound,
    workgroup: tile.threads,
    groups: ceilDiv(tiles, perGroup) * rowParts(s, tile) * s.chunks * s.H * s.batch,
    globals: `${slabMemory(tile, s.Q)} ${dividing ? `var<workgroup> inverses: array<f32, ${tile.rows}>;` : ''}
${fetches.map((f) => f.code).join('\n')}
${S.code}`,
    body: `${tilePlace(s, ceilDiv(tiles, perGroup))} ${rowBase}
${early ? declareCarried(views.gates, s) : ''} ${dividing ? 'var sums = 0.0; var inside = 0.0;' : ''}
{ ${declareBlock(tile, 'm')}
${weights}
${columnGates}
${keepBlock(tile, masked)}
${dividing ? insideSums : ''} }
let first0 = beside * ${perGroup * s.Q}u;
for (var c0 = first0; c0 < min(first0 + ${perGroup * s.Q}u, ${width}u); c0 += ${s.Q}u) {
${declareBlock(tile, 'acc')}
if (${early ? 'ck > 0u' : `ck + 1u < ${s.chunks}u`}) {
${initial}
${fromState}
${dividing ? `if (li < ${tile.rows}u && c0 == first0) { sums *= ${leftOfState(views.gates, s, '(r0 + li)')}; }` : ''}
${dots}
${scale}
} ${noDots}
${rest}
${!wideN && o.D ? `let skipD = ${views.D.get('0u', 'h')};` : ''}
${dividing ? inverses : ''}
${all.map(last).join('\n')} ${skip}
${all.map((i) => `if (tr + ${i}u < steps) { ${groups.map((q) => put(i, q)).join(' ')} }`).join('\n')}
}`,
  })
}
