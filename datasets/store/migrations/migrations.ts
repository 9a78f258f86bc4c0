import { migration0010 } from './0010_datasets.ts'
import { migration0020 } from './0020_runs.ts'
import { migration0030 } from './0030_labels.ts'
import { migration0040 } from './0040_versions.ts'
import { migration0050 } from './0050_run_layers.ts'
import { migration0060 } from './0060_tokens.ts'
import { migration0070 } from './0070_signal.ts'
import { migration0080 } from './0080_packed.ts'

/** Append-only, in order, numbered by tens. A shipped migration is never edited. */
export const migrations: readonly { readonly version: number; readonly sql: string }[] = [
  migration0010,
  migration0020,
  migration0030,
  migration0040,
  migration0050,
  migration0060,
  migration0070,
  migration0080,
]

export const schemaVersion = migrations[migrations.length - 1].version
