import { bindOperands, type Dispatch, kernel, type part, reads, writes } from '../../backends/webgpu/wgsl.ts'
import type { Operand } from '../../graph/plan.ts'
import { columnTiles, type MemoryPlan, rowNames } from './memoryPlan.ts'
import {
  declareCarried,
  declareTile,
  fetchRows,
  fetchState,
  gate,
  gate4,
  keepTile,
  leftAtEnd,
  leftOfState,
  multiply,
  rowRange,
  stageDirect,
  stageTransposed,
  tileMemory,
  tilePlace,
} from './memoryTiles.ts'

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
 * A workgroup makes half a chunk's rows and one tile of columns. On the way dq and dk leave what passes between the chunk's steps and the
 * state, ⟨q, S dy⟩ and ⟨k, dS v⟩, from which the gates' gradients follow. The inner product is made first, then scaled, then the rest added.
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
  const tiles = columnTiles(s, width)
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

  // 1. With the state.
  const fromState = multiply(s, 'acc', {
    from: '0u',
    to: `${inner}u`,
    stage: `${stageTransposed(s, 'At', (r, k) => at(a, `(r0 + ${r})`, `k0 + ${k}`))}
${wideN ? stageTransposed(s, 'Bt', (c, k) => `stateAt(c0 + ${c}, k0 + ${k}, first)`) : stageDirect(s, 'Bt', (k, c) => `stateAt(k0 + ${k}, c0 + ${c}, first)`)}`,
    each:
      kind === 'y' && normalised
        ? `if (li < ${s.rows}u) { for (var k = 0u; k < min(${s.slab}u, ${inner}u - k0); k++) { let q = k0 + k; sums += At[k * ${s.rows / 4}u + li / 4u][li % 4u] * ${n4('q / 4u')}[q % 4u]; } }`
        : '',
  })
  const initial =
    wideN && normalised
      ? rowRange(s)
          .map((i) =>
            kind === 'dq' ? `acc${i} = nv * ${views.rows.get('0u', rowAt('0u', `min(tr + ${i}u, steps - 1u)`))};` : `acc${i} = nv;`,
          )
          .join(' ')
      : ''
  const nv = wideN && normalised ? `var nv = vec4f(); if (c0 + ct * 4u < ${s.N}u) { nv = ${n4('(c0 / 4u + ct)')}; }` : ''
  const dots = wideN
    ? `${rowRange(s)
        .map((i) => `let d${i} = dot(acc${i}, ${at(dotted, `(tr + ${i}u)`, 'c0 + ct * 4u')});`)
        .join(' ')}
workgroupBarrier();
${[...Array(s.tm / 4).keys()].map((q) => `Pt[ct * ${s.rows / 4}u + rt * ${s.tm / 4}u + ${q}u] = vec4f(d${4 * q}, d${4 * q + 1}, d${4 * q + 2}, d${4 * q + 3});`).join(' ')}
workgroupBarrier();
if (li < ${s.rows / 4}u) { var total = vec4f(); for (var j = 0u; j < ${s.Q / 4}u; j++) { total += Pt[j * ${s.rows / 4}u + li]; }
${[0, 1, 2, 3].map((j) => views.rows.put('0u', rowAt(`${kind === 'dq' ? rowNames(s).entering : rowNames(s).leaving}u + c0 / ${s.Q}u`, `r0 + li * 4u + ${j}u`), `total[${j}]`)).join(' ')} }`
    : ''
  const scale = rowRange(s)
    .map((i) => `acc${i} *= ${early ? leftOfState(views.gates, s, `(tr + ${i}u)`) : leftAtEnd(views.gates, s, `(tr + ${i}u)`)};`)
    .join(' ')
  const noDots = wideN
    ? `else if (li < ${s.rows}u) { ${views.rows.put('0u', rowAt(`${kind === 'dq' ? rowNames(s).entering : rowNames(s).leaving}u + c0 / ${s.Q}u`, 'r0 + li'), '0.0')} }`
    : ''

  // 2. Inside the chunk: weights of columns j = ct·4 … at rows i, zero where the column is later (earlier) than the row.
  const weights = multiply(s, 'm', {
    from: '0u',
    to: `${isKey(a) ? s.N : s.P}u`,
    stage: `${stageTransposed(s, 'At', (r, k) => at(a, `(r0 + ${r})`, `k0 + ${k}`))}
${stageTransposed(s, 'Bt', (c, k) => at(bSide, c, `k0 + ${k}`))}`,
  })
  const [mine, theirs] = early ? [0, 2] : [2, 0]
  const masked = (i: number): string => {
    const exponent = `(vec4f(${gate(views.gates, s, mine, `tr + ${i}u`)}) + gi) + (vec4f(${gate(views.gates, s, mine + 1, `tr + ${i}u`)}) + gf)`
    const mask = early ? `cols <= vec4u(tr + ${i}u)` : `(cols >= vec4u(tr + ${i}u)) & (cols < vec4u(steps))`
    const extra =
      wideN && normalised
        ? kind === 'dq'
          ? ` + vec4f(${views.rows.get('0u', rowAt('0u', `min(tr + ${i}u, steps - 1u)`))})`
          : ` + dqn`
        : ''
    return `select(vec4f(), (m${i}${extra}) * exp2(${exponent})${early ? ' * gw' : ''}, ${mask})`
  }
  const columnGates = `let cols = vec4u(ct * 4u) + vec4u(0u, 1u, 2u, 3u); let gi = ${gate4(views.gates, s, theirs, 'ct * 4u')}; let gf = ${gate4(views.gates, s, theirs + 1, 'ct * 4u')};
${early ? `let gw = ${gate4(views.gates, s, 4, 'ct * 4u')};` : ''}
${kind === 'dk' && normalised ? `let dqn = vec4f(${[0, 1, 2, 3].map((j) => views.rows.get('0u', rowAt('0u', `ct * 4u + ${j}u`))).join(', ')});` : ''}`
  const rest = multiply(s, 'acc', {
    from: early ? '0u' : `r0 / ${s.slab}u * ${s.slab}u`,
    to: early ? `min(steps, r0 + ${s.rows}u)` : 'steps',
    A: 'Pt',
    stage: stageDirect(s, 'Bt', (k, c) => at(z, `(k0 + ${k})`, `c0 + ${c}`)),
  })

  // 3. What is left: the keys' weights, the skip, the normaliser.
  const column = 'c0 + ct * 4u'
  const vec = width % 4 === 0
  const put = (i: number): string => {
    const perHead = 'perHead' in o.out
    const base = `${wideN && !perHead ? 'g' : 'h'} * ${width}u + ${column}`
    const row = perHead ? '0u' : `row0 + tr + ${i}u`
    const place = perHead ? `(row0 + tr + ${i}u) * ${s.H * s.N}u + ${base}` : base
    return `if (tr + ${i}u < steps) { ${
      vec
        ? `if (${column} < ${width}u) { ${views.out.put4(row, `(${place}) / 4u`, `acc${i}`)} }`
        : [0, 1, 2, 3]
            .map((j) => `if (${column} + ${j}u < ${width}u) { ${views.out.put(row, `${place} + ${j}u`, `acc${i}[${j}]`)} }`)
            .join(' ')
    } }`
  }
  const keyWeights = early
    ? ''
    : rowRange(s)
        .map((i) => `acc${i} *= ${gate(views.gates, s, 4, `tr + ${i}u`)};`)
        .join(' ')
  const skip =
    !wideN && o.D
      ? rowRange(s)
          .map((i) => `acc${i} = fma(vec4f(skipD), ${at(kind === 'y' ? 'v' : 'dy', `(tr + ${i}u)`, column)}, acc${i});`)
          .join(' ')
      : ''
  const normalise =
    kind === 'y' && normalised
      ? `if (li < ${s.rows}u) { let t = r0 + li; for (var k = 0u; k <= t; k++) { inside += Pt[k * ${s.rows / 4}u + li / 4u][li % 4u]; }
let total = inside + sums; let floor = exp2(min(126.0, ${gate(views.gates, s, 0, 't')} - ${gate(views.gates, s, 7, 't')}));
let inverse = 1.0 / max(abs(total), floor); inverses[li] = inverse;
if (c0 == 0u) { ${views.gates.put('0u', `gb + ${5 * s.Q}u + t`, 'inverse')} ${views.gates.put('0u', `gb + ${6 * s.Q}u + t`, 'select(0.0, sign(total), abs(total) > floor)')} } }
workgroupBarrier();
${rowRange(s)
  .map((i) => `acc${i} *= inverses[rt * ${s.tm}u + ${i}u];`)
  .join(' ')}`
      : ''
  return kernel({
    label,
    bound,
    workgroup: s.threads,
    groups: tiles * 2 * s.chunks * s.H * s.batch,
    globals: `${tileMemory(s, true)} ${normalise ? `var<workgroup> inverses: array<f32, ${s.rows}>;` : ''}
${fetches.map((f) => f.code).join('\n')}
${S.code}`,
    body: `${tilePlace(s, tiles)} ${rowBase}
${early ? declareCarried(views.gates, s) : ''} ${normalise ? 'var sums = 0.0; var inside = 0.0;' : ''}
${declareTile(s, 'acc')}
if (${early ? 'ck > 0u' : `ck + 1u < ${s.chunks}u`}) {
${nv} ${initial}
${fromState}
${kind === 'y' && normalised ? `if (li < ${s.rows}u) { sums *= ${leftOfState(views.gates, s, '(r0 + li)')}; }` : ''}
${dots}
${scale}
} ${noDots}
${declareTile(s, 'm')}
${weights}
${columnGates}
${keepTile(s, masked)}
${rest}
${!wideN && o.D ? `let skipD = ${views.D.get('0u', 'h')};` : ''}
${normalise}
${keyWeights} ${skip}
${rowRange(s).map(put).join('\n')}`,
  })
}
