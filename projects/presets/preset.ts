import type { RunConfig } from '../../main/contract/run.ts'
import type { PresetSource } from './presets.ts'

type Change = Omit<Partial<RunConfig>, 'model' | 'data' | 'optimizer' | 'training'> & {
  model?: Partial<RunConfig['model']>
  data?: Partial<RunConfig['data']>
  optimizer?: Partial<RunConfig['optimizer']>
  training?: Partial<RunConfig['training']>
}

/** A preset that is `base` but for what is given. */
export function preset(base: RunConfig, id: string, title: string, description: string, change: Change = {}): PresetSource {
  const { model, data, optimizer, training, ...rest } = change
  const config: RunConfig = {
    ...base,
    ...rest,
    model: { ...base.model, ...model },
    data: { ...base.data, ...data },
    optimizer: { ...base.optimizer, ...optimizer },
    training: { ...base.training, ...training },
  }
  return { id, title, description, config }
}
