import type { Operand } from '../../graph/plan.ts'
import { bindOperands, ceilDiv, type Dispatch, kernel, part, range, reads, writes } from '../../backends/webgpu/wgsl.ts'
import type { MatmulOperands } from './tiled.ts'

export interface Shares {
  /** Tiles that one workgroup makes alone; the others are shared. */
  readonly whole: number
  readonly tiles: number
  /** Steps of BK in a tile. */
  readonly steps: number
  readonly sharers: number
}

/** As many whole tiles as fill rounds of `sharers` workgroups, less one round where little would be left. */
export function share(tiles: number, steps: number, sharers: number): Shares {
  if (tiles * steps < sharers) throw new Error(`matmul: ${tiles * steps} steps for ${sharers} workgroups`)
  const rounds = Math.max(0, Math.floor(tiles / sharers) - (tiles % sharers < sharers / 2 ? 1 : 0))
  return { whole: rounds * sharers, tiles, steps, sharers }
}
const firstStep = ({ whole, tiles, steps, sharers }: Shares, worker: string): string =>
  `(${worker}) * ${Math.floor(((tiles - whole) * steps) / sharers)}u + min(${worker}, ${((tiles - whole) * steps) % sharers}u)`

/** The stretch of steps of a workgroup, tile by tile. */
export const stretches = (one: string, shares: Shares, BK: number): string => `
var at = id * ${shares.steps}u; var end = at + ${shares.steps}u;
if (id >= ${shares.whole}u) { at = ${shares.whole * shares.steps}u + ${firstStep(shares, `(id - ${shares.whole}u)`)}; end = ${shares.whole * shares.steps}u + ${firstStep(shares, `(id + 1u - ${shares.whole}u)`)}; }
while (at < end) {
let tile = at / ${shares.steps}u; let kBegin = at % ${shares.steps}u * ${BK}u; let kLen = min(end - at, ${shares.steps}u - at % ${shares.steps}u) * ${BK}u; at += kLen / ${BK}u;
${one}
}`

/** Adds the slices' blocks to the first's, in order, through workgroup memory as far as it reaches at a time. */
export function addSlices(sums: string[], slices: number, perSlice: number, room: number): string {
  const atOnce = Math.max(1, Math.floor(room / perSlice / (slices - 1)))
  return range(ceilDiv(sums.length, atOnce))
    .map((round) => {
      const some = sums.slice(round * atOnce, (round + 1) * atOnce)
      return `if (slice > 0u) { ${some.map((c, j) => `At[((slice - 1u) * ${some.length}u + ${j}u) * ${perSlice}u + tp] = ${c};`).join(' ')} }
workgroupBarrier();
if (slice == 0u) { ${some
        .map((c, j) =>
          range(slices - 1)
            .map((z) => `${c} += At[${(z * some.length + j) * perSlice}u + tp];`)
            .join(' '),
        )
        .join(' ')} }
workgroupBarrier();`
    })
    .join('\n')
}

