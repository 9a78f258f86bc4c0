import { type Block, threadPlace } from '../../backends/webgpu/blocks.ts'
import { range, type View } from '../../backends/webgpu/wgsl.ts'
import { type MemoryPlan, rowParts } from './memoryPlan.ts'

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

/**
 * Names of one workgroup: its place, its chunk, its rows; then of one thread. `across` workgroups lie side by side and `parts` above each
 * other; workgroups with nothing to do (`idle`) leave.
 */
export const tilePlace = (
  s: MemoryPlan,
  across: number,
  { tile = s.tile, parts = rowParts(s, tile), idle = 'r0 >= steps' }: { tile?: Block; parts?: number; idle?: string } = {},
): string => `var id = w; let beside = id % ${across}u; id /= ${across}u;
let above = id % ${parts}u; id /= ${parts}u; let ck = id % ${s.chunks}u; id /= ${s.chunks}u; let h = id % ${s.H}u; let b = id / ${s.H}u; let g = h / ${s.H / s.G}u;
let row0 = b * ${s.seqlen}u + ck * ${s.Q}u; let steps = min(${s.Q}u, ${s.seqlen}u - ck * ${s.Q}u); let r0 = above * ${tile.rows}u;
if (${idle}) { return; }
let chunk = (b * ${s.H}u + h) * ${s.chunks}u + ck; let gb = chunk * ${8 * s.Q}u; let first = chunk * ${s.state4}u;
${threadPlace(tile)} let tr = r0 + rt * ${tile.tm}u;`

/** Names in a kernel of one workgroup of Q threads per chunk and head: its chunk, head and sequence, the thread's step t. */
export const gatePlace = (
  s: MemoryPlan,
): string => `let ck = w % ${s.chunks}u; let b = w / ${s.chunks * s.H}u; let h = w / ${s.chunks}u % ${s.H}u; let t = li;
let row0 = b * ${s.seqlen}u + ck * ${s.Q}u; let steps = min(${s.Q}u, ${s.seqlen}u - ck * ${s.Q}u); let gb = w * ${8 * s.Q}u;`
/** WGSL: the sum of `decays` up to step t as a whole number and a fraction. */
export const RUNNING_SUM = `var whole = 0.0; var part = 0.0;
for (var s = 0u; s <= t; s++) { part += decays[s]; let carry = floor(part); whole += carry; part -= carry; }`

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
