import { rowSlices, sumSlices } from '../../backends/webgpu/columns.ts'
import { bindOperands, ceilDiv, kernel, part, range, reads, type Target, type WgslKernel, writes } from '../../backends/webgpu/wgsl.ts'
import type { TensorType } from '../../tensor/tensor.ts'
import { type Attributes, num } from '../op.ts'
import { headwiseSizes } from './headwise_linear.ts'
import { headwiseBlocks, headwiseVariants, inBlocks } from './headwiseBlocks.ts'
import { accumulate, blockMemory, blockStart, blockTile, fill } from './headwiseTile.ts'

/** Blocks below this are bound by bytes: a thread per output needs no workgroup memory. */
const SMALL = 16

export const headwise_linear: WgslKernel = {
  variants(inputs, attrs, target) {
    const { heads, K, N } = headwiseSizes(inputs, attrs)
    return headwiseVariants(inputs[0], heads, K, N, target)
  },
  dispatches({ inputs: [x, weight, addend], outputs: [y], attrs }, target) {
    const { heads, K, N, transpose } = headwiseSizes([x, weight], attrs)
    if (inBlocks(x, heads, K, N, target)) return [headwiseBlocks({ x, weight, addend, y }, { heads, K, N, transpose })]
    const element = (n: string, k: string): string => (transpose ? `(${k}) * ${N}u + ${n}` : `(${n}) * ${K}u + ${k}`)
    const bound = bindOperands({ x: reads(x), weight: reads(weight), addend: reads(addend ?? x), y: writes(y) })
    const { views } = bound
    const put = (row: string, column: string, value: string): string =>
      views.y.put(row, column, addend ? `${views.addend.get(row, column)} + ${value}` : value)
    if (Math.max(K, N) < SMALL) {
      const workgroup = target.software ? 64 : 256
      const body = `let i = w * ${workgroup}u + li; if (i >= ${x.rows * y.cols}u) { return; }
let r = i / ${y.cols}u; let c = i % ${y.cols}u; let h = c / ${N}u; let n = c % ${N}u;
let sum = ${range(K)
        .map((k) => `${views.weight.get('h', element('n', `${k}u`))} * ${views.x.get('r', `h * ${K}u + ${k}u`)}`)
        .join(' + ')};
${put('r', 'c', 'sum')}`
      return [kernel({ label: 'headwise_linear', bound, workgroup, groups: ceilDiv(x.rows * y.cols, workgroup), body })]
    }
    const tile = blockTile(N, target)
    const { BM, BN, BK, threads } = tile
    const loadX = fill(
      'left',
      tile,
      'inner',
      (k, m) => `if (k0 + ${k} < ${K}u && m0 + ${m} < ${x.rows}u) { value = ${views.x.get(`m0 + ${m}`, `h * ${K}u + k0 + ${k}`)}; }`,
    )
    const loadWeight = fill(
      'right',
      tile,
      transpose ? 'outer' : 'inner',
      (k, n) => `if (k0 + ${k} < ${K}u && n0 + ${n} < ${N}u) { value = ${views.weight.get('h', element(`(n0 + ${n})`, `(k0 + ${k})`))}; }`,
    )
    return [
      kernel({
        label: 'headwise_linear',
        bound,
        workgroup: threads,
        groups: [ceilDiv(x.rows, BM), ceilDiv(N, BN), heads],
        globals: blockMemory(tile),
        body: `let m0 = wid.x * ${BM}u; let n0 = wid.y * ${BN}u; let h = wid.z; let tm = li / ${BN / 4}u; let tn = li % ${BN / 4}u;
${blockStart()}
for (var k0 = 0u; k0 < ${K}u; k0 += ${BK}u) {
${loadX}
${loadWeight}
workgroupBarrier();
${accumulate(tile)}
workgroupBarrier();
}
${range(4)
  .map(
    (i) =>
      `{ let r = m0 + tm * 4u + ${i}u; if (r < ${x.rows}u) { ${range(4)
        .map((j) => `{ let n = n0 + tn * 4u + ${j}u; if (n < ${N}u) { ${put('r', `h * ${N}u + n`, `s${i}[${j}]`)} } }`)
        .join(' ')} } }`,
  )
  .join('\n')}`,
      }),
    ]
  },
}

interface OuterPlan {
  heads: number
  gates: number
  J: number
  K: number
  lag: number
  seqlen: number
  small: boolean
  slices: number
}
/** Slices of the rows, summed apart and then in order: enough workgroups for a large card, by the shape alone. */
function outerPlan([a, b]: readonly TensorType[], attrs: Attributes, target: Target): OuterPlan {
  const [heads, gates] = [num(attrs, 'heads'), num(attrs, 'gates')]
  const [J, K] = [a.cols / (heads * gates), b.cols / heads]
  const small = Math.max(J, K) < SMALL
  const count = heads * gates * J * K
  const { BM, BN } = blockTile(K, target)
  const tiles = heads * gates * ceilDiv(J, BM) * ceilDiv(K, BN)
  const slices = small ? rowSlices(a.rows, count) : Math.max(1, Math.min(ceilDiv(a.rows, 128), ceilDiv(512, tiles)))
  return { heads, gates, J, K, lag: Number(!!attrs.previous), seqlen: num(attrs, 'seqlen'), small, slices }
}
const LANES = 4

