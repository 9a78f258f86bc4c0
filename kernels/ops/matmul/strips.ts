import type { Operand } from '../../graph/plan.ts'
import { bindOperands, ceilDiv, type Dispatch, kernel, literal, part, range, reads } from '../../backends/webgpu/wgsl.ts'

/**
 * An input laid out for a product's kernel: strips of `strip` columns along w (m or n), each of them [k][w] without gaps, zero beyond the
 * input's own rows and columns. In float16 (for the matrix units) or float32.
 */
export interface Strips {
  readonly strip: number
  /** Multiples of `strip` and of the tile's depth. */
  readonly width: number
  readonly depth: number
  readonly half: boolean
  /** The input was multiplied by this power of two. */
  readonly scale: number
}

/** Elements of four bytes that it takes. */
export const stripElements = ({ width, depth, half }: Strips): number => (width * depth) / (half ? 2 : 1)

/** Largest finite float16. */
const LARGEST = 65504
/** Rows along w and steps of k that a workgroup turns over at a time, where the input has its rows along k. */
const [TURN_W, TURN_K] = [64, 32]

/**
 * x (f32) as strips at `first` of `scratch`. `alongK`: x has its rows along k, and is transposed through workgroup memory. Values beyond
 * float16 become its largest; NaN stays NaN.
 */
export function toStrips(x: Operand, alongK: boolean, strips: Strips, scratch: Operand, first: number): Dispatch {
  const { strip, width, depth, half, scale } = strips
  /** Columns in 16 bytes. */
  const P = half ? 8 : 4
  const bound = bindOperands({ x: reads(x, true), to: part(scratch, first, stripElements(strips), { vec: true, write: true }) })
  const { views } = bound
  const whole = alongK ? x.rows === width && x.cols === depth : x.rows === depth && x.cols === width
  const vec = x.cols % 4 === 0
  // four columns of x at (r, c), zero outside
  const four = vec ? views.x.get4('r', 'c / 4u') : ''
  const fetch =
    whole && vec
      ? `fn fetch(r: u32, c: u32) -> vec4f { return ${four}; }`
      : vec
        ? `fn fetch(r: u32, c: u32) -> vec4f { if (r < ${x.rows}u && c < ${x.cols}u) { return ${four}; } return vec4f(); }`
        : `fn fetch(r: u32, c: u32) -> vec4f { var v = vec4f(); if (r < ${x.rows}u) { ${range(4)
            .map((j) => `if (c + ${j}u < ${x.cols}u) { v[${j}] = ${views.x.get('r', `c + ${j}u`)}; }`)
            .join(' ')} } return v; }`
  const globals = `${fetch}
fn half(v: vec2f) -> u32 { let x = v * ${literal(scale)}; return pack2x16float(select(x, sign(x) * ${LARGEST}.0, abs(x) > vec2f(${LARGEST}.0))); }
fn place(row: u32, k: u32) -> u32 { return (row / ${strip}u * ${depth}u + k) * ${strip / P}u + row % ${strip}u / ${P}u; }`
  const put = (row: string, k: string, at: (j: number) => string): string =>
    views.to.put4(
      '0u',
      `place(${row}, ${k})`,
      half
        ? `bitcast<vec4f>(vec4u(${range(4)
            .map((j) => `half(vec2f(${at(2 * j)}, ${at(2 * j + 1)}))`)
            .join(', ')}))`
        : `vec4f(${range(4).map(at).join(', ')})`,
    )
  const label = half ? 'matmul.halves' : 'matmul.strips'
  if (!alongK) {
    const count = (width / P) * depth
    return kernel({
      label,
      bound,
      workgroup: 256,
      groups: ceilDiv(count, 256),
      globals,
      body: `let i = w * 256u + li; if (i >= ${count}u) { return; }
let row = i % ${width / P}u * ${P}u; let k = i / ${width / P}u; let u = fetch(k, row); ${half ? 'let v = fetch(k, row + 4u);' : ''}
${put('row', 'k', (j) => `${'uv'[j >> 2]}[${j & 3}]`)}`,
    })
  }
  const deep = ceilDiv(depth, TURN_K)
  const stride = TURN_W + 1
  return kernel({
    label,
    bound,
    workgroup: 256,
    groups: ceilDiv(width, TURN_W) * deep,
    globals: `${globals}\nvar<workgroup> turned: array<f32, ${TURN_K * stride}>;`,
    body: `let w0 = w / ${deep}u * ${TURN_W}u; let k0 = w % ${deep}u * ${TURN_K}u;
for (var r = li / ${TURN_K / 4}u; r < ${TURN_W}u; r += ${(256 * 4) / TURN_K}u) { let k = li % ${TURN_K / 4}u * 4u; let v = fetch(w0 + r, k0 + k);
${range(4)
  .map((j) => `turned[(k + ${j}u) * ${stride}u + r] = v[${j}];`)
  .join(' ')} }
workgroupBarrier();
for (var e = li; e < ${(TURN_K * TURN_W) / P}u; e += 256u) { let k = e / ${TURN_W / P}u; let r = e % ${TURN_W / P}u * ${P}u; let at = k * ${stride}u + r;
if (k0 + k < ${depth}u && w0 + r < ${width}u) { ${put('w0 + r', 'k0 + k', (j) => `turned[at + ${j}u]`)} } }`,
  })
}
