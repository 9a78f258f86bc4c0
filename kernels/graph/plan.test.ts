import { expect, test } from 'vitest'
import { Model } from '../models/model.ts'
import { trainingPlan } from '../models/plans.ts'
import { crossEntropy } from '../objectives/objective.ts'
import { ops } from '../ops/registry.ts'
import { f32, ShapeError } from '../tensor/tensor.ts'
import { GraphBuilder } from './graph.ts'
import { type Operand, plan } from './plan.ts'

const sizes = { opaque: () => 128, scratch: () => 64 }
const model = new Model({
  d_model: 16,
  seqlen: 8,
  norm: 'rms',
  layers: Array.from({ length: 3 }, () => ({ mixer: 'mamba', options: {} })),
  input: { kind: 'tokens', vocab: 11 },
  head: { at: 'every', width: 11, tied: false },
})
const training = trainingPlan(model, crossEntropy, { batch: 2, seqlen: 8 }, { beta1: 0.9, beta2: 0.99, eps: 1e-8 }, sizes)

test('residual additions and their gradients are folded into the ops before them', () => {
  expect(training.commands.filter((c) => c.op === 'add')).toEqual([])
  expect(training.commands.filter((c) => c.op === 'copy')).toEqual([])
  // Per layer: the residual connection, and in the backward pass the two gradients that reach the scan's input.
  expect(training.commands.filter((c) => c.op === 'matmul' && c.attrs.residual)).toHaveLength(6)
})

test('gradients that meet at an input of several maps, or at parts of a concat, are added by the maps that make them', () => {
  const layers = Array.from({ length: 2 }, () => ({ mixer: 'mlstm', options: { qkv_proj_blocksize: 4, num_heads: 2 } }))
  const two = new Model({ ...model.config, layers })
  const { commands } = trainingPlan(two, crossEntropy, { batch: 2, seqlen: 8 }, { beta1: 0.9, beta2: 0.99, eps: 1e-8 }, sizes)
  // γ of each layer's norm of heads is kept as γ − 1.
  expect(commands.filter((c) => c.op === 'add').map((c) => c.outputs[0].rows)).toEqual([1, 1])
  expect(commands.filter((c) => c.op === 'copy')).toEqual([])
  expect(commands.filter((c) => c.op === 'headwise_linear' && c.attrs.addend)).toHaveLength(6)
})

test('a sum takes the place of its addend, but not where the op reads that in another place', () => {
  const builder = new GraphBuilder()
  const [x, W] = [builder.external('x', f32(4, 4)), builder.external('W', f32(4, 4))]
  const h = builder.one('mul', [x, x])
  const around = builder.one('add', [builder.one('matmul', [h, W]), h])
  const other = builder.one('matmul', [around, W])
  builder.store(builder.one('add', [builder.one('add', [builder.one('matmul', [x, W]), other]), around]), 'y')
  const { commands } = plan(builder.graph, sizes)
  const sums = commands.filter((c) => c.op === 'matmul' && c.attrs.residual)
  expect(sums).toHaveLength(2)
  const [first, second] = sums.map(({ inputs, outputs }) => inputs[2].buffer === outputs[0].buffer)
  expect([first, second]).toEqual([false, true])
})

test('gradients are written straight into the gradient arena, each parameter once', () => {
  const external = training.buffers.findIndex((b) => b.kind === 'external' && b.name === 'grads')
  const written = training.commands.flatMap((c) => c.outputs.filter((o) => o.buffer === external).map((o) => o.offset))
  expect(written.sort((a, b) => a - b)).toEqual(model.params.map((p) => p.offset).sort((a, b) => a - b))
})

test('functions of parameters come first, what reads the gradients after all of them', () => {
  const order = training.commands.map((c) => c.op)
  // At this size the embedding is one of them.
  expect(order.slice(0, 4)).toEqual(['embedding', 'neg_exp', 'neg_exp', 'neg_exp'])
  expect(order.slice(-2)).toEqual(['global_norm', 'adamw'])
})

test('what an op saves for its gradient is marked where no gradient reads it', () => {
  const [tokens, channels] = [8, 4]
  const types = [f32(tokens, channels), f32(tokens, channels), f32(channels, 4), f32(tokens, 4), f32(tokens, 4), f32(1, channels)]
  const builder = new GraphBuilder()
  const inputs = [...types, f32(tokens, channels), f32(1, channels)].map((type, i) => builder.external(`in.${i}`, type))
  builder.store(builder.apply('selective_scan', inputs, { batch: 1, seqlen: tokens })[0], 'y')
  expect(plan(builder.graph, sizes).commands.map((c) => c.unread)).toEqual([[1]])
  expect(training.commands.filter((c) => c.op === 'selective_scan').map((c) => c.unread)).toEqual([undefined, undefined, undefined])
})

test('what is written to a buffer is written after those before it have read the old value, however small it is', () => {
  const builder = new GraphBuilder()
  const x = builder.external('x', f32(1, 4))
  builder.store(builder.one('mul', [x, x]), 'y')
  builder.store(builder.one('fill', [], { rows: 1, cols: 4, value: 0 }), 'x')
  expect(plan(builder.graph, sizes).commands.map((c) => c.op)).toEqual(['mul', 'fill'])
})

test('values share memory, and no command overwrites what it still reads', () => {
  const own = training.commands.reduce((sum, c) => sum + c.outputs.reduce((s, o) => s + o.rows * o.cols, 0), 0)
  expect(training.arenaElements).toBeLessThan(own / 2)
  const overlaps = (a: Operand, b: Operand): boolean => {
    if (a.buffer !== b.buffer) return false
    if (a.ld !== b.ld) return true
    const [ca, cb] = [a.offset % a.ld, b.offset % b.ld]
    return ca < cb + b.cols && cb < ca + a.cols
  }
  for (const command of training.commands)
    command.outputs.forEach((output, i) => {
      const allowed = [ops[command.op].inPlace?.[i], ops[command.op].mayOverwrite?.[i]]
      command.inputs.forEach((input, k) => {
        const arena = training.buffers[output.buffer].kind === 'arena'
        if (arena && !allowed.includes(k)) expect(overlaps(output, input), `${command.op}: output ${i} over input ${k}`).toBe(false)
      })
      if (command.scratch) expect(command.scratch.buffer).not.toBe(output.buffer)
    })
})

test('every operand stays inside its buffer', () => {
  for (const { inputs, outputs } of training.commands)
    for (const o of [...inputs, ...outputs])
      expect(o.offset + (o.rows - 1) * o.ld + o.cols).toBeLessThanOrEqual(training.buffers[o.buffer].elements)
})

test('shapes that do not fit are refused by name', () => {
  const builder = new GraphBuilder()
  const x = builder.external('x', f32(4, 6))
  expect(() => builder.one('matmul', [x, x])).toThrow(new ShapeError('matmul: op(a) has 6 columns, op(b) has 4 rows'))
  expect(() => builder.split(x, [1, 2])).toThrow(ShapeError)
  expect(() => builder.reshape(x, 5, 5)).toThrow(ShapeError)
  const [left] = builder.split(x, [2, 4])
  builder.store(builder.one('mul', [builder.reshape(left, 1, 8), builder.reshape(left, 1, 8)]), 'y')
  expect(() => plan(builder.graph, sizes)).toThrow('copy it first')
})