/** The sums of the tiles that several workgroups made a stretch of, in order. */
export function addShares(
  { bias, residual, y }: MatmulOperands,
  { BM, BN, band, place }: { BM: number; BN: number; band: number; place: (i: string) => string },
  shares: Shares,
  scratch: Operand,
  first: number,
): Dispatch {
  const { whole, tiles, steps, sharers } = shares
  const [M, N] = [y.rows, y.cols]
  const vec = N % 4 === 0
  const [nm, nn] = [ceilDiv(M, BM), ceilDiv(N, BN)]
  const perTile = (BM * BN) / 4
  const [each, rest] = [Math.floor(((tiles - whole) * steps) / sharers), ((tiles - whole) * steps) % sharers]
  const bound = bindOperands({
    parts: part(scratch, first, 2 * sharers * BM * BN, { vec: true }),
    y: writes(y, vec),
    ...(bias ? { bias: reads(bias, vec) } : {}),
    ...(residual ? { residual: reads(residual, vec) } : {}),
  } as Record<string, ReturnType<typeof reads>>)
  const { views } = bound
  const sum = (i: string, r: string, c: string): string =>
    vec
      ? ['v', bias && views.bias.get4('0u', `${c} / 4u`), residual && views.residual.get4(r, `${c} / 4u`)].filter((x) => x).join(' + ')
      : [`v[${i}]`, bias && views.bias.get('0u', c), residual && views.residual.get(r, c)].filter((x) => x).join(' + ')
  return kernel({
    label: 'matmul.parts',
    bound,
    workgroup: 256,
    groups: ceilDiv((tiles - whole) * perTile, 256),
    small: true,
    globals: `fn begin(worker: u32) -> u32 { return ${firstStep(shares, 'worker')}; }`,
    body: `let i = w * 256u + li; if (i >= ${(tiles - whole) * perTile}u) { return; }
let t = i / ${perTile}u; let inTile = i % ${perTile}u; let start = t * ${steps}u;
var worker = ${rest}u + (max(start, ${rest * (each + 1)}u) - ${rest * (each + 1)}u) / ${each}u; if (start < ${rest * (each + 1)}u) { worker = start / ${each + 1}u; }
if (begin(worker) <= start && begin(worker + 1u) >= start + ${steps}u) { return; }
var v = vec4f();
while (worker < ${sharers}u && begin(worker) < start + ${steps}u) { v += ${views.parts.get4('0u', `(worker * 2u + select(0u, 1u, begin(worker) <= start)) * ${perTile}u + inTile`)}; worker += 1u; }
let tile = t + ${whole}u; let band = tile / ${band * nn}u; let inBand = tile % ${band * nn}u; let bandRows = min(${nm}u - band * ${band}u, ${band}u);
${place('inTile')}
let r = (band * ${band}u + inBand % bandRows) * ${BM}u + row; let n = inBand / bandRows * ${BN}u + col;
if (r >= ${M}u) { return; }
${
  vec
    ? `if (n < ${N}u) { ${views.y.put4('r', 'n / 4u', sum('', 'r', 'n'))} }`
    : range(4)
        .map((j) => `if (n + ${j}u < ${N}u) { ${views.y.put('r', `n + ${j}u`, sum(String(j), 'r', `n + ${j}u`))} }`)
        .join(' ')
}`,
  })
}

/** The sum of the parts of a split inner dimension, in order, with bias and residual. */
export function addParts({ bias, residual, y }: MatmulOperands, splitK: number, scratch: Operand): Dispatch {
  const vec = y.cols % 4 === 0
  const width = vec ? y.cols / 4 : y.cols
  const count = y.rows * width
  const bound = bindOperands({
    parts: part(scratch, 0, splitK * y.rows * y.cols, { vec }),
    y: writes(y),
    ...(bias ? { bias: reads(bias, vec) } : {}),
    ...(residual ? { residual: reads(residual, vec) } : {}),
  } as Record<string, ReturnType<typeof reads>>)
  const get = (name: string, r: string, c: string): string => (vec ? bound.views[name].get4(r, c) : bound.views[name].get(r, c))
  const sum = ['sum', bias && get('bias', '0u', 'c'), residual && get('residual', 'r', 'c')].filter((v) => v).join(' + ')
  return kernel({
    label: 'matmul.parts',
    bound,
    workgroup: 256,
    groups: ceilDiv(count, 256),
    small: true,
    body: `let i = w * 256u + li; if (i >= ${count}u) { return; }
let r = i / ${width}u; let c = i % ${width}u;
var sum = ${get('parts', '0u', 'i')}; ${range(splitK - 1)
      .map((z) => `sum += ${get('parts', '0u', `i + ${(z + 1) * count}u`)};`)
      .join(' ')}
${vec ? bound.views.y.put4('r', 'c', sum) : bound.views.y.put('r', 'c', sum)}`,
  })
}
