// The entry points: walk a command list on one thread of several, and serve as one of the waiting threads.
import { activation } from "../../../ops/activation/activation.simd";
import { adamw } from "../../../ops/adamw/adamw.simd";
import { attention, attentionGrad, attentionStep } from "../../../ops/attention/attention.simd";
import { channelScale } from "../../../ops/channel_scale/channel_scale.simd";
import { memoryOutputs, memoryStates } from "../../../ops/chunked_memory/chunked_memory.simd";
import { memoryAdjoints, memoryGrad } from "../../../ops/chunked_memory/chunked_memory_grad.simd";
import { columnSum } from "../../../ops/column_sum/column_sum.simd";
import { complexScan, complexScanGrad, complexScanGradSum, complexScanStep } from "../../../ops/complex_scan/complex_scan.simd";
import { conv1dSilu, conv1dSiluGrad, conv1dSiluGradSum, conv1dSiluStep } from "../../../ops/conv1d_silu/conv1d_silu.simd";
import { crossEntropy, crossEntropyGrad, crossEntropySum } from "../../../ops/cross_entropy/cross_entropy.simd";
import { ctc, ctcGrad, ctcSum } from "../../../ops/ctc/ctc.simd";
import { diagonalScan } from "../../../ops/diagonal_scan/diagonal_scan.simd";
import { diagonalScanGrad } from "../../../ops/diagonal_scan/diagonal_scan_grad.simd";
import { diagonalScanStep } from "../../../ops/diagonal_scan/diagonal_scan_step.simd";
import { drawToken } from "../../../ops/draw_token/draw_token.simd";
import { dropout } from "../../../ops/dropout/dropout.simd";
import { dplrKernel, dplrKernelGrad, dplrStep } from "../../../ops/dplr_kernel/dplr.simd";
import { embedding, embeddingGrad } from "../../../ops/embedding/embedding.simd";
import { fftConv, fftConvGrad, fftConvTable } from "../../../ops/fft_conv/fft_conv.simd";
import { headwiseOuter, headwiseOuterSmall, headwiseSmall } from "../../../ops/headwise_linear/headwise_linear.simd";
import { layerNorm, layerNormGrad } from "../../../ops/layer_norm/layer_norm.simd";
import { matmul, matmulFewRows } from "../../../ops/matmul/matmul.simd";
import { rowsTile, setEdge, wideRowsTile } from "../../../ops/matmul/tile.simd";
import { meanPool, meanPoolGrad } from "../../../ops/mean_pool/mean_pool.simd";
import { mlstmGateGrad, mlstmGates, mlstmStep } from "../../../ops/mlstm/mlstm.simd";
import { mse, mseSum } from "../../../ops/mse/mse.simd";
import { poolRows, poolRowsGrad } from "../../../ops/pool_rows/pool_rows.simd";
import { recurrent, recurrentGrad, recurrentStep } from "../../../ops/recurrent/recurrent.simd";
import { quantileLoss, quantileLossGrad } from "../../../ops/quantile_loss/quantile_loss.simd";
import { rmsNorm, rmsNormGrad } from "../../../ops/rms_norm/rms_norm.simd";
import { reverse } from "../../../ops/reverse/reverse.simd";
import { rope } from "../../../ops/rope/rope.simd";
import { scatterRows } from "../../../ops/scatter_rows/scatter_rows.simd";
import { selectiveScan } from "../../../ops/selective_scan/selective_scan.simd";
import { selectiveScanGrad, selectiveScanGradSum } from "../../../ops/selective_scan/selective_scan_grad.simd";
import { selectiveScanStep } from "../../../ops/selective_scan/selective_scan_step.simd";
import { shiftRows } from "../../../ops/shift_rows/shift_rows.simd";
import { swapAxes } from "../../../ops/swap_axes/swap_axes.simd";
import { weighRows } from "../../../ops/weigh_rows/weigh_rows.simd";
import { windowStep } from "../../../ops/window_step/window_step.simd";
import { skipGate, skipGateGrad } from "../../../ops/skip_gate/skip_gate.simd";
import { softCap, softCapGrad } from "../../../ops/soft_cap/soft_cap.simd";
import { ssdGateGrad, ssdGates, ssdStep } from "../../../ops/ssd/ssd.simd";
import * as code from "./codes";
import { elementwise } from "./elementwise.simd";
import { initConstants } from "./math.simd";
import { normSum, squareSum, sumParts } from "./sums.simd";

