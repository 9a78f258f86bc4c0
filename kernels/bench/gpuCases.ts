import { ACTIVATIONS } from '../ops/activation/functions.ts'
import type { OpName } from '../ops/names.ts'
import type { OpCase } from '../ops/op.ts'
import { f32, i32, type TensorType } from '../tensor/tensor.ts'

export interface BenchCase {
  /** Also the peer's name for the same work. */
  readonly name: string
  readonly op: OpName
  readonly inputs: readonly TensorType[]
  readonly attrs: OpCase['attrs']
  readonly range?: OpCase['range']
  /** Forward alone, or with all gradients. */
  readonly gradients: boolean
  /** Inputs of products rounded to float16, on an adapter with matrix units. */
  readonly mixed?: boolean
  /** Activations lie in memory as float16, on an adapter that can: copied so before and after, which is not counted. */
  readonly stored?: boolean
  /** The data would stay in the card's cache: empty it between replays. */
  readonly flush?: boolean
  /** Milliseconds of a CUDA kernel measured on an H100 in another run, where it is not installed here. */
  readonly elsewhere?: { readonly ms: number; readonly of: string }
}

const scan = (batch: number, seqlen: number, d: number, elsewhere: readonly [number, number], flush = false): BenchCase[] => {
  const [x, m] = [f32(batch * seqlen, d), f32(batch * seqlen, 16)]
  const of = 'mamba-ssm 2.3.2 CUDA, f32'
  return [false, true].map((gradients, i) => ({
    name: `selective scan B${batch} L${seqlen} D${d} N16 ${gradients ? 'fwd+bwd' : 'fwd'}`,
    op: 'selective_scan',
    inputs: [x, x, f32(d, 16), m, m, f32(1, d), x, f32(1, d)],
    attrs: { batch, seqlen },
    range: [
      [-1, 1],
      [-4, 1],
      [-16, -0.5],
      [-1, 1],
      [-1, 1],
      [-1, 1],
      [-2, 2],
      [-1, 1],
    ],
    gradients,
    flush,
    elsewhere: { ms: elsewhere[i], of },
  }))
}

/** The same with activations in float16; mamba-ssm's time with bfloat16 as the peer, where it was measured. */
const stored = (cases: readonly BenchCase[], elsewhere?: readonly [number, number]): BenchCase[] =>
  cases.map(({ elsewhere: _, flush: __, ...c }, i) => ({
    ...c,
    name: `${c.name} float16 activations`,
    stored: true,
    ...(elsewhere ? { elsewhere: { ms: elsewhere[i], of: 'mamba-ssm 2.3.2 CUDA, bf16' } } : {}),
  }))

const matmul = (M: number, N: number, K: number, kind: 'NN' | 'NT' | 'TN'): BenchCase => ({
  name: `matmul ${M}x${N} K${K} ${kind}`,
  op: 'matmul',
  inputs: [kind[0] === 'T' ? f32(K, M) : f32(M, K), kind[1] === 'T' ? f32(N, K) : f32(K, N)],
  attrs: { transA: kind[0] === 'T', transB: kind[1] === 'T' },
  gradients: false,
})

/** At the end of a name; the peer is that of the name before it. */
export const IN_MEMORY = ' in memory'

const halves = (c: BenchCase): BenchCase => ({ ...c, name: `${c.name} float16`, mixed: true })
/** The same of inputs that already lie in memory as float16, as PyTorch's do; so does the result. */
const inMemory = (c: BenchCase): BenchCase => ({ ...halves(c), name: `${c.name} float16${IN_MEMORY}`, stored: true })

const both = (name: string, op: OpName, inputs: readonly TensorType[], attrs: OpCase['attrs'], range?: OpCase['range']): BenchCase[] =>
  [false, true].map((gradients) => ({
    name: `${name} ${gradients ? 'fwd+bwd' : 'fwd'}`,
    op,
    inputs,
    attrs,
    ...(range ? { range } : {}),
    gradients,
  }))

/** sLSTM, batch 16, 1024 steps, 12 heads of 64; FlashRNN's fused CUDA kernel as the peer. */
const slstm = ([2.67, 8.07] as const).map((ms, i): BenchCase => {
  const [d, heads, dh] = [12 * 64, 12, 64]
  return {
    name: `sLSTM B16 L1024 12 heads of 64 ${i ? 'fwd+bwd' : 'fwd'}`,
    op: 'slstm',
    inputs: [f32(16 * 1024, 4 * d), f32(heads, 4 * dh * dh), f32(1, 4 * d)],
    attrs: { batch: 16, seqlen: 1024 },
    range: [
      [-1, 1],
      [-0.1, 0.1],
      [-1, 1],
    ],
    gradients: i === 1,
    elsewhere: { ms, of: 'FlashRNN 1.0.5 CUDA fused, f32' },
  }
})

