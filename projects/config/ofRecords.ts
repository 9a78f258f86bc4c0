import type { Model } from '../../kernels/models/model.ts'
import type { RunConfig } from '../../main/contract/run.ts'
import { refuse } from './check.ts'
import type { DatasetFacts } from './facts.ts'

/** Objectives that read records whole, padded behind, and answer once for each. */
export type OfRecords = Extract<RunConfig['objective'], { kind: 'classify' | 'regress' }>
export const ofRecords = (objective: RunConfig['objective']): objective is OfRecords =>
  objective.kind === 'classify' || objective.kind === 'regress'

/** Throws 'config/invalid' where a dataset's labels are not what the objective predicts, or its records not what it reads. */
export function requireLabels(
  objective: OfRecords,
  { name, classes, numbers, domain }: Pick<DatasetFacts, 'name' | 'classes' | 'numbers' | 'domain'>,
): void {
  if (objective.kind === 'regress') {
    if (!numbers)
      refuse(
        'objective.kind',
        `"${name}" has no numbers for labels, so there is none to predict; use ${classes ? 'the classify objective' : 'another objective'}.`,
      )
    if (numbers.std === 0)
      refuse(
        'objective.kind',
        `All training records of "${name}" are labelled ${numbers.mean}, so there is nothing to tell apart; use another objective.`,
      )
  } else requireClasses({ name, classes, numbers })
  if (objective.read === 'values' && domain !== 'timeseries' && domain !== 'audio')
    refuse('objective.read', `"${name}" holds symbols, which are read as tokens; set objective.read to tokens.`)
  if (objective.read === 'tokens' && domain === 'timeseries')
    refuse('objective.read', `"${name}" is a series of numbers; set objective.read to values.`)
  if (objective.read === 'tokens' && objective.patch > 1)
    refuse('objective.patch', `Tokens are read one by one, and objective.patch is ${objective.patch}; set it to 1.`)
}

function requireClasses({ name, classes, numbers }: Pick<DatasetFacts, 'name' | 'classes' | 'numbers'>): void {
  if (!classes)
    refuse(
      'objective.kind',
      `"${name}" has no classes for labels, so there is nothing to classify; use ${numbers ? 'the regress objective' : 'the next-token or forecast objective'}.`,
    )
  if (classes.length < 2)
    refuse('objective.kind', `All records of "${name}" are called "${classes[0]}", so there is nothing to tell apart.`)
}

/** Records are padded behind: causal mixers never see that, and a second direction begins at the record's own end. */
export function requirePadding({ layers, config }: Model): void {
  const both = layers.find(({ direction, causal }) => direction === 'both' && !causal)
  const open = layers.find(({ direction, causal }) => direction === 'forward' && !causal)
  if (open)
    refuse(
      'model.layers',
      `"${open.mixer}" sees every position of a window, the padding behind a short record too; use a causal mixer with direction set to both.`,
    )
  if (both && config.sashimi)
    refuse(
      `model.mixers.${both.mixer}.direction`,
      'The slower rates of SaShiMi mix the end of a record with its padding, so records cannot be read from their end; set direction to forward.',
    )
}
