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
  return { BM, BN, BK: 16, threads: (BM * BN) / 16 }
}

/** Workgroup memory of the two inner blocks, inner dimension first. */
export const blockMemory = ({ BM, BN, BK }: BlockTile): string =>
  `var<workgroup> left: array<vec4f, ${(BK * BM) / 4}>; var<workgroup> right: array<vec4f, ${(BK * BN) / 4}>;`

export const blockStart = (): string =>
  range(4)
    .map((i) => `var s${i} = vec4f();`)
    .join(' ')

/** Fills element (inner, m) of a block from a guarded expression; all threads take part. */
export const fill = (
  name: 'left' | 'right',
  { BM, BN, BK, threads }: BlockTile,
  element: (inner: string, outer: string) => string,
): string => {
  const width = name === 'left' ? BM : BN
  return `for (var e = li; e < ${BK * width}u; e += ${threads}u) { let inner = e / ${width}u; let outer = e % ${width}u;
var value = 0.0; ${element('inner', 'outer')} ${name}[e / 4u][e % 4u] = value; }`
}
/** The same with the inner dimension fastest in memory, so neighbouring threads read neighbouring elements. */
export const fillAcross = (
  name: 'left' | 'right',
  { BM, BN, BK, threads }: BlockTile,
  element: (inner: string, outer: string) => string,
): string => {
  const width = name === 'left' ? BM : BN
  return `for (var e = li; e < ${BK * width}u; e += ${threads}u) { let inner = e % ${BK}u; let outer = e / ${BK}u;
var value = 0.0; ${element('inner', 'outer')} ${name}[inner * ${width / 4}u + outer / 4u][outer % 4u] = value; }`
}

/** Adds the products of the two blocks; thread (tm, tn) of the workgroup owns rows 4 tm … and columns 4 tn …. */
export const accumulate = ({ BM, BN, BK }: BlockTile): string => `for (var k = 0u; k < ${BK}u; k++) {
let a = left[k * ${BM / 4}u + tm]; let b = right[k * ${BN / 4}u + tn];
${range(4)
  .map((i) => `s${i} = fma(vec4f(a[${i}]), b, s${i});`)
  .join(' ')} }`