/** LSTM and GRU over whole sequences; one head is the dense cell of torch.nn. */
const cell = (op: 'lstm' | 'gru', batch: number, seqlen: number, heads: number, dh: number): BenchCase[] => {
  const [gates, d] = [op === 'lstm' ? 4 : 3, heads * dh]
  const reach = 1 / Math.sqrt(dh)
  return both(
    `${op.toUpperCase()} B${batch} L${seqlen} ${heads === 1 ? `dense ${dh}` : `${heads} heads of ${dh}`}`,
    op,
    [f32(batch * seqlen, gates * d), f32(heads, gates * dh * dh), f32(1, gates * d)],
    { batch, seqlen },
    [
      [-1, 1],
      [-reach, reach],
      [-1, 1],
    ],
  )
}

/** S4's kernel as it starts: HiPPO-like spectra. */
const dplr = (lags: number, channels: number, modes: number): BenchCase[] =>
  both(
    `S4 kernel ${lags} lags D${channels} ${modes} complex states`,
    'dplr_kernel',
    [f32(1, channels), ...[modes, modes, 2 * modes, 2 * modes, 2 * modes].map((cols) => f32(channels, cols))],
    { lags },
    [
      [-6.9, -2.3],
      [-0.7, -0.69],
      [0, 100],
      [-2, 2],
      [-1, 1],
      [-2, 2],
    ],
  )

const longConvolution = (batch: number, seqlen: number, d: number): BenchCase[] =>
  both(`long convolution B${batch} L${seqlen} D${d}`, 'fft_conv', [f32(batch * seqlen, d), f32(seqlen, d), f32(1, d)], { batch, seqlen })

/** Causal attention; a window above 0 is local. */
const attention = (batch: number, seqlen: number, heads: number, head_dim: number, window: number): BenchCase[] => {
  const x = f32(batch * seqlen, heads * head_dim)
  return both(
    `attention B${batch} L${seqlen} ${heads} heads of ${head_dim} causal${window ? `, window ${window}` : ''}`,
    'attention',
    [x, x, x],
    { batch, seqlen, heads, kv_heads: heads, window, causal: true },
  )
}
/** log_dt, log_A_real, C, D, A_imag of S4D as they start. */
const s4dRanges = [
  [-1, 1],
  [-6.9, -2.3],
  [-0.7, -0.69],
  [-1, 1],
  [-1, 1],
  [0, 100],
] as const
const s4d = (batch: number, seqlen: number, d: number, modes: number): BenchCase[] =>
  both(
    `S4D B${batch} L${seqlen} D${d} ${modes} complex states`,
    'diagonal_scan',
    [f32(batch * seqlen, d), f32(1, d), f32(d, modes), f32(d, 2 * modes), f32(1, d), f32(d, modes)],
    { batch, seqlen },
    s4dRanges,
  )

/** Mamba-2's SSD and mLSTM with the Triton kernels' times as peers: mamba_ssm chunk 256, mlstm_kernels xl_chunk. */
const ssd = ([0.53, 5.15] as const).map((ms, i): BenchCase => {
  const [rows, H, P, N] = [8 * 2048, 24, 64, 128]
  const [keys, row] = [f32(rows, N), f32(1, H)]
  return {
    name: `SSD B8 L2048 24 heads of 64, 128 keys ${i ? 'fwd+bwd' : 'fwd'}`,
    op: 'ssd',
    inputs: [f32(rows, H * P), f32(rows, H), row, keys, keys, row, row],
    attrs: { batch: 8, seqlen: 2048, groups: 1 },
    range: [
      [-1, 1],
      [-6, -2],
      [-16, -1],
      [-1, 1],
      [-1, 1],
      [-1, 1],
      [-1, 1],
    ],
    gradients: i === 1,
    elsewhere: { ms, of: 'mamba-ssm Triton SSD, f32' },
  }
})
const mlstm = ([0.465, 2.61] as const).map((ms, i): BenchCase => {
  const [rows, heads, dqk, dv] = [8 * 2048, 4, 128, 256]
  const [keys, gate] = [f32(rows, heads * dqk), f32(rows, heads)]
  return {
    name: `mLSTM B8 L2048 4 heads, 128 keys, 256 values ${i ? 'fwd+bwd' : 'fwd'}`,
    op: 'mlstm',
    inputs: [keys, keys, f32(rows, heads * dv), gate, gate],
    attrs: { batch: 8, seqlen: 2048 },
    range: [
      [-1, 1],
      [-1, 1],
      [-1, 1],
      [-1, 1],
      [2, 5],
    ],
    gradients: i === 1,
    elsewhere: { ms, of: 'mlstm_kernels Triton xl_chunk, f32' },
  }
})

