import type { GraphBuilder, Value } from '../graph/graph.ts'
import { ACTIVATIONS } from '../ops/activation/functions.ts'
import { f32, type TensorType } from '../tensor/tensor.ts'

interface Tensor {
  shape: number[]
  data: number[]
}
type Dump = Record<string, Tensor>

/** A graph over named inputs with what it should give: out, and the gradients of some inputs as "d" and their name. */
export interface GraphCheck {
  readonly inputs: Readonly<Record<string, { type: TensorType; data: readonly number[] }>>
  readonly build: (g: GraphBuilder, v: Readonly<Record<string, Value>>) => Value
  readonly cotangent?: readonly number[]
  readonly expected: Readonly<Record<string, readonly number[]>>
  /** The cell step by step: its gates' inputs (batch, 4·d) at each step, and the state h, c, n, m (batch, 4·d) at the end. */
  readonly steps?: { readonly rows: readonly (readonly number[])[]; readonly state: readonly number[] }
}

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i)
const blocks = (data: readonly number[], size: number, order: readonly number[]): number[] =>
  order.flatMap((k) => data.slice(k * size, (k + 1) * size))
const input = (rows: number, data: readonly number[]) => ({ type: f32(rows, data.length / rows), data })

/** An sLSTM cell, alone or in a block, dumped with gates in the order z, i, f, o and R as (gate, head, dh, dh). */
export function dumpedBlock(golden: Dump): GraphCheck {
  const block = 'param.cell.R' in golden
  const name = (kind: string, key: string): number[] => golden[`${kind}.${block ? 'cell.' : ''}${key}`].data
  const [batch, seqlen, d] = golden['in.x'].shape
  const [, heads, dh] = golden[block ? 'param.cell.R' : 'param.R'].shape
  const OURS = [1, 2, 0, 3]
  const gateMajor = (data: number[], size: number): number[] => blocks(data, size, OURS)
  const recurrent = (data: number[]): number[] =>
    range(heads).flatMap((h) =>
      blocks(
        data,
        dh * dh,
        OURS.map((g) => g * heads + h),
      ),
    )
  const dims = { batch, seqlen }
  const rest = ['norm.weight', 'up.weight', 'up.bias', 'down.weight', 'down.bias']
  const tail = (kind: string) => (block ? rest.map((key) => [key, golden[`${kind}.${key}`].data] as const) : [])
  return {
    inputs: {
      x: input(batch * seqlen, golden['in.x'].data),
      W: input(4 * d, gateMajor(name('param', 'W.weight'), d * d)),
      bias: input(1, gateMajor(name('param', 'W.bias'), d)),
      R: input(heads, recurrent(name('param', 'R'))),
      ...Object.fromEntries(
        tail('param').map(([key, data]) => [
          key,
          input(golden[`param.${key}`].shape.length > 1 ? golden[`param.${key}`].shape[0] : 1, data),
        ]),
      ),
    },
    build(g, v) {
      const h = g.one('slstm', [g.one('matmul', [v.x, v.W], { transB: true }), v.R, v.bias], dims)
      if (!block) return h
      const normed = g.one('layer_norm', [h, v['norm.weight']], { eps: 1e-5, groups: heads, bias: false })
      const up = g.one('matmul', [normed, v['up.weight'], v['up.bias']], { transB: true, bias: true })
      const [gate, value] = g.split(up, [up.type.cols / 2, up.type.cols / 2])
      const gated = g.one('glu', [value, gate], { kind: ACTIVATIONS.gelu })
      return g.one('matmul', [gated, v['down.weight'], v['down.bias']], { transB: true, bias: true })
    },
    cotangent: golden.cotangent.data,
    expected: {
      out: golden.output.data,
      dx: golden['grad.in.x'].data,
      dW: gateMajor(name('grad.param', 'W.weight'), d * d),
      dbias: gateMajor(name('grad.param', 'W.bias'), d),
      dR: recurrent(name('grad.param', 'R')),
      ...Object.fromEntries(tail('grad.param').map(([key, data]) => [`d${key}`, data])),
    },
  }
}

/** slstm_forward of package xlstm (backend vanilla): time before batch, states y, c, n, m. */
export function vanillaCell(golden: { inputs: Dump; w: Tensor; h: Tensor; last_states_y_c_n_m: Tensor; grads: Dump }): GraphCheck {
  const [seqlen, batch, width] = golden.inputs.Wx.shape
  const batchFirst = ({ shape, data }: Tensor): number[] =>
    blocks(
      data,
      shape[2],
      range(batch).flatMap((b) => range(seqlen).map((t) => t * batch + b)),
    )
  const { data: states, shape } = golden.last_states_y_c_n_m
  return {
    inputs: {
      Wx: input(batch * seqlen, batchFirst(golden.inputs.Wx)),
      R: input(golden.inputs.R.shape[0], golden.inputs.R.data),
      bias: input(1, golden.inputs.b.data),
    },
    build: (g, v) => g.one('slstm', [v.Wx, v.R, v.bias], { batch, seqlen }),
    cotangent: batchFirst(golden.w),
    expected: {
      out: batchFirst(golden.h),
      dWx: batchFirst(golden.grads.Wx),
      dR: golden.grads.R.data,
    },
    steps: {
      rows: range(seqlen).map((t) => golden.inputs.Wx.data.slice(t * batch * width, (t + 1) * batch * width)),
      state: blocks(
        states,
        shape[2],
        range(batch).flatMap((b) => range(4).map((s) => s * batch + b)),
      ),
    },
  }
}

/** The tests of reference_data.json: one sequence, one head, W over the inputs, states after the last step; e^100 in the third. */
export function referenceTest(
  test: Record<'W' | 'R' | 'b' | 'input' | 'expected_y' | 'expected_c' | 'expected_n' | 'expected_m', number[]> &
    Record<'T' | 'I' | 'H', number> & { expected_output?: number[] },
): GraphCheck {
  const { T, I, H } = test
  const rows = range(T).map((t) => range(4 * H).map((j) => range(I).reduce((sum, i) => sum + test.W[j * I + i] * test.input[t * I + i], 0)))
  return {
    inputs: { Wx: input(T, rows.flat()), R: input(1, test.R), bias: input(1, test.b) },
    build: (g, v) => g.one('slstm', [v.Wx, v.R, v.bias], { batch: 1, seqlen: T }),
    expected: { out: test.expected_output ?? test.expected_y },
    steps: { rows, state: [...test.expected_y, ...test.expected_c, ...test.expected_n, ...test.expected_m] },
  }
}
