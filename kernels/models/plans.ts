import { gradient, one } from '../graph/gradient.ts'
import { GraphBuilder, type Value } from '../graph/graph.ts'
import type { BufferSizes } from '../graph/memory.ts'
import { type Plan, plan } from '../graph/plan.ts'
import type { Recompute } from '../graph/recompute.ts'
import type { Objective } from '../objectives/objective.ts'
import { HYPER_COLUMNS } from '../ops/adamw/adamw.ts'
import { CURSOR_COLUMNS, SETTINGS_COLUMNS } from '../ops/draw_token/draw_token.ts'
import { f32, i32, type TensorType } from '../tensor/tensor.ts'
import type { Drop } from './backbone.ts'
import { lengthsType, type Model } from './model.ts'
import { bordersType } from './packing.ts'

export interface Dims {
  readonly batch: number
  readonly seqlen: number
}
export interface AdamW {
  readonly beta1: number
  readonly beta2: number
  readonly eps: number
}
/** Of the embedding's and of each part of a layer's output, in training alone (Srivastava et al. 2014). */
export interface Dropout {
  readonly rate: number
  readonly seed: number
}

export interface TrainingOptions {
  readonly dropout?: Dropout
  /** What the backward pass computes again to save memory; changes no bit of the result. */
  readonly recompute?: Recompute
}

/** The external buffer the batch is written to: ids or vectors, one row per position. */
export const inputType = (model: Model, rows: number): TensorType =>
  model.config.input.kind === 'tokens' ? i32(rows, 1) : f32(rows, model.config.input.width)
const outputRows = (model: Model, { batch, seqlen }: Dims): number => (model.config.head.at === 'every' ? batch * seqlen : batch)
/** What is written with each batch beside its input: the objective's targets, the lengths of ragged sequences, the borders of packed ones. */
export const targetTypes = (model: Model, objective: Objective, dims: Dims): Record<string, TensorType> => ({
  ...objective.targets(outputRows(model, dims), model.config.head.width),
  ...(model.config.head.ragged ? { lengths: lengthsType(dims) } : {}),
  ...(model.packing ? { borders: bordersType(model.packing, dims.batch * dims.seqlen) } : {}),
})

function lossOf(
  builder: GraphBuilder,
  model: Model,
  objective: Objective,
  dims: Dims,
  drop?: Drop,
): { loss: Value; scores: Value; read: (name: string) => Value } {
  const read = model.reader(builder)
  const input = builder.external('input', inputType(model, dims.batch * dims.seqlen))
  const output = model.forward(builder, read, input, dims, drop)
  const targets = Object.fromEntries(
    Object.entries(objective.targets(outputRows(model, dims), model.config.head.width)).map(([name, type]) => [
      name,
      builder.external(name, type),
    ]),
  )
  return { ...objective.loss(builder, output, targets), read }
}

/**
 * One training step: forward, backward, clipping, AdamW. External buffers: input, the objective's targets, params, grads, m, v (arenas),
 * hyper (1, 8), metrics (1, 2) = loss, gradient norm.
 */
export function trainingPlan(
  model: Model,
  objective: Objective,
  dims: Dims,
  optimizer: AdamW,
  sizes: BufferSizes,
  options: TrainingOptions = {},
): Plan {
  const builder = new GraphBuilder()
  const loss = gradients(builder, model, objective, dims, one, options)
  builder.store(loss, 'metrics', 0)
  update(builder, model, optimizer, 'grads')
  return plan(builder.graph, sizes, options.recompute)
}

/**
 * One of the micro-batches a step is made of. External buffers: input, targets, params, grads, hyper as above, and share (1, 1), the share
 * of the step's targets that this micro-batch holds; sums (arena) += share · gradient, loss (1, 1) += share · loss.
 */
export function accumulationPlan(model: Model, objective: Objective, dims: Dims, sizes: BufferSizes, options: TrainingOptions = {}): Plan {
  const builder = new GraphBuilder()
  const share = builder.external('share', f32(1, 1))
  const loss = gradients(builder, model, objective, dims, () => share, options)
  builder.store(builder.one('add', [builder.one('mul', [loss, share]), builder.external('loss', f32(1, 1))]), 'loss')
  const [grads, sums] = ['grads', 'sums'].map((name) => builder.external(name, f32(1, model.arenaElements)))
  builder.store(builder.one('add', [grads, sums]), 'sums')
  return plan(builder.graph, sizes, options.recompute)
}

