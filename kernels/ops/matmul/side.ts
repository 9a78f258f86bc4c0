import { range, type View } from '../../backends/webgpu/wgsl.ts'
import type { Strips } from './strips.ts'

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
export function side(
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
