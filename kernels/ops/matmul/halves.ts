import type { Operand } from '../../graph/plan.ts'
import { bindOperands, ceilDiv, type Dispatch, kernel, literal, part, range, reads } from '../../backends/webgpu/wgsl.ts'

/** Width and depth of a block of an input in float16: 16 rows along w (m or n) of 16 steps of k, 512 bytes in a row of memory. */
export const BLOCK = 16

/** An input in float16 as the matrix units read it: blocks [w / 16][k / 16], zero beyond the input's own rows and columns. */
export interface Halves {
  /** Multiples of the tile. */
  readonly width: number
  readonly depth: number
  /** The input was multiplied by this power of two. */
  readonly scale: number
}

/** Elements of four bytes that it takes. */
export const halvesElements = ({ width, depth }: Halves): number => (width * depth) / 2

/** Largest finite float16. */
const LARGEST = 65504

/**
 * x (f32) to float16 blocks at `first` of `scratch`. `alongK`: x has its rows along k. A thread makes 8 steps of k of one row, or of four
 * rows where those are contiguous. Values beyond float16 become its largest; NaN stays NaN.
 */
export function toHalves(x: Operand, alongK: boolean, { width, depth, scale }: Halves, scratch: Operand, first: number): Dispatch {
  const [W, K] = alongK ? [x.rows, x.cols] : [x.cols, x.rows]
  const elements = halvesElements({ width, depth, scale })
  const bound = bindOperands({ x: reads(x, true), to: part(scratch, first, elements, { vec: true, write: true }) })
  const { views } = bound
  const rows = alongK ? 1 : 4
  const [wide, deep] = [width / rows, depth / 8]
  const count = wide * deep
  const vec = x.cols % 4 === 0
  // one vec4 of x at (row, 4 columns), zero outside
  const inside = (r: string, c: string): string => {
    if (vec)
      return x.rows % 16 === 0 && x.cols % 16 === 0 && W === width && K === depth ? views.x.get4(r, `(${c}) / 4u`) : `fetch(${r}, ${c})`
    return `fetch(${r}, ${c})`
  }
  const fetch = vec
    ? `fn fetch(r: u32, c: u32) -> vec4f { if (r < ${x.rows}u && c < ${x.cols}u) { return ${views.x.get4('r', 'c / 4u')}; } return vec4f(); }`
    : `fn fetch(r: u32, c: u32) -> vec4f { var v = vec4f(); if (r < ${x.rows}u) { ${range(4)
        .map((j) => `if (c + ${j}u < ${x.cols}u) { v[${j}] = ${views.x.get('r', `c + ${j}u`)}; }`)
        .join(' ')} } return v; }`
  const half = (a: string, b: string): string => `half(vec2f(${a}, ${b}))`
  const put = (row: string, value: string): string =>
    `{ let to = ((${row}) / ${BLOCK}u * ${depth / BLOCK}u + k / ${BLOCK}u) * 32u + (${row}) % ${BLOCK}u * 2u + k / 8u % 2u; ${views.to.put4('0u', 'to', `bitcast<vec4f>(${value})`)} }`
  const chunk = (at: (j: number) => string): string =>
    `vec4u(${range(4)
      .map((j) => half(at(2 * j), at(2 * j + 1)))
      .join(', ')})`
  return kernel({
    label: 'matmul.halves',
    bound,
    workgroup: 256,
    groups: ceilDiv(count, 256),
    globals: `${fetch}
fn half(v: vec2f) -> u32 { let x = v * ${literal(scale)}; return pack2x16float(select(x, sign(x) * ${LARGEST}.0, abs(x) > vec2f(${LARGEST}.0))); }`,
    body: `let i = w * 256u + li; if (i >= ${count}u) { return; }
${
  alongK
    ? `let k = i % ${deep}u * 8u; let row = i / ${deep}u; let v0 = ${inside('row', 'k')}; let v1 = ${inside('row', 'k + 4u')};
${put(
  'row',
  chunk((j) => `v${j >> 2}[${j & 3}]`),
)}`
    : `let row = i % ${wide}u * 4u; let k = i / ${wide}u * 8u;
${range(8)
  .map((j) => `let v${j} = ${inside(`(k + ${j}u)`, 'row')};`)
  .join(' ')}
${range(4)
  .map((c) =>
    put(
      `row + ${c}u`,
      chunk((j) => `v${j}[${c}]`),
    ),
  )
  .join('\n')}`
}`,
  })
}
