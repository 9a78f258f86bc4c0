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

/** A short run gets a short warm-up and is validated often enough, unless a person has set these. */
export function fittedTo(steps: number, preset: RunConfig, changes: Record<string, Value>): Record<string, Value> {
  const fitted = { ...changes }
  const tenth = Math.max(1, Math.floor(steps / 10))
  const rules: [string, number][] = [
    ['optimizer.warmup', preset.optimizer.warmup],
    ['training.validate_every', preset.training.validate_every],
    ['training.sample_every', preset.training.sample_every],
  ]
  for (const [path, usual] of rules)
    if (usual > steps / 2) fitted[path] = path === 'training.sample_every' ? Math.max(1, Math.floor(steps / 2)) : tenth
  return fitted
}