function execute(kernel: i32, c: usize, u: i32, local: usize): void {
  switch (kernel) {
    case code.ADD: case code.MUL: case code.COPY: case code.FILL: case code.NEG_EXP: case code.MSE_GRAD: elementwise(c, kernel, u); break;
    case code.SUM_PARTS: sumParts(c, u); break;
    case code.ADAMW: adamw(c, u); break;
    case code.COLUMN_SUM: columnSum(c, u); break;
    case code.CONV: conv1dSilu(c, u, local); break;
    case code.CONV_GRAD: conv1dSiluGrad(c, u, local); break;
    case code.CONV_GRAD_SUM: conv1dSiluGradSum(c, u); break;
    case code.CONV_STEP: conv1dSiluStep(c); break;
    case code.CROSS_ENTROPY: crossEntropy(c, u); break;
    case code.CROSS_ENTROPY_SUM: crossEntropySum(c); break;
    case code.CROSS_ENTROPY_GRAD: crossEntropyGrad(c, u); break;
    case code.DIAGONAL_SCAN: diagonalScan(c, u, local); break;
    case code.DIAGONAL_SCAN_GRAD: diagonalScanGrad(c, u, local); break;
    case code.DRAW_TOKEN: drawToken(c, u); break;
    case code.DIAGONAL_SCAN_STEP: diagonalScanStep(c, u); break;
    case code.EMBEDDING: embedding(c, u); break;
    case code.EMBEDDING_GRAD: embeddingGrad(c, u); break;
    case code.SQUARE_SUM: squareSum(c, u); break;
    case code.NORM_SUM: normSum(c); break;
    case code.HEADWISE_SMALL: headwiseSmall(c, u, local); break;
    case code.HEADWISE_OUTER: headwiseOuter(c, u, local); break;
    case code.HEADWISE_OUTER_SMALL: headwiseOuterSmall(c, u); break;
    case code.MATMUL: matmul(c, u, local); break;
    case code.MATMUL_FEW_ROWS: matmulFewRows(c, u); break;
    case code.MEAN_POOL: meanPool(c, u); break;
    case code.MEAN_POOL_GRAD: meanPoolGrad(c, u); break;
    case code.MSE: mse(c, u); break;
    case code.MSE_SUM: mseSum(c); break;
    case code.POOL_ROWS: poolRows(c, u); break;
    case code.POOL_ROWS_GRAD: poolRowsGrad(c, u); break;
    case code.RECURRENT: recurrent(c, u, local); break;
    case code.RECURRENT_GRAD: recurrentGrad(c, u, local); break;
    case code.RECURRENT_STEP: recurrentStep(c, u, local); break;
    case code.RMS_NORM: rmsNorm(c, u); break;
    case code.RMS_NORM_GRAD: rmsNormGrad(c, u, local); break;
    case code.REVERSE: reverse(c, u); break;
    case code.SCATTER_ROWS: scatterRows(c, u); break;
    case code.SCAN: selectiveScan(c, u, local); break;
    case code.SCAN_GRAD: selectiveScanGrad(c, u, local); break;
    case code.SCAN_GRAD_SUM: selectiveScanGradSum(c, u); break;
    case code.SCAN_STEP: selectiveScanStep(c, u, local); break;
    case code.ACTIVATION: case code.ACTIVATION_GRAD: case code.GLU: case code.GLU_GRAD: activation(c, kernel, u); break;
    case code.LAYER_NORM: layerNorm(c, u); break;
    case code.LAYER_NORM_GRAD: layerNormGrad(c, u, local); break;
    case code.ATTENTION: attention(c, u, local); break;
    case code.ATTENTION_GRAD: attentionGrad(c, u, local); break;
    case code.ATTENTION_STEP: attentionStep(c, u, local); break;
    case code.ROPE: rope(c, u, local); break;
    case code.DROPOUT: dropout(c, u); break;
    case code.CTC: ctc(c, u, local); break;
    case code.CTC_SUM: ctcSum(c); break;
    case code.CTC_GRAD: ctcGrad(c, u, local); break;
    case code.QUANTILE_LOSS: quantileLoss(c, u); break;
    case code.QUANTILE_LOSS_GRAD: quantileLossGrad(c, u); break;
    case code.SHIFT_ROWS: shiftRows(c, u); break;
    case code.SWAP_AXES: swapAxes(c, u); break;
    case code.WINDOW_STEP: windowStep(c, u); break;
    case code.WEIGH_ROWS: weighRows(c, u); break;
    case code.COMPLEX_SCAN: complexScan(c, u, local); break;
    case code.COMPLEX_SCAN_GRAD: complexScanGrad(c, u, local); break;
    case code.COMPLEX_SCAN_GRAD_SUM: complexScanGradSum(c, u, local); break;
    case code.COMPLEX_SCAN_STEP: complexScanStep(c, u, local); break;
    case code.CHANNEL_SCALE: channelScale(c, u); break;
    case code.FFT_CONV: fftConv(c, u, local); break;
    case code.FFT_CONV_GRAD: fftConvGrad(c, u, local); break;
    case code.FFT_CONV_TABLE: fftConvTable(c); break;
    case code.DPLR_KERNEL: dplrKernel(c, u, local); break;
    case code.DPLR_KERNEL_GRAD: dplrKernelGrad(c, u, local); break;
    case code.DPLR_STEP: dplrStep(c, u, local); break;
    case code.MEMORY_STATES: memoryStates(c, u, local); break;
    case code.MEMORY_OUTPUTS: memoryOutputs(c, u, local); break;
    case code.MEMORY_ADJOINTS: memoryAdjoints(c, u, local); break;
    case code.MEMORY_GRAD: memoryGrad(c, u, local); break;
    case code.SSD_GATES: ssdGates(c, u); break;
    case code.SSD_GATE_GRAD: ssdGateGrad(c, u); break;
    case code.SSD_STEP: ssdStep(c, u); break;
    case code.MLSTM_GATES: mlstmGates(c, u); break;
    case code.MLSTM_GATE_GRAD: mlstmGateGrad(c, u); break;
    case code.MLSTM_STEP: mlstmStep(c, u); break;
    case code.SKIP_GATE: skipGate(c, u); break;
    case code.SKIP_GATE_GRAD: skipGateGrad(c, u); break;
    case code.SOFT_CAP: softCap(c, u); break;
    case code.SOFT_CAP_GRAD: softCapGrad(c, u); break;
    default: unreachable();
  }
}

