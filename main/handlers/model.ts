import type { CoreContext } from '../core/core.ts'
import type { Handlers } from './types.ts'

export function modelHandlers({ data }: CoreContext) {
  return {
    'model/presets': (input) => data.request('model/presets', input),
    'model/mixers': () => data.request('model/mixers', undefined),
    'model/settings': () => data.request('model/settings', undefined),
    'model/describe': (input) => data.request('model/describe', input),
  } satisfies Partial<Handlers>
}
