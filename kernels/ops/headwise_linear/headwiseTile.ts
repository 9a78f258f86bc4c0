import { range, type Target } from '../../backends/webgpu/wgsl.ts'

/** Threads of a workgroup make a BM × BN block, 4 × 4 elements each, from BK of the inner dimension at a time. */
export interface BlockTile {
  readonly BM: number
  readonly BN: number
  readonly BK: number
  readonly threads: number
}

export function blockTile(N: number, target: Target): BlockTile {
  const [BM, BN] = target.software ? [16, 16] : [64, N > 32 ? 64 : 32]
  // CPU drivers clear workgroup memory by a store for each element.
  return { BM, BN, BK: target.software ? 4 : 16, threads: (BM * BN) / 16 }
}

/** Workgroup memory of the two inner blocks, inner dimension first. */
export const blockMemory = ({ BM, BN, BK }: BlockTile): string =>
  `var<workgroup> left: array<vec4f, ${(BK * BM) / 4}>; var<workgroup> right: array<vec4f, ${(BK * BN) / 4}>;`

export const blockStart = (): string =>
  range(4)
    .map((i) => `var s${i} = vec4f();`)
    .join(' ')

/** Expression of element (inner, outer) of a block, guarded: WGSL that sets `value`, which is 0.0 before. */
type Element = (inner: string, outer: string) => string

/**
 * Fills one of the blocks, all threads together, a vec4 along the outer dimension at a time (parts of one vector must not be written by
 * different threads). `inner` says which dimension lies contiguous in memory: neighbouring threads then read neighbouring elements.
 */
export function fill(name: 'left' | 'right', { BM, BN, BK, threads }: BlockTile, contiguous: 'inner' | 'outer', element: Element): string {
  const fours = (name === 'left' ? BM : BN) / 4
  const [inner, outer] = contiguous === 'inner' ? [`e % ${BK}u`, `e / ${BK}u`] : [`e / ${fours}u`, `e % ${fours}u`]
  return `for (var e = li; e < ${BK * fours}u; e += ${threads}u) { let inner = ${inner}; let outer = ${outer} * 4u;
${range(4)
  .map((i) => `var v${i} = 0.0; { var value = 0.0; let at = outer + ${i}u; ${element('inner', 'at')} v${i} = value; }`)
  .join('\n')}
${name}[inner * ${fours}u + outer / 4u] = vec4f(v0, v1, v2, v3); }`
}

/** Adds the products of the two blocks; thread (tm, tn) of the workgroup owns rows 4 tm … and columns 4 tn …. */
export const accumulate = ({ BM, BN, BK }: BlockTile): string => `for (var k = 0u; k < ${BK}u; k++) {
let a = left[k * ${BM / 4}u + tm]; let b = right[k * ${BN / 4}u + tn];
${range(4)
  .map((i) => `s${i} = fma(vec4f(a[${i}]), b, s${i});`)
  .join(' ')} }`
