import type { Model } from '../../kernels/models/model.ts'
import type { TrainedRun } from '../runs/loadRun.ts'

/** config.json: the fields of mamba_ssm's MambaConfig, then what only Strand knows, under "strand". */
export function exportedConfig({ experiment, run, facts, step }: TrainedRun): Record<string, unknown> {
  const { model, config } = experiment
  return {
    d_model: config.model.d_model,
    d_intermediate: 0,
    n_layer: config.model.n_layer,
    vocab_size: model.config.input.kind === 'tokens' ? model.config.input.vocab : 0,
    ssm_cfg: { layer: 'Mamba1', ...config.model.mixer_config },
    attn_layer_idx: [],
    attn_cfg: {},
    rms_norm: true,
    residual_in_fp32: true,
    fused_add_norm: false,
    pad_vocab_size_multiple: 1,
    tie_embeddings: config.model.tie_embeddings,
    strand: {
      format: 1,
      run: config,
      step,
      preset: run.preset,
      domain: facts.domain,
      dataset: { name: facts.name, sha256: run.datasetHash },
      input: model.config.input,
      head: model.config.head,
    },
  }
}

/** What someone types to have the model in Python. */
export function pythonFor(folder: string, model: Model, codecFile: string): string {
  const { input } = model.config
  const [meaning, example] =
    input.kind === 'tokens'
      ? [`ids, see ${codecFile}`, 'torch.tensor([[0, 1, 2]])']
      : [`patches of scaled values (${codecFile}), the last value taken off each channel`, `torch.zeros(1, 8, ${input.width})`]
  return [
    'import sys, torch',
    `sys.path.insert(0, ${JSON.stringify(folder)})`,
    'from strand_model import load',
    `model = load(${JSON.stringify(folder)})`,
    `# ${meaning}`,
    `output = model(${example})`,
  ].join('\n')
}