/** What ends a step of micro-batches: clipping and AdamW with the gradient in sums, metrics as `trainingPlan` has them; sums and loss become zero. */
export function updatePlan(model: Model, optimizer: AdamW, sizes: BufferSizes): Plan {
  const builder = new GraphBuilder()
  builder.store(builder.external('loss', f32(1, 1)), 'metrics', 0)
  update(builder, model, optimizer, 'sums')
  builder.store(builder.one('fill', [], { rows: 1, cols: model.arenaElements, value: 0 }), 'sums')
  builder.store(builder.one('fill', [], { rows: 1, cols: 1, value: 0 }), 'loss')
  return plan(builder.graph, sizes)
}

/** Forward and backward pass; the gradient of seed · loss goes to external buffer 'grads'. Answers the loss. */
function gradients(
  builder: GraphBuilder,
  model: Model,
  objective: Objective,
  dims: Dims,
  seed: (builder: GraphBuilder) => Value,
  { dropout = { rate: 0, seed: 0 } }: TrainingOptions,
): Value {
  const hyper = builder.external('hyper', f32(1, HYPER_COLUMNS))
  let stream = 0
  const drop = (x: Value): Value => (dropout.rate > 0 ? builder.one('dropout', [x, hyper], { ...dropout, stream: stream++ }) : x)
  const { loss, read } = lossOf(builder, model, objective, dims, drop)
  builder.beginBackward()
  const grads = gradient(
    builder,
    [{ value: loss, grad: seed(builder) }],
    model.params.map((p) => read(p.name)),
  )
  grads.forEach((grad, i) => grad && builder.store(grad, 'grads', model.params[i].offset))
  return loss
}

/** Clipping and AdamW with the gradient in external buffer `name`; its norm goes to the metrics. */
function update(builder: GraphBuilder, model: Model, optimizer: AdamW, name: string): void {
  const hyper = builder.external('hyper', f32(1, HYPER_COLUMNS))
  const [all, params, m, v] = [name, 'params', 'm', 'v'].map((each) => builder.external(each, f32(1, model.arenaElements)))
  const norm = builder.one('global_norm', [all])
  builder.store(norm, 'metrics', 1)
  builder.apply('adamw', [params, all, m, v, norm, hyper], {
    ...optimizer,
    decay_elements: model.decayElements,
    slow_from: model.slowFrom,
  })
}

/** Loss and scores without gradients. External buffers: input, targets, params, metrics (1, 2) with the loss first, scores. */
export function evaluationPlan(model: Model, objective: Objective, dims: Dims, sizes: BufferSizes): Plan {
  const builder = new GraphBuilder()
  const { loss, scores } = lossOf(builder, model, objective, dims)
  builder.store(loss, 'metrics', 0)
  builder.store(scores, 'scores', 0)
  return plan(builder.graph, sizes)
}

/** The model's output for a batch. External buffers: input, params, output. */
export function forwardPlan(model: Model, dims: Dims, sizes: BufferSizes): Plan {
  const builder = new GraphBuilder()
  const output = model.forward(builder, model.reader(builder), builder.external('input', inputType(model, dims.batch * dims.seqlen)), dims)
  builder.store(output, 'output', 0)
  return plan(builder.graph, sizes)
}

/**
 * One token for each of `batch` sequences, state carried in external buffer 'state' (model.stateOffsets). A model has stepKinds such plans;
 * which of them a position takes says model.stepKind. External buffers: input, params, state, output.
 */
export function stepPlan(model: Model, batch: number, sizes: BufferSizes, kind = 0): Plan {
  const builder = new GraphBuilder()
  const output = model.step(builder, model.reader(builder), builder.external('input', inputType(model, batch)), batch, kind)
  builder.store(output, 'output', 0)
  return plan(builder.graph, sizes)
}

/**
 * One token read and the next one drawn, for a single sequence: `stepPlan` with `draw_token` behind it, which leaves the token in 'input' for
 * the step after. Of the model's outputs the first `vocab` may be drawn. External buffers: input, params, state, settings (1, 4), cursor (1, 8),
 * tokens and bits (1, capacity), as draw_token has them.
 */
export function generationPlan(
  model: Model,
  sizes: BufferSizes,
  { vocab, capacity, kind = 0 }: { vocab: number; capacity: number; kind?: number },
): Plan {
  const builder = new GraphBuilder()
  const output = model.step(builder, model.reader(builder), builder.external('input', inputType(model, 1)), 1, kind)
  const logits = vocab < output.type.cols ? builder.split(output, [vocab, output.type.cols - vocab])[0] : output
  const [token] = builder.apply('draw_token', [
    logits,
    builder.external('settings', f32(1, SETTINGS_COLUMNS)),
    builder.external('cursor', i32(1, CURSOR_COLUMNS)),
    builder.external('tokens', i32(1, capacity)),
    builder.external('bits', f32(1, capacity)),
  ])
  builder.store(token, 'input')
  return plan(builder.graph, sizes)
}
