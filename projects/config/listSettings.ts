import type { SettingInfo } from '../../main/contract/run.ts'
import { optionOf, type Property } from './optionOf.ts'
import { runConfigJsonSchema } from './schema.ts'

/** Every setting of a run but the options of mixers (listMixers), as the JSON schema that checks it has them; those of objectives by kind. */
export function listSettings(): SettingInfo[] {
  const walk = (prefix: string, { properties = {} }: Property): SettingInfo[] =>
    Object.entries(properties).flatMap(([key, property]): SettingInfo[] => {
      const path = prefix + key
      if (path === 'version' || path === 'model.mixers') return []
      if (property.oneOf)
        return property.oneOf.flatMap(({ properties: { kind, ...rest } = {} }) =>
          Object.entries(rest).map(([name, inner]) => ({ ...optionOf(`${path}.${name}`, inner), objective: String(kind.const) })),
        )
      return property.properties ? walk(`${path}.`, property) : [optionOf(path, property)]
    })
  return walk('', runConfigJsonSchema() as Property)
}
