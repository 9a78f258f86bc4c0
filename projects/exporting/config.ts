import type { Model } from '../../kernels/models/model.ts'
import type { TrainedRun } from '../runs/loadRun.ts'

/** strand.json: the whole model and run, which strand_model.py beside it reads. */
export function strandConfig({ experiment, run, facts, step }: TrainedRun): Record<string, unknown> {
  const { model, config } = experiment
  return {
    format: 3,
    run: config,
    step,
    preset: run.preset,
    domain: facts.domain,
    dataset: { name: facts.name, sha256: run.datasetHash },
    model: model.config,
    ...(config.objective.kind === 'classify' ? { classes: facts.classes } : {}),
    ...(config.objective.kind === 'regress' ? { numbers: facts.numbers } : {}),
    layers: model.layers,
  }
}

/**
 * config.json of mamba_ssm (models/config_mamba.py, MambaConfig) for a stack of equal Mamba layers under RMSNorm, null for any other model. Its fields and no
 * other: MambaConfig(**json) refuses what it does not know.
 */
export function mambaConfig({ config, layers }: Model): Record<string, unknown> | null {
  const [first] = layers
  const same = layers.every(
    ({ mixer, mlp, config: own }) =>
      mixer === 'mamba' && mlp === 'none' && own.d_state === first.config.d_state && own.d_conv === first.config.d_conv,
  )
  if (!same || config.norm !== 'rms' || config.input.kind !== 'tokens' || config.head.at !== 'every' || config.complement) return null
  const { d_state, d_conv, d_inner } = first.config as { d_state: number; d_conv: number; d_inner: number }
  return {
    d_model: config.d_model,
    d_intermediate: 0,
    n_layer: layers.length,
    vocab_size: config.input.vocab,
    ssm_cfg: { layer: 'Mamba1', d_state, d_conv, expand: d_inner / config.d_model },
    attn_layer_idx: [],
    attn_cfg: {},
    rms_norm: true,
    residual_in_fp32: true,
    fused_add_norm: false,
    pad_vocab_size_multiple: 1,
    tie_embeddings: config.head.tied,
  }
}

/** What someone types to have the model in Python. */
export function pythonFor(folder: string, { experiment, facts }: TrainedRun, codecFile: string): string {
  const { input, head } = experiment.model.config
  const { objective } = experiment.config
  const values = head.ragged
    ? `patches of values (${codecFile})`
    : `patches of scaled values (${codecFile}), the last value taken off each channel`
  const answer =
    objective.kind === 'classify'
      ? ['# one number for each of "classes" in strand.json, the largest is the class']
      : objective.kind === 'regress'
        ? [`label = output * ${facts.numbers!.std} + ${facts.numbers!.mean}`]
        : []
  const [meaning, example] =
    input.kind === 'tokens' ? [`ids, see ${codecFile}`, 'torch.tensor([[0, 1, 2]])'] : [values, `torch.zeros(1, 8, ${input.width})`]
  return [
    'import sys, torch',
    `sys.path.insert(0, ${JSON.stringify(folder)})`,
    'from strand_model import load',
    `model = load(${JSON.stringify(folder)})`,
    `# ${meaning}`,
    `output = model(${example})`,
    ...answer,
  ].join('\n')
}