/** Shapes of real models, as in the benchmark table of docs/performance.md. */
export const GPU_CASES: readonly BenchCase[] = [
  ...scan(8, 2048, 1024, [0.593, 1.993]),
  ...scan(4, 16384, 512, [1.417, 4.585]),
  ...scan(16, 512, 256, [0.096, 0.298], true),
  ...scan(1, 65536, 2048, [5.82, 18.89]),
  ...stored(scan(8, 2048, 1024, [0, 0]), [0.303, 1.542]),
  ...stored(scan(4, 16384, 512, [0, 0])),
  matmul(4096, 4096, 4096, 'NN'),
  matmul(4096, 4096, 4096, 'NT'),
  matmul(4096, 4096, 4096, 'TN'),
  matmul(16384, 2048, 1024, 'NT'),
  matmul(16384, 1024, 2048, 'NN'),
  matmul(16384, 64, 1024, 'NT'),
  matmul(16384, 1024, 64, 'NT'),
  matmul(8192, 1024, 256, 'NT'),
  matmul(1024, 512, 16384, 'TN'),
  matmul(64, 1024, 16384, 'TN'),
  halves(matmul(4096, 4096, 4096, 'NN')),
  halves(matmul(4096, 4096, 4096, 'NT')),
  halves(matmul(4096, 4096, 4096, 'TN')),
  halves(matmul(16384, 2048, 1024, 'NT')),
  halves(matmul(8192, 1024, 256, 'NT')),
  halves(matmul(1024, 512, 16384, 'TN')),
  inMemory(matmul(4096, 4096, 4096, 'NN')),
  inMemory(matmul(4096, 4096, 4096, 'NT')),
  inMemory(matmul(4096, 4096, 4096, 'TN')),
  inMemory(matmul(16384, 2048, 1024, 'NT')),
  inMemory(matmul(8192, 1024, 256, 'NT')),
  inMemory(matmul(1024, 512, 16384, 'TN')),
  ...slstm,
  ...cell('lstm', 16, 1024, 12, 64),
  ...cell('lstm', 32, 256, 1, 128),
  ...cell('lstm', 16, 1024, 1, 768),
  ...cell('gru', 32, 256, 1, 256),
  ...ssd,
  ...mlstm,
  ...both('block-diagonal map 16384 rows, 12 heads of 64', 'headwise_linear', [f32(16384, 768), f32(12, 64 * 64)], {}),
  ...both('block-diagonal map 16384 rows, 256 blocks of 4', 'headwise_linear', [f32(16384, 1024), f32(256, 16)], {}),
  ...s4d(8, 16384, 256, 32),
  ...s4d(16, 1024, 256, 32),
  ...longConvolution(8, 4096, 256),
  ...longConvolution(8, 16384, 256),
  ...dplr(16384, 256, 32),
  ...both(
    'S5 state B8 L4096 128 complex states',
    'complex_scan',
    [f32(8 * 4096, 256), f32(1, 128), f32(1, 128), f32(1, 128)],
    { batch: 8, seqlen: 4096 },
    [
      [-1, 1],
      [-0.8, -0.3],
      [0, 100],
      [-6.9, -2.3],
    ],
  ),
  ...both('conv1d+SiLU B8 L2048 D1024 k4', 'conv1d_silu', [f32(8 * 2048, 1024), f32(1024, 4), f32(1, 1024)], { batch: 8, seqlen: 2048 }),
  ...both('RMSNorm 16384x512', 'rms_norm', [f32(16384, 512), f32(1, 512)], { eps: 1e-5 }),
  ...both('LayerNorm 16384x512', 'layer_norm', [f32(16384, 512), f32(1, 512), f32(1, 512)], { eps: 1e-5, bias: true }),
  ...both('GELU 16384x2048', 'activation', [f32(16384, 2048)], { kind: ACTIVATIONS.gelu }, [[-3, 3]]),
  ...both('SwiGLU 16384x1408', 'glu', [f32(16384, 1408), f32(16384, 1408)], { kind: ACTIVATIONS.silu }),
  ...attention(8, 2048, 8, 64, 0),
  ...attention(8, 2048, 8, 64, 256),
  ...attention(16, 512, 4, 64, 0),
  ...both('cross-entropy 16384x256', 'cross_entropy', [f32(16384, 256), i32(16384, 1)], {}, [
    [-3, 3],
    [0, 256],
  ]),
  ...both('cross-entropy 4096x32000', 'cross_entropy', [f32(4096, 32000), i32(4096, 1)], {}, [
    [-3, 3],
    [0, 32000],
  ]),
  ...both('embedding 16384 of 256x512', 'embedding', [i32(16384, 1), f32(256, 512)], {}, [
    [0, 256],
    [-1, 1],
  ]),
]

/** Small shapes for a software driver: shows that the benchmark runs, not what anything costs. */
export const TINY_CASES: readonly BenchCase[] = [
  ...scan(1, 64, 32, [0.593, 1.993]).map(({ elsewhere: _, ...c }) => c),
  matmul(64, 64, 64, 'NT'),
  ...attention(1, 64, 2, 16, 0),
  ...both('RMSNorm 64x64', 'rms_norm', [f32(64, 64), f32(1, 64)], { eps: 1e-5 }),
]
