import { sumSlices } from '../../backends/webgpu/columns.ts'
import { bindOperands, ceilDiv, kernel, part, range, reads, type Target, type WgslKernel, writes } from '../../backends/webgpu/wgsl.ts'
import { num } from '../op.ts'

/** Slices of the rows at most, and rows a thread loads at once; replaced while tuning. */
export const EMBEDDING_GRAD = { slices: 8, unrolled: 8, workgroup: 128 }

/** Parts of the rows added up apart: enough workgroups to fill a card for a small vocabulary, one for a large. */
const slicesFor = (rows: number, vocab: number): number =>
  Math.max(1, Math.min(Math.floor((EMBEDDING_GRAD.slices * 256) / vocab), ceilDiv(rows, 256), 2 * EMBEDDING_GRAD.slices))

/** Units (vec4s or elements) of a row, threads across them, and rows a workgroup adds up side by side. */
function laid(cols: number, target: Target): { vec: boolean; width: number; across: number; lanes: number; workgroup: number } {
  const vec = cols % 4 === 0
  const width = vec ? cols / 4 : cols
  const workgroup = target.software ? 32 : EMBEDDING_GRAD.workgroup
  const across = Math.min(workgroup, 2 ** Math.ceil(Math.log2(Math.max(width, target.software ? 8 : 16))))
  return { vec, width, across, lanes: workgroup / across, workgroup }
}

/** Ids a thread looks through at a time. */
const IDS = 16

/**
 * A workgroup owns one word and a tile of columns. It lists the rows that hold its word, in order and without atomics: each thread looks
 * through a stretch of the ids, a running sum over the threads' counts says where its finds go. Then it adds those rows up, several at a
 * time, each sum in a fixed order.
 */
export const embedding_grad: WgslKernel = {
  scratch([, dy], attrs) {
    const slices = slicesFor(dy.rows, num(attrs, 'vocab'))
    return slices > 1 ? slices * num(attrs, 'vocab') * dy.cols : 0
  },
  dispatches({ inputs: [ids, dy], outputs: [dweight], attrs, scratch }, target) {
    const vocab = num(attrs, 'vocab')
    const slices = slicesFor(dy.rows, vocab)
    const perSlice = ceilDiv(dy.rows, slices)
    const { vec, width, across, lanes, workgroup } = laid(dy.cols, target)
    const unrolled = target.software ? 2 : EMBEDDING_GRAD.unrolled
    const T = vec ? 'vec4f' : 'f32'
    const count = vocab * dy.cols
    const bound = bindOperands({
      ids: reads(ids),
      dy: reads(dy, vec),
      result: slices > 1 ? part(scratch!, 0, slices * count, { vec, write: true }) : writes(dweight, vec),
    })
    const { views } = bound
    const row = (r: string): string => (vec ? views.dy.get4(r, 'c') : views.dy.get(r, 'c'))
    const put = vec ? views.result.put4 : views.result.put
    const store = slices > 1 ? put('0u', `(wid.z * ${vocab}u + wid.y) * ${width}u + col`, 'sum') : put('wid.y', 'col', 'sum')
    const SG = target.subgroup
    // Finds of the threads before this one, and of all.
    const before =
      SG > 1
        ? `var at = subgroupExclusiveAdd(mine_count); if (li % ${SG}u == ${SG - 1}u) { counts[li / ${SG}u] = at + mine_count; } workgroupBarrier();
  var n = 0u; for (var k = 0u; k < ${workgroup / SG}u; k++) { if (k == li / ${SG}u) { at += n; } n += counts[k]; }`
        : `counts[li] = mine_count; workgroupBarrier();
  for (var far = 1u; far < ${workgroup}u; far *= 2u) { var more = 0u; if (li >= far) { more = counts[li - far]; } workgroupBarrier();
    counts[li] += more; workgroupBarrier(); }
  var at = counts[li] - mine_count; let n = counts[${workgroup - 1}];`
    const first = kernel({
      label: 'embedding_grad',
      bound,
      workgroup,
      groups: [ceilDiv(width, across), vocab, slices],
      subgroups: SG > 1,
      globals: `var<workgroup> found: array<u32, ${workgroup * IDS}>; var<workgroup> counts: array<u32, ${workgroup}>;
${lanes > 1 ? `var<workgroup> sums: array<${T}, ${workgroup}>;` : ''}`,
      body: `let col = wid.x * ${across}u + li % ${across}u; let c = min(col, ${width - 1}u); let word = i32(wid.y); let lane = li / ${across}u;
let begin = wid.z * ${perSlice}u; let end = min(begin + ${perSlice}u, ${dy.rows}u);
var sum = ${T}();
for (var r0 = begin; r0 < end; r0 += ${workgroup * IDS}u) {
  let mine = r0 + li * ${IDS}u; var hits = 0u;
  ${range(IDS)
    .map((k) => `if (${views.ids.get(`min(mine + ${k}u, ${dy.rows - 1}u)`, '0u')} == word && mine + ${k}u < end) { hits |= ${1 << k}u; }`)
    .join('\n  ')}
  let mine_count = countOneBits(hits);
${before}
  while (hits != 0u) { found[at] = mine + firstTrailingBit(hits); hits &= hits - 1u; at += 1u; }
  workgroupBarrier();
  for (var j = lane; j < n; j += ${lanes * unrolled}u) {
    ${range(unrolled)
      .map((k) => `let v${k} = ${row(`found[min(j + ${k * lanes}u, n - 1u)]`)};`)
      .join(' ')}
    ${range(unrolled)
      .map((k) => (k ? `if (j + ${k * lanes}u < n) { sum += v${k}; }` : 'sum += v0;'))
      .join(' ')}
  }
  workgroupBarrier();
}
${
  lanes > 1
    ? `sums[li] = sum; workgroupBarrier(); if (lane == 0u) { for (var k = 1u; k < ${lanes}u; k++) { sum += sums[li + k * ${across}u]; } }`
    : ''
}
if (lane == 0u && col < ${width}u) { ${store} }`,
    })
    return slices > 1
      ? [first, sumSlices('embedding_grad.slices', part(scratch!, 0, slices * count), slices, count, dweight, target)]
      : [first]
  },
}
