import type { CpuBackend } from '../backends/cpu/cpu.ts'
import { gradient } from '../graph/gradient.ts'
import { GraphBuilder } from '../graph/graph.ts'
import { plan } from '../graph/plan.ts'
import { Model, type ModelConfig } from '../models/model.ts'
import { trainingPlan } from '../models/plans.ts'
import { crossEntropy } from '../objectives/objective.ts'
import { ACTIVATIONS } from '../ops/activation/functions.ts'
import type { OpName } from '../ops/names.ts'
import type { Attributes } from '../ops/op.ts'
import { f32, type TensorType } from '../tensor/tensor.ts'
import { externals } from './timing.ts'

/** One row of the table beside the Mamba ones: what Strand runs, and under which name the peer script runs the same in PyTorch. */
export interface FamilyRow {
  readonly name: string
  /** A script in peers/ that speaks as mamba_torch.py does, and what it calls the work: the fastest variant first, others for the record. */
  readonly peer: { readonly script: string; readonly what: string; readonly also?: Readonly<Record<string, string>> }
  readonly make: (backend: CpuBackend) => Promise<() => void>
}

const DIMS = { batch: 8, seqlen: 256 }
const VOCAB = 65

/** A training step of d_model 128, 4 layers, batch 8, length 256, vocabulary 65, AdamW with clipping. */
export const trainingStep =
  (layer: ModelConfig['layers'][number], norm: ModelConfig['norm']) =>
  async (backend: CpuBackend): Promise<() => void> => {
    const model = new Model({
      d_model: 128,
      seqlen: DIMS.seqlen,
      norm,
      layers: Array.from({ length: 4 }, () => layer),
      input: { kind: 'tokens', vocab: VOCAB },
      head: { at: 'every', width: VOCAB, tied: false },
    })
    const made = trainingPlan(model, crossEntropy, DIMS, { beta1: 0.9, beta2: 0.95, eps: 1e-8 }, backend.sizes)
    const ids = ['input', 'targets']
    const buffers = externals(backend, made, (name) => (ids.includes(name) ? [0, VOCAB] : [0, 0]), ids)
    buffers.params.write(model.initialise(1))
    buffers.hyper.write(Float32Array.of(1e-3, 0.1, 1, 1, 1, 0, 0, 0))
    const program = await backend.compile(made, buffers)
    return () => program.run()
  }

/** An op and the gradient of a random projection of its first output. */
export const opWithGradient =
  (
    op: OpName,
    inputs: readonly TensorType[],
    attrs: Attributes,
    range: (name: string) => readonly [number, number],
    integers: readonly string[] = [],
  ) =>
  async (backend: CpuBackend): Promise<() => void> => {
    const builder = new GraphBuilder()
    const values = inputs.map((type, i) => builder.external(`in.${i}`, type))
    const [y] = builder.apply(op, values, attrs)
    gradient(builder, [{ value: y, grad: builder.external('cotangent', y.type) }], values).forEach(
      (grad, i) => grad && builder.store(grad, `grad.${i}`),
    )
    builder.store(y, 'out')
    const made = plan(builder.graph, backend.sizes)
    const program = await backend.compile(made, externals(backend, made, range, integers))
    return () => program.run()
  }

/** Batch 8, length 256, 4 heads of 64. */
const slstmInputs = [f32(8 * 256, 4 * 256), f32(4, 4 * 64 * 64), f32(1, 4 * 256)]
/** A matrix of batch 8 × length 256 rows. */
const row = (cols: number): TensorType => f32(DIMS.batch * DIMS.seqlen, cols)
const block = 'd_model 128, 4 layers, batch 8, length 256, vocabulary 65'

/** log_dt, log_A_real and A_imag of S4D as they start. */
const stateSpaceRanges: Record<string, readonly [number, number]> = { 'in.1': [-6.9, -2.3], 'in.2': [-0.7, -0.69], 'in.5': [0, 100] }
/** Batch 1, length 512, 4 heads of 64 values; 64 keys, shared by the heads of ssd. */
const ssdInputs = [f32(512, 256), f32(512, 4), f32(1, 4), f32(512, 64), f32(512, 64), f32(1, 4), f32(1, 4)]
const mlstmInputs = [f32(512, 256), f32(512, 256), f32(512, 256), f32(512, 4), f32(512, 4)]
const ssdRanges: Readonly<Record<string, readonly [number, number]>> = { 'in.1': [-6, -2], 'in.2': [-16, -1] }
const mlstmRanges: Readonly<Record<string, readonly [number, number]>> = { 'in.3': [-1, 1], 'in.4': [2, 5] }

