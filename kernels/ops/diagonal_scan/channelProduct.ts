import { type Bound, ceilDiv, type Dispatch, kernel, range, type View } from '../../backends/webgpu/wgsl.ts'
import type { DiagonalShape } from './diagonalPlan.ts'

/** One run of the inner loop: WGSL that defines x0 … (rows) and v0 … (columns) at k. */
export interface Phase {
  readonly setup?: string
  readonly from: string
  readonly to: string
  readonly body: string
  readonly after?: string
}

/**
 * C[r][c] = Σ_k a[r][k] b[k][c] for every channel by itself: a thread holds RM × RN elements of one channel, its neighbours those of the
 * next channels. The code sees r0 … and c0 … (clamped places), `row0` and `col0` (the tile's first), h, and `slice`.
 */
export function channelProduct<K extends string>(
  shape: DiagonalShape,
  options: {
    label: string
    bound: Bound & { views: Record<K, View> }
    rows: number
    cols: number
    slices?: number
    /** WGSL bool: the tile has nothing to do. */
    skip?: string
    start?: string
    phases: readonly Phase[]
    store: (r: string, c: string, value: string) => string
  },
): Dispatch {
  const { H, RM, RN, workgroup } = shape
  const { label, bound, rows, cols, slices = 1, skip, start = '', phases, store } = options
  const [rowTiles, colTiles] = [ceilDiv(rows, RM), ceilDiv(cols, RN)]
  const total = slices * rowTiles * colTiles * H
  const all = range(RM).flatMap((r) => range(RN).map((c) => [r, c] as const))
  const guard = (r: number, c: number): string => {
    const checks = [rows % RM ? `row0 + ${r}u < ${rows}u` : '', cols % RN ? `col0 + ${c}u < ${cols}u` : ''].filter(Boolean)
    return checks.length ? `if (${checks.join(' && ')})` : ''
  }
  return kernel({
    label,
    bound,
    workgroup,
    groups: ceilDiv(total, workgroup),
    body: `let i = w * ${workgroup}u + li; if (i >= ${total}u) { return; }
let h = i % ${H}u; let tile = i / ${H}u; let col0 = tile % ${colTiles}u * ${RN}u; let row0 = tile / ${colTiles}u % ${rowTiles}u * ${RM}u; let slice = tile / ${colTiles * rowTiles}u;
${skip ? `if (${skip}) { return; }` : ''}
${range(RM)
  .map((r) => `let r${r} = ${rows % RM ? `min(row0 + ${r}u, ${rows - 1}u)` : `row0 + ${r}u`};`)
  .join(' ')}
${range(RN)
  .map((c) => `let c${c} = ${cols % RN ? `min(col0 + ${c}u, ${cols - 1}u)` : `col0 + ${c}u`};`)
  .join(' ')}
${start}
${all.map(([r, c]) => `var s${r}_${c} = 0.0;`).join(' ')}
${phases
  .map(
    ({ setup = '', from, to, body, after = '' }) => `{ ${setup}
for (var k = ${from}; k < ${to}; k++) { ${body}
${all.map(([r, c]) => `s${r}_${c} = fma(x${r}, v${c}, s${r}_${c});`).join(' ')}
${after} } }`,
  )
  .join('\n')}
${all.map(([r, c]) => `${guard(r, c)} { ${store(`r${r}`, `c${c}`, `s${r}_${c}`)} }`).join('\n')}`,
  })
}

/** Reads of one chunk's steps: WGSL for where row r (a chunk) begins, and for its element at step j, zero after the sequence's end. */
export function chunkReader(shape: DiagonalShape, view: View): { begin: (r: string) => string; at: (r: string, j: string) => string } {
  const { seqlen, chunks, Q, batch } = shape
  const whole = seqlen % Q === 0
  const first = (row: string): string => (whole ? `${row} * ${Q}u` : `${row} / ${chunks}u * ${seqlen}u + ${row} % ${chunks}u * ${Q}u`)
  return {
    begin: (r) => `let t_${r} = ${first(r)};${whole ? '' : ` let n_${r} = min(${Q}u, ${seqlen}u - ${r} % ${chunks}u * ${Q}u);`}`,
    at: (r, j) =>
      whole ? view.get(`t_${r} + ${j}`, 'h') : `select(0.0, ${view.get(`min(t_${r} + ${j}, ${batch * seqlen - 1}u)`, 'h')}, ${j} < n_${r})`,
  }
}

/** The taps T[i − j] that one thread's columns need, kept in registers and moved on by one each step; only one is read. */
export const shiftTaps = (RN: number, next: string): string =>
  `${range(RN - 1)
    .map((c) => `v${RN - 1 - c} = v${RN - 2 - c};`)
    .join(' ')} v0 = ${next};`
