import { HYPER, HYPER_COLUMNS } from '../ops/adamw/adamw.ts'

export interface Schedule {
  readonly lr: number
  readonly min_lr: number
  readonly warmup: number
  readonly steps: number
  readonly schedule: 'cosine' | 'constant'
}

/** Learning rate of step 0, 1, …: linear warm-up to lr, then constant or a half cosine down to min_lr at the last step (Loshchilov & Hutter 2017, arXiv:1608.03983, eq. 5). */
export function learningRate({ lr, min_lr, warmup, steps, schedule }: Schedule, step: number): number {
  if (step < warmup) return (lr * (step + 1)) / warmup
  if (schedule === 'constant') return lr
  const progress = Math.min(1, (step - warmup) / Math.max(1, steps - 1 - warmup))
  return min_lr + 0.5 * (lr - min_lr) * (1 + Math.cos(Math.PI * progress))
}

/** What state space parameters learn at, at most, where a run does not say (Gu et al. 2022, arXiv:2111.00396, appendix D). */
export const SLOW_LR = 1e-3

/** AdamW's per-step numbers for step 0, 1, …, as the `hyper` buffer holds them. */
export function hyper(
  lr: number,
  step: number,
  options: { weight_decay: number; beta1: number; beta2: number; clip: number; slow_lr?: number },
): Float32Array<ArrayBuffer> {
  const row = new Float32Array(HYPER_COLUMNS)
  row[HYPER.lr] = lr
  row[HYPER.weight_decay] = options.weight_decay
  row[HYPER.bias1] = 1 / (1 - options.beta1 ** (step + 1))
  row[HYPER.bias2] = 1 / (1 - options.beta2 ** (step + 1))
  row[HYPER.clip] = options.clip
  row[HYPER.step] = step
  row[HYPER.slow] = lr > 0 ? Math.min(1, (options.slow_lr ?? SLOW_LR) / lr) : 1
  return row
}