export const families: readonly FamilyRow[] = [
  {
    name: 'sLSTM cell forward and gradient, batch 8, length 256, 4 heads of 64',
    peer: { script: 'recurrent_torch.py', what: 'slstm_custom', also: { 'autograd over unbound steps': 'slstm_loop' } },
    make: opWithGradient('slstm', slstmInputs, DIMS, (name) => (name === 'in.1' ? [-0.1, 0.1] : [-1, 1])),
  },
  {
    name: `training step, sLSTM blocks, ${block}`,
    peer: { script: 'recurrent_torch.py', what: 'slstm_step', also: { 'autograd over unbound steps': 'slstm_loop_step' } },
    make: trainingStep({ mixer: 'slstm', options: { num_heads: 4, mlp: 'geglu', mlp_ratio: 4 / 3 } }, 'layer'),
  },
  {
    name: `training step, LSTM stack, ${block}`,
    peer: { script: 'recurrent_torch.py', what: 'lstm_step' },
    make: trainingStep({ mixer: 'lstm', options: {} }, 'layer'),
  },
  {
    name: `training step, GRU stack, ${block}`,
    peer: { script: 'recurrent_torch.py', what: 'gru_step' },
    make: trainingStep({ mixer: 'gru', options: {} }, 'layer'),
  },
  {
    name: 'attention forward and gradient, batch 8, length 256, 4 heads of 32, causal',
    peer: { script: 'transformer_torch.py', what: 'attention' },
    make: opWithGradient('attention', [row(128), row(128), row(128)], { ...DIMS, heads: 4, kv_heads: 4, window: 0, causal: true }, () => [
      -1, 1,
    ]),
  },
  {
    name: 'LayerNorm forward and gradient, 2048 rows of 128',
    peer: { script: 'transformer_torch.py', what: 'layer_norm' },
    make: opWithGradient('layer_norm', [row(128), f32(1, 128), f32(1, 128)], { eps: 1e-5, groups: 1, bias: true }, () => [-1, 1]),
  },
  {
    name: 'GELU forward and gradient, 2048 rows of 512',
    peer: { script: 'transformer_torch.py', what: 'gelu' },
    make: opWithGradient('activation', [row(512)], { kind: ACTIVATIONS.gelu }, () => [-1, 1]),
  },
  {
    name: `training step, transformer (attention, GELU MLP), ${block}`,
    peer: { script: 'transformer_torch.py', what: 'step', also: { 'learned positions': 'learned_step' } },
    make: trainingStep({ mixer: 'attention', options: { n_heads: 4, bias: true, mlp: 'gelu', mlp_ratio: 4 } }, 'layer'),
  },
  {
    name: 'S4D forward and gradient, batch 2, length 4096, 256 channels, 32 complex states',
    peer: { script: 'state_space_torch.py', what: 's4d' },
    make: opWithGradient(
      'diagonal_scan',
      [f32(2 * 4096, 256), f32(1, 256), f32(256, 32), f32(256, 64), f32(1, 256), f32(256, 32)],
      { batch: 2, seqlen: 4096 },
      (name) => stateSpaceRanges[name] ?? [-1, 1],
    ),
  },
  {
    name: 'long convolution forward and gradient, batch 2, length 4096, 256 channels',
    peer: { script: 'state_space_torch.py', what: 'fft_conv' },
    make: opWithGradient('fft_conv', [f32(2 * 4096, 256), f32(4096, 256), f32(1, 256)], { batch: 2, seqlen: 4096 }, () => [-1, 1]),
  },
  {
    name: `training step, S4D blocks, ${block}`,
    peer: { script: 'state_space_torch.py', what: 's4d_step' },
    make: trainingStep({ mixer: 's4d', options: {} }, 'layer'),
  },
  {
    name: `training step, S4 blocks, ${block}`,
    peer: { script: 'state_space_torch.py', what: 's4_step' },
    make: trainingStep({ mixer: 's4', options: {} }, 'layer'),
  },
  {
    name: 'SSD (Mamba-2) forward and gradient, batch 1, length 512, 4 heads of 64, 64 keys',
    peer: { script: 'memory_torch.py', what: 'ssd' },
    make: opWithGradient('ssd', ssdInputs, { batch: 1, seqlen: 512, groups: 1 }, (name) => ssdRanges[name] ?? [-1, 1]),
  },
  {
    name: 'mLSTM cell forward and gradient, batch 1, length 512, 4 heads of 64',
    peer: { script: 'memory_torch.py', what: 'mlstm' },
    make: opWithGradient('mlstm', mlstmInputs, { batch: 1, seqlen: 512 }, (name) => mlstmRanges[name] ?? [-1, 1]),
  },
  {
    name: `training step, Mamba-2 blocks, ${block}`,
    peer: { script: 'memory_torch.py', what: 'mamba2_step' },
    make: trainingStep({ mixer: 'mamba2', options: {} }, 'rms'),
  },
  {
    name: `training step, mLSTM blocks, ${block}`,
    peer: { script: 'memory_torch.py', what: 'mlstm_step', also: { 'dense projections': 'mlstm_dense_step' } },
    make: trainingStep({ mixer: 'mlstm', options: {} }, 'layer'),
  },
]