export const headwise_outer: WgslKernel = {
  scratch(inputs, attrs, target) {
    const { heads, gates, J, K, slices } = outerPlan(inputs, attrs, target)
    return slices > 1 ? slices * heads * gates * J * K : 0
  },
  dispatches({ inputs: [a, b], outputs: [y], attrs, scratch }, target) {
    const { heads, gates, J, K, lag, seqlen, small, slices } = outerPlan([a, b], attrs, target)
    const count = heads * gates * J * K
    const perSlice = ceilDiv(a.rows, slices)
    const bound = bindOperands({
      a: reads(a),
      b: reads(b),
      y: slices > 1 ? part(scratch!, 0, slices * count, { write: true }) : writes(y),
    })
    const { views } = bound
    const put = (h: string, e: string, value: string): string =>
      slices > 1 ? views.y.put('0u', `slice * ${count}u + ${h} * ${y.cols}u + ${e}`, value) : views.y.put(h, e, value)
    const meets = (r: string): string => (lag ? `(${r}) % ${seqlen}u >= ${lag}u` : 'true')
    const sum = slices > 1 ? [sumSlices('headwise_outer.slices', part(scratch!, 0, slices * count), slices, count, y, target)] : []
    if (small) {
      const width = target.software ? 8 : 32
      const body = `let lane = li / ${width}u; let i = wid.x * ${width}u + li % ${width}u; let e = min(i, ${count - 1}u); let slice = wid.y;
let h = e / ${y.cols}u; let k = e % ${K}u; let j = e / ${K}u % ${J}u; let g = e % ${y.cols}u / ${J * K}u;
let ca = (g * ${heads}u + h) * ${J}u + j; let cb = h * ${K}u + k; var sum = 0.0; let last = min((slice + 1u) * ${perSlice}u, ${a.rows}u);
for (var r = slice * ${perSlice}u + lane; r < last; r += ${LANES}u) { if (${meets('r')}) { sum += ${views.a.get('r', 'ca')} * ${views.b.get(`r - ${lag}u`, 'cb')}; } }
sums[li] = sum; workgroupBarrier();
if (lane == 0u && i < ${count}u) { let total = (sums[li] + sums[li + ${width}u]) + (sums[li + ${2 * width}u] + sums[li + ${3 * width}u]);
${put('h', `e % ${y.cols}u`, 'total')} }`
      const first = kernel({
        label: 'headwise_outer',
        bound,
        workgroup: width * LANES,
        groups: [ceilDiv(count, width), slices, 1],
        globals: `var<workgroup> sums: array<f32, ${width * LANES}>;`,
        body,
      })
      return [first, ...sum]
    }
    const tile = blockTile(K, target)
    const { BM, BN, BK, threads } = tile
    const [jTiles, kTiles] = [ceilDiv(J, BM), ceilDiv(K, BN)]
    const row = (name: 'a' | 'b', outer: string, limit: number, column: string): string =>
      `let r = r0 + inner; if (r < last && ${outer} < ${limit}u && ${meets('r')}) { value = ${views[name].get(name === 'b' ? `r - ${lag}u` : 'r', column)}; }`
    const first = kernel({
      label: 'headwise_outer',
      bound,
      workgroup: threads,
      groups: [jTiles * kTiles, heads * gates, slices],
      globals: blockMemory(tile),
      body: `let j0 = wid.x / ${kTiles}u * ${BM}u; let k0 = wid.x % ${kTiles}u * ${BN}u; let g = wid.y % ${gates}u; let h = wid.y / ${gates}u;
let slice = wid.z; let tm = li / ${BN / 4}u; let tn = li % ${BN / 4}u; let last = min((slice + 1u) * ${perSlice}u, ${a.rows}u);
${blockStart()}
for (var r0 = slice * ${perSlice}u; r0 < last; r0 += ${BK}u) {
${fill('left', tile, 'outer', (_, m) => row('a', `(j0 + ${m})`, J, `(g * ${heads}u + h) * ${J}u + j0 + ${m}`))}
${fill('right', tile, 'outer', (_, n) => row('b', `(k0 + ${n})`, K, `h * ${K}u + k0 + ${n}`))}
workgroupBarrier();
${accumulate(tile)}
workgroupBarrier();
}
${range(4)
  .map(
    (i) =>
      `{ let j = j0 + tm * 4u + ${i}u; if (j < ${J}u) { ${range(4)
        .map((q) => `{ let k = k0 + tn * 4u + ${q}u; if (k < ${K}u) { ${put('h', `(g * ${J}u + j) * ${K}u + k`, `s${i}[${q}]`)} } }`)
        .join(' ')} } }`,
  )
  .join('\n')}`,
    })
    return [first, ...sum]
  },
}
