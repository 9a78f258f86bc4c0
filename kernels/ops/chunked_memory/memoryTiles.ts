import { range, type View } from '../../backends/webgpu/wgsl.ts'
import { type MemoryPlan } from './memoryPlan.ts'

/** One matrix of a product: a WGSL function that gives four neighbouring columns of a row, zero outside. */
export interface Fetched {
  readonly name: string
  readonly code: string
}

/**
 * `name`(row, inside, c, base): columns base + c … + 3 of a row of (·, heads·width), zero where not `inside` or from `width` on.
 */
export function fetchRows(name: string, view: View, { width, vec }: { width: number; vec: boolean }): Fetched {
  const body =
    vec && width % 4 === 0
      ? `if (c < ${width}u) { v = ${view.get4('row', '(base + c) / 4u')}; }`
      : range(4)
          .map((j) => `if (c + ${j}u < ${width}u) { v[${j}] = ${view.get('row', `base + c + ${j}u`)}; }`)
          .join(' ')
  return {
    name,
    code: `fn ${name}(row: u32, inside: bool, c: u32, base: u32) -> vec4f { var v = vec4f(); if (inside) { ${body} } return v; }`,
  }
}

/** `name`(r, c, first): columns c … c + 3 of row r of a state (rows, width) whose first vec4 is `first`; zero outside. */
export function fetchState(name: string, view: View, rows: number, width: number): Fetched {
  const at = (i: string): string => view.load4(`first + ${i}`)
  const body =
    width % 4 === 0
      ? `if (r < ${rows}u && c < ${width}u) { v = ${at(`(r * ${width}u + c) / 4u`)}; }`
      : `if (r < ${rows}u) { ${range(4)
          .map((j) => `if (c + ${j}u < ${width}u) { let i = r * ${width}u + c + ${j}u; let q = ${at('i / 4u')}; v[${j}] = q[i % 4u]; }`)
          .join(' ')} }`
  return { name, code: `fn ${name}(r: u32, c: u32, first: u32) -> vec4f { var v = vec4f(); ${body} return v; }` }
}

/** Workgroup memory: slabs [k][row / 4] and [k][column / 4] of both sides, and where wanted a whole tile [k][row / 4]. */
export const tileMemory = (s: MemoryPlan, whole: boolean): string =>
  `var<workgroup> At: array<vec4f, ${(s.slab * s.rows) / 4}>; var<workgroup> Bt: array<vec4f, ${(s.slab * s.Q) / 4}>;${
    whole ? ` var<workgroup> Pt: array<vec4f, ${(s.Q * s.rows) / 4}>;` : ''
  }`

export const rowRange = (s: MemoryPlan): number[] => range(s.tm)
export const declareTile = (s: MemoryPlan, name: string, initial = 'vec4f()'): string =>
  rowRange(s)
    .map((i) => `var ${name}${i} = ${initial};`)
    .join(' ')

/** Copies a slab: get(k, w) is WGSL of four columns from w on of row k. */
export const stageDirect = (s: MemoryPlan, to: 'At' | 'Bt', get: (k: string, w: string) => string): string => {
  const width = to === 'At' ? s.rows : s.Q
  return `for (var e = li; e < ${(s.slab * width) / 4}u; e += ${s.threads}u) { let k = e / ${width / 4}u; ${to}[e] = ${get('k', `(e % ${width / 4}u * 4u)`)}; }`
}
/**
 * Transposes a slab, 4 × 4 at a time: get(w, k) is WGSL of four columns from k on of row w. In registers; on CPU drivers, where compiling
 * four copies of the loads costs more than running them one after the other, element by element.
 */
export const stageTransposed = (s: MemoryPlan, to: 'At' | 'Bt', get: (w: string, k: string) => string): string => {
  const width = to === 'At' ? s.rows : s.Q
  if (s.slab < 16)
    return `for (var e = li; e < ${(s.slab * width) / 4}u; e += ${s.threads}u) { let r = e % ${width}u; let k4 = e / ${width}u * 4u; let x = ${get('r', 'k4')};
${range(4)
  .map((j) => `${to}[(k4 + ${j}u) * ${width / 4}u + r / 4u][r % 4u] = x[${j}];`)
  .join(' ')} }`
  return `for (var e = li; e < ${(s.slab * width) / 16}u; e += ${s.threads}u) { let w4 = e % ${width / 4}u; let k4 = e / ${width / 4}u * 4u;
${range(4)
  .map((i) => `let x${i} = ${get(`(w4 * 4u + ${i}u)`, 'k4')};`)
  .join(' ')}
${range(4)
  .map((j) => `${to}[(k4 + ${j}u) * ${width / 4}u + w4] = vec4f(x0[${j}], x1[${j}], x2[${j}], x3[${j}]);`)
  .join(' ')} }`
}

