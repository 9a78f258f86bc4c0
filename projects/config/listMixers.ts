import { z } from 'zod'
import { mixers } from '../../kernels/mixers/registry.ts'
import type { MixerInfo } from '../../main/contract/run.ts'
import { optionOf, type Property } from './optionOf.ts'
import { mixerSchema } from './schema.ts'

/** Every mixer that layers can be made of, with its options as its own schema has them. */
export const listMixers = (): MixerInfo[] =>
  Object.values(mixers).map(({ name, title, citation, causal }) => {
    const { properties } = z.toJSONSchema(mixerSchema(name), { io: 'input' }) as { properties: Record<string, Property> }
    return { name, title, citation, causal, options: Object.entries(properties).map(([key, property]) => optionOf(key, property)) }
  })
