import { sumSlices } from '../../backends/webgpu/columns.ts'
import { bindOperands, ceilDiv, kernel, part, reads, type WgslKernel, writes } from '../../backends/webgpu/wgsl.ts'
import { num } from '../op.ts'

/** Parts of the rows added up apart: enough workgroups to fill a card for a small vocabulary, one for a large. */
const slicesFor = (rows: number, vocab: number): number => Math.max(1, Math.min(Math.floor(2048 / vocab), ceilDiv(rows, 256), 16))

/**
 * A workgroup owns one word and a tile of columns and looks for the word among the ids, so each sum runs in row order without atomics.
 * Ids pass through workgroup memory, a tile at a time.
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
    const vec = dy.cols % 4 === 0
    const width = vec ? dy.cols / 4 : dy.cols
    const workgroup = Math.min(target.software ? 32 : 256, 2 ** Math.ceil(Math.log2(Math.max(width, 32))))
    const count = vocab * dy.cols
    const bound = bindOperands({
      ids: reads(ids),
      dy: reads(dy, vec),
      result: slices > 1 ? part(scratch!, 0, slices * count, { vec, write: true }) : writes(dweight, vec),
    })
    const { views } = bound
    const row = (r: string, c: string): string => (vec ? views.dy.get4(r, c) : views.dy.get(r, c))
    const store =
      slices > 1
        ? vec
          ? views.result.put4('0u', `(wid.z * ${vocab}u + wid.y) * ${width}u + col`, 'sum')
          : views.result.put('0u', `(wid.z * ${vocab}u + wid.y) * ${width}u + col`, 'sum')
        : vec
          ? views.result.put4('wid.y', 'col', 'sum')
          : views.result.put('wid.y', 'col', 'sum')
    const first = kernel({
      label: 'embedding_grad',
      bound,
      workgroup,
      groups: [ceilDiv(width, workgroup), vocab, slices],
      globals: `var<workgroup> tile: array<vec4i, ${workgroup}>;`,
      body: `let col = wid.x * ${workgroup}u + li; let c = min(col, ${width - 1}u); let word = i32(wid.y);
let begin = wid.z * ${perSlice}u; let end = min(begin + ${perSlice}u, ${dy.rows}u);
var sum = ${vec ? 'vec4f()' : '0.0'};
for (var r0 = begin; r0 < end; r0 += ${4 * workgroup}u) {
  var four = vec4i(-1);
  for (var k = 0u; k < 4u; k++) { let r = r0 + li * 4u + k; if (r < end) { four[k] = ${views.ids.get('r', '0u')}; } }
  tile[li] = four; workgroupBarrier();
  let n = min((end - r0 + 3u) / 4u, ${workgroup}u);
  for (var j = 0u; j < n; j++) { let hit = tile[j] == vec4i(word);
    if (any(hit)) { let r = r0 + j * 4u;
      if (hit.x) { sum += ${row('r', 'c')}; } if (hit.y) { sum += ${row('r + 1u', 'c')}; }
      if (hit.z) { sum += ${row('r + 2u', 'c')}; } if (hit.w) { sum += ${row('r + 3u', 'c')}; } } }
  workgroupBarrier();
}
if (col < ${width}u) { ${store} }`,
    })
    return slices > 1
      ? [first, sumSlices('embedding_grad.slices', part(scratch!, 0, slices * count), slices, count, dweight, target)]
      : [first]
  },
}