// Tries before a thread sleeps: long enough to cover the commands of a step, short enough to leave the machine alone between runs.
const SPINS: i32 = 20000;

function waitWhile(address: usize, value: i32): void {
  for (let s = 0; s < SPINS; s++) if (atomic.load<i32>(address) != value) return;
  while (atomic.load<i32>(address) == value) atomic.wait<i32>(address, value, -1);
}

function barrier(threads: i32): void {
  const generation = atomic.load<i32>(code.CONTROL_GENERATION);
  if (atomic.add<i32>(code.CONTROL_ARRIVED, 1) + 1 == threads) {
    atomic.store<i32>(code.CONTROL_ARRIVED, 0);
    atomic.store<i32>(code.CONTROL_GENERATION, generation + 1);
    atomic.notify(code.CONTROL_GENERATION, -1);
  } else waitWhile(code.CONTROL_GENERATION, generation);
}

function walk(thread: i32, threads: i32): void {
  const end = <usize>load<u32>(code.CONTROL_END);
  const localBytes = <usize>load<u32>(code.CONTROL_LOCAL_BYTES), local = <usize>load<u32>(code.CONTROL_LOCAL) + <usize>thread * localBytes;
  setEdge(local + localBytes - code.EDGE_BYTES);
  for (let c = <usize>load<u32>(code.CONTROL_LIST); c < end; c += <usize>load<u32>(c, code.WORD_LENGTH << 2) << 2) {
    const kernel = load<i32>(c, code.WORD_KERNEL << 2), units = load<i32>(c, code.WORD_UNITS << 2);
    if (threads == 1) { for (let u = 0; u < units; u++) execute(kernel, c, u, local); continue; }
    if (load<i32>(c, code.WORD_BARRIER << 2)) barrier(threads);
    const counter = c + (code.WORD_COUNTER << 2);
    if (atomic.load<i32>(counter) >= units) continue;
    for (let u = atomic.add<i32>(counter, 1); u < units; u = atomic.add<i32>(counter, 1)) execute(kernel, c, u, local);
  }
  if (threads > 1) barrier(threads);
}

export function init(): void { initConstants(); }

/** n times a product of 6 rows of a and two panels of b, kc deep, by one wide tile or two narrow ones; rows of y 64 bytes apart (wide.ts). */
export function probe(wide: bool, n: i32, kc: i32, a: usize, b: usize, y: usize): void {
  for (; n > 0; n--) {
    if (wide) { wideRowsTile(kc, a, <usize>kc << 2, b, <usize>kc << 5, y, 64, 0, 0, 6, 16); continue; }
    rowsTile(kc, a, <usize>kc << 2, b, y, 64, 0, 0, 6, 8);
    rowsTile(kc, a, <usize>kc << 2, b + (<usize>kc << 5), y + 32, 64, 0, 0, 6, 8);
  }
}

/** Runs the list between CONTROL_LIST and CONTROL_END with CONTROL_THREADS threads; the caller is thread 0. Returns when all is done. */
export function run(): void {
  const threads = load<i32>(code.CONTROL_THREADS);
  if (threads > 1) {
    const end = <usize>load<u32>(code.CONTROL_END);
    for (let c = <usize>load<u32>(code.CONTROL_LIST); c < end; c += <usize>load<u32>(c, code.WORD_LENGTH << 2) << 2)
      store<i32>(c, 0, code.WORD_COUNTER << 2);
    atomic.add<i32>(code.CONTROL_GO, 1);
    atomic.notify(code.CONTROL_GO, -1);
  }
  walk(0, threads);
}

/** The life of a helper thread: waits for runs and takes part until CONTROL_QUIT is set. */
export function serve(thread: i32): void {
  let seen = atomic.load<i32>(code.CONTROL_GO);
  atomic.add<i32>(code.CONTROL_READY, 1);
  atomic.notify(code.CONTROL_READY, -1);
  while (true) {
    waitWhile(code.CONTROL_GO, seen);
    seen++;
    if (atomic.load<i32>(code.CONTROL_QUIT)) return;
    walk(thread, load<i32>(code.CONTROL_THREADS));
  }
}
