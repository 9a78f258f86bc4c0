/*
 * node projects/config/table.ts
 * Writes docs/settings.md from the JSON schema of a run: every setting, what it may be, and its help with the source.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { settingsTable } from './settingsTable.ts'

writeFileSync(join(import.meta.dirname, '../../docs/settings.md'), settingsTable())
