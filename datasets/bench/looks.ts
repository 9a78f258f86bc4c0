/**
 * node datasets/bench/looks.ts FOLDER: how long a choice in the import wizard takes until the preview stands again, for the inputs that make it
 * slowest: a folder of 3,000 tables, and a table of 50,000 columns. The first look is that of a process that has read nothing yet. One line of JSON.
 */
import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { once } from 'node:events'
import type { ImportOptions } from '../../main/contract/importing.ts'
import { inspectFiles } from '../importing/inspect.ts'

export const WIDE = { columns: 50_000, rows: 60 }
export const MANY = { files: 3000, rows: 50 }

/** Numbers of three decimals, the same at every run. */
const value = (i: number): string => (((i * 7919) % 10_007) / 1000).toFixed(3)

export async function writeWide(path: string): Promise<void> {
  const out = createWriteStream(path)
  out.write(`time,${Array.from({ length: WIDE.columns }, (_, c) => `channel ${c}`).join(',')}\n`)
  for (let row = 0; row < WIDE.rows; row++) {
    out.write(`${row},${Array.from({ length: WIDE.columns }, (_, c) => value(row * WIDE.columns + c)).join(',')}\n`)
    if (out.writableNeedDrain) await once(out, 'drain')
  }
  out.end()
  await once(out, 'close')
}

export function writeMany(folder: string): void {
  mkdirSync(folder, { recursive: true })
  for (let file = 0; file < MANY.files; file++) {
    const rows = Array.from({ length: MANY.rows }, (_, row) => {
      const moment = new Date(Date.UTC(2024, 0, 1, row)).toISOString().slice(0, 16).replace('T', ' ')
      return `${moment},${value(file + row)},${value(file * row)}\n`
    })
    writeFileSync(join(folder, `station ${file + 1}.csv`), `time,wind,rain\n${rows.join('')}`)
  }
}

/** What a user tries one after another. */
export const CHOICES: readonly ImportOptions[] = [
  { missing: 'linear' },
  { table: { decimal: '.' } },
  { onProblem: 'skip' },
  { splitBy: 'random' },
  { table: { roles: { rain: 'ignore', 'channel 5': 'ignore' } } },
  { missing: 'split' },
]

export interface Looks {
  /** Milliseconds. */
  first: number
  choices: number[]
}

export async function timeLooks(path: string): Promise<Looks> {
  const look = async (options: ImportOptions): Promise<number> => {
    const began = performance.now()
    const { refusal } = await inspectFiles([path], options)
    if (refusal) throw new Error(refusal)
    return performance.now() - began
  }
  const first = await look({})
  const choices: number[] = []
  for (const options of CHOICES) choices.push(await look(options))
  return { first, choices }
}

if (process.argv[1] === import.meta.filename) process.stdout.write(`${JSON.stringify(await timeLooks(process.argv[2]))}\n`)