/**
 * name += A B over k0 in [from, to): `stage` fills the slabs of depth `slab` from k0 on. With `A` = 'Pt' the left side is the whole tile
 * that lies there. `each` runs at every slab while it is in memory.
 */
export function multiply(
  s: MemoryPlan,
  name: string,
  { from, to, stage, A = 'At', each = '' }: { from: string; to: string; stage: string; A?: 'At' | 'Pt'; each?: string },
): string {
  const groups = s.tm / 4
  return `for (var k0 = ${from}; k0 < ${to}; k0 += ${s.slab}u) {
workgroupBarrier();
${stage}
workgroupBarrier();
${each}
for (var k = 0u; k < ${s.slab}u; k++) {
let ai = (${A === 'Pt' ? 'k0 + k' : 'k'}) * ${s.rows / 4}u + rt * ${groups}u; let bv = Bt[k * ${s.Q / 4}u + ct];
${range(groups)
  .map((q) => `let a${q} = ${A}[ai + ${q}u];`)
  .join(' ')}
${rowRange(s)
  .map((i) => `${name}${i} = fma(vec4f(a${i >> 2}[${i & 3}]), bv, ${name}${i});`)
  .join(' ')}
} }`
}

/** Puts the tile's values, made by value(i), into Pt as [column][row / 4]. */
export const keepTile = (s: MemoryPlan, value: (i: number) => string): string =>
  `${rowRange(s)
    .map((i) => `let p${i} = ${value(i)};`)
    .join('\n')}
${range(4)
  .flatMap((j) =>
    range(s.tm / 4).map(
      (q) =>
        `Pt[(ct * 4u + ${j}u) * ${s.rows / 4}u + rt * ${s.tm / 4}u + ${q}u] = vec4f(${range(4)
          .map((i) => `p${4 * q + i}[${j}]`)
          .join(', ')});`,
    ),
  )
  .join('\n')}`

/** Names of one workgroup: its place, its chunk, its rows; then of one thread. Workgroups with nothing to do (`idle`) leave. */
export const tilePlace = (
  s: MemoryPlan,
  tiles: number,
  halves = 2,
  idle = 'r0 >= steps',
): string => `var id = w; let c0 = id % ${tiles}u * ${s.Q}u; id /= ${tiles}u;
let half = id % ${halves}u; id /= ${halves}u; let ck = id % ${s.chunks}u; id /= ${s.chunks}u; let h = id % ${s.H}u; let b = id / ${s.H}u; let g = h / ${s.H / s.G}u;
let row0 = b * ${s.seqlen}u + ck * ${s.Q}u; let steps = min(${s.Q}u, ${s.seqlen}u - ck * ${s.Q}u); let r0 = half * ${s.rows}u;
if (${idle}) { return; }
let chunk = (b * ${s.H}u + h) * ${s.chunks}u + ck; let gb = chunk * ${8 * s.Q}u; let first = chunk * ${s.state4}u;
let ct = li % ${s.Q / 4}u; let rt = li / ${s.Q / 4}u; let tr = r0 + rt * ${s.tm}u;`

/** WGSL of gate i at `step`; and of four steps from `step` on. */
export const gate = (gates: View, s: MemoryPlan, i: number, step: string): string => gates.get('0u', `gb + ${i * s.Q}u + ${step}`)
export const gate4 = (gates: View, s: MemoryPlan, i: number, step: string): string =>
  `vec4f(${range(4)
    .map((j) => gate(gates, s, i, `${step} + ${j}u`))
    .join(', ')})`
/** Declares `carried`: the stabiliser that the state before the chunk has. */
export const declareCarried = (gates: View, s: MemoryPlan): string =>
  `var carried = 0.0; if (ck > 0u) { carried = ${gates.get('0u', `gb - ${8 * s.Q}u + ${8 * s.Q - 1}u`)} - ${gates.get('0u', `gb - ${8 * s.Q}u + ${s.Q - 1}u`)}; }`
/** What is left at `step` of the state before the chunk; at the chunk's last step of what `step` put in, w apart. */
export const leftOfState = (gates: View, s: MemoryPlan, step: string): string =>
  `exp2((carried + ${gate(gates, s, 0, step)}) + ${gate(gates, s, 1, step)})`
export const leftAtEnd = (gates: View, s: MemoryPlan, step: string): string =>
  `exp2((${gate(gates, s, 0, '(steps - 1u)')} + ${gate(gates, s, 2, step)}) + (${gate(gates, s, 1, '(steps - 1u)')} + ${gate(gates, s, 3, step)}))`
