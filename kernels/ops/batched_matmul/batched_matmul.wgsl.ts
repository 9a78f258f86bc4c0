import {
  type Block,
  block,
  columnOf,
  declareBlock,
  each,
  multiply,
  type Side,
  slabMemory,
  threadPlace,
} from '../../backends/webgpu/blocks.ts'
import { bindOperands, ceilDiv, kernel, range, reads, type Target, type View, type WgslKernel, writes } from '../../backends/webgpu/wgsl.ts'
import { batchedShape } from './batched_matmul.ts'

/** A side of more than 32 rows or columns is worth the large block: half of it would stand empty below. */
function blockFor(M: number, N: number, { software }: Target): Block {
  if (software) return block({ rows: 16, cols: 16, tm: 4, tn: 4, slab: 8, unroll: 1, ahead: false })
  const [rows, tm] = M > 32 ? [64, 8] : [32, 4]
  const [cols, tn] = N > 32 ? [64, 8] : [32, 4]
  return block({ rows, cols, tm, tn, slab: 16, unroll: 4, ahead: true })
}

/** Four neighbours of one of the batch's matrices, (rows, cols), from column c of row r on; zero outside. */
function fetch(name: 'a' | 'b', view: View, rows: number, cols: number): string {
  const row = `first_${name} + r`
  const four =
    cols % 4 === 0
      ? `if (c < ${cols}u) { v = ${view.get4(row, 'c / 4u')}; }`
      : range(4)
          .map((j) => `if (c + ${j}u < ${cols}u) { v[${j}] = ${view.get(row, `c + ${j}u`)}; }`)
          .join(' ')
  return `fn fetch_${name}(first_${name}: u32, r: u32, c: u32) -> vec4f { var v = vec4f(); if (r < ${rows}u) { ${four} } return v; }`
}

/** A workgroup makes a block of one product; see blocks.ts. */
export const batched_matmul: WgslKernel = {
  dispatches({ inputs: [a, b], outputs: [y], attrs }, target) {
    const { batch, M, N, K, transA, transB } = batchedShape([a, b], attrs)
    const tile = blockFor(M, N, target)
    const bound = bindOperands({ a: reads(a, true), b: reads(b, true), y: writes(y, true) })
    const { views } = bound
    const [down, across] = [ceilDiv(M, tile.rows), ceilDiv(N, tile.cols)]
    const A: Side = transA
      ? { transposed: false, get: (k, m) => `fetch_a(i * ${K}u, ${k}, m0 + ${m})` }
      : { transposed: true, get: (m, k) => `fetch_a(i * ${M}u, m0 + ${m}, ${k})` }
    const B: Side = transB
      ? { transposed: true, get: (n, k) => `fetch_b(i * ${N}u, n0 + ${n}, ${k})` }
      : { transposed: false, get: (k, n) => `fetch_b(i * ${K}u, ${k}, n0 + ${n})` }
    const put = (r: number, q: number): string => {
      const [row, sum] = [`i * ${M}u + m`, `c${r}_${q}`]
      const values =
        N % 4 === 0
          ? `if (n < ${N}u) { ${views.y.put4(row, 'n / 4u', sum)} }`
          : range(4)
              .map((j) => `if (n + ${j}u < ${N}u) { ${views.y.put(row, `n + ${j}u`, `${sum}[${j}]`)} }`)
              .join(' ')
      return `{ let m = m0 + rt * ${tile.tm}u + ${r}u; let n = n0 + ${columnOf(tile, q)}; if (m < ${M}u) { ${values} } }`
    }
    return [
      kernel({
        label: 'batched_matmul',
        bound,
        workgroup: tile.threads,
        groups: batch * down * across,
        globals: `${slabMemory(tile)}
${transA ? fetch('a', views.a, K, M) : fetch('a', views.a, M, K)}
${transB ? fetch('b', views.b, N, K) : fetch('b', views.b, K, N)}`,
        body: `let i = w / ${down * across}u; let m0 = w / ${across}u % ${down}u * ${tile.rows}u; let n0 = w % ${across}u * ${tile.cols}u;
${threadPlace(tile)}
${declareBlock(tile, 'c')}
${multiply(tile, 'c', { from: '0u', to: `${K}u`, A, B })}
${each(tile, put)}`,
      }),
    ]
  },
}
