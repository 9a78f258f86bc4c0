import { expect, test } from 'vitest'
import { Model } from '../models/model.ts'
import { trainingPlan } from '../models/plans.ts'
import { crossEntropy } from '../objectives/objective.ts'
import { canBeHalf } from '../backends/webgpu/halves.ts'
import { f32 } from '../tensor/tensor.ts'
import { GraphBuilder } from './graph.ts'
import type { HalfStorage } from './halves.ts'
import { plan, type Plan } from './plan.ts'
import type { Recompute } from './recompute.ts'

const storage = (from: number): HalfStorage => ({ bytes: 2, from, able: canBeHalf })
const sizes = (halves?: HalfStorage) => ({ opaque: () => 64, scratch: () => 0, halves })
const stored = ({ commands }: Plan): string[] =>
  commands.map(({ op, inputs, outputs }) => {
    const names = (operands: typeof inputs): string => operands.map(({ dtype, lift }) => `${dtype}${lift ? `^${lift}` : ''}`).join(' ')
    return `${op}: ${names(inputs)} -> ${names(outputs)}`
  })

const [batch, seqlen] = [2, 64]
const training = (halves: HalfStorage | undefined, recompute: Recompute = 'none', tied = false): Plan => {
  const model = new Model({
    d_model: 16,
    seqlen,
    norm: 'rms',
    layers: [0, 1].map(() => ({ mixer: 'mamba', options: {} })),
    input: { kind: 'tokens', vocab: 11 },
    head: { at: 'every', width: 11, tied },
  })
  return trainingPlan(model, crossEntropy, { batch, seqlen }, { beta1: 0.9, beta2: 0.95, eps: 1e-8 }, sizes(halves), { recompute })
}

test('of a Mamba block all activations are float16, their gradients raised; parameters, statistics, states and losses are not', () => {
  const made = stored(training(storage(512)))
  expect(made).toContain('embedding: i32 f32 -> f16')
  expect(made).toContain('rms_norm: f16 f32 -> f16 f32')
  expect(made).toContain('matmul: f16 f32 f16 -> f16')
  expect(made).toContain('conv1d_silu: f16 f32 f32 -> f16')
  expect(made).toContain('selective_scan: f16 f16 f32 f16 f16 f32 f16 f32 -> f16 f32')
  expect(made).toContain('cross_entropy: f16 i32 -> f32 f32 f32 f32')
  expect(made).toContain('cross_entropy_grad: f16 i32 f32 f32 f32 -> f16^7')
  // a weight's gradient
  expect(made).toContain('matmul: f16^7 f16 -> f32')
  expect(made).toContain('rms_norm_grad: f16^7 f16 f32 f32 f16^7 -> f16^7 f32')
  expect(made).toContain('conv1d_silu_grad: f16^7 f16 f32 f32 -> f16^7 f32 f32')
  expect(made).toContain('selective_scan_grad: f16^7 f32 f16 f16 f32 f16 f16 f32 f16 f32 -> f16^7 f16^7 f32 f16^7 f16^7 f32 f16^7 f32')
  expect(made).toContain('embedding_grad: i32 f16^7 -> f32')
  expect(made.filter((line) => /^(adamw|global_norm|mul|neg_exp|fill):/.test(line)).join()).not.toContain('f16')
})

test('values below the limit, and all where the backend does not store float16, stay float32', () => {
  expect(stored(training(storage(1 << 20))).join()).not.toContain('f16')
  expect(training(storage(1 << 20))).toEqual(training(undefined))
})

test('memory is counted in what it takes', () => {
  const [whole, half] = [training(undefined).arenaElements, training(storage(512)).arenaElements]
  expect(half).toBeLessThan(0.6 * whole)
  expect(half).toBeGreaterThan(0.45 * whole)
})

test('what is made again in the backward pass is an activation: it is not raised', () => {
  const made = stored(training(storage(512), 'full'))
  const again = made
    .slice(made.findIndex((line) => line.startsWith('cross_entropy_grad')))
    .filter((line) => line.startsWith('conv1d_silu:'))
  expect(again.length).toBeGreaterThan(0)
  expect(new Set(again)).toEqual(new Set(['conv1d_silu: f16 f32 f32 -> f16']))
})

test('parts of the gradient of a parameter that is used twice stay float32', () => {
  const made = stored(training(storage(64), 'none', true))
  expect(made.filter((line) => line.startsWith('add: ') && line.endsWith('-> f32')).length).toBeGreaterThan(0)
  expect(made.filter((line) => line.startsWith('add: ')).join()).not.toContain('f16')
})

test('a value that one op cannot read in float16, or that is a result, stays float32 with all that shares its memory', () => {
  const builder = new GraphBuilder()
  const x = builder.external('x', f32(32, 32))
  const [a, b] = [builder.one('copy', [x]), builder.one('copy', [x])]
  const both = builder.concat([a, b])
  builder.store(builder.one('copy', [both]), 'y')
  builder.store(builder.one('copy', [builder.one('complex_scan', [a, ...[0, 1, 2].map((k) => builder.external(`p${k}`, f32(1, 16)))], { batch: 1, seqlen: 32 })]), 'z') // prettier-ignore
  const made = stored(plan(builder.graph, sizes(storage(64))))
  expect(made).toEqual([
    'copy: f32 -> f16',
    'copy: f32 -> f16',
    'copy: f16 -> f32',
    'complex_scan: f16 f32 f32 f32 -> f32',
    'copy: f32 -> f32',
  ])
  const scanned = builder.one('global_norm', [both])
  builder.store(scanned, 'norm')
  expect(stored(plan(builder.graph, sizes(storage(64)))).join()).not.toContain('f16')
})
