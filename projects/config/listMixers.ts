import { z } from 'zod'
import { mixers } from '../../kernels/mixers/registry.ts'
import type { MixerInfo, MixerOption } from '../../main/contract/run.ts'
import { mixerSchema } from './schema.ts'

interface Property {
  type?: string
  enum?: string[]
  description?: string
  default?: number | boolean | string
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number
  exclusiveMaximum?: number
}

/** Every mixer that layers can be made of, with its options as its own schema has them. */
export const listMixers = (): MixerInfo[] =>
  Object.values(mixers).map(({ name, title, citation, causal }) => {
    const { properties } = z.toJSONSchema(mixerSchema(name), { io: 'input' }) as { properties: Record<string, Property> }
    return { name, title, citation, causal, options: Object.entries(properties).map(([key, property]) => optionOf(key, property)) }
  })

function optionOf(key: string, property: Property): MixerOption {
  const { enum: choices, type, description = '', default: value = null } = property
  const kind = choices ? 'choice' : type === 'integer' || type === 'number' || type === 'boolean' ? type : 'text'
  const [min, max] = [property.minimum ?? property.exclusiveMinimum, property.maximum ?? property.exclusiveMaximum]
  return {
    key,
    help: description,
    kind,
    default: value,
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    ...(choices ? { choices } : {}),
  }
}
