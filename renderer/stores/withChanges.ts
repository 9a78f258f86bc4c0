import type { RunConfig } from '../../main/contract/run.ts'

export type Value = number | boolean | string | null

export function valueAt(config: RunConfig, path: string): unknown {
  return path.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], config)
}

/** The preset with the changed values put in, sharing what did not change. */
export function withChanges(config: RunConfig, changes: Record<string, Value>): RunConfig {
  let whole: Record<string, unknown> = config as unknown as Record<string, unknown>
  for (const [path, value] of Object.entries(changes)) whole = put(whole, path.split('.'), value)
  return whole as unknown as RunConfig
}

function put(at: Record<string, unknown>, [key, ...rest]: string[], value: Value): Record<string, unknown> {
  return { ...at, [key]: rest.length ? put((at[key] ?? {}) as Record<string, unknown>, rest, value) : value }
}
