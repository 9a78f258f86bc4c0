import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { all, run } from '../connection.ts'
import { getStoredDataset, openProject, readCells } from '../store.ts'
import { migrations } from './migrations.ts'

it('a genome of an older project is not packed, and reads as before', () => {
  const folder = mkdtempSync(join(tmpdir(), 'strand-packed-'))
  const old = openProject(
    folder,
    migrations.filter(({ version }) => version < 80),
  )
  run(
    old,
    `INSERT INTO dataset (id, state, owner, name, domain, format, cell, channels, chunk_cells, length, created_at, unit)
     VALUES (1, 'ready', '', 'd', 'genomics', 'FASTA', 'u8', 1, 4, 6, 'now', 'bases')`,
  )
  for (const [seq, bases] of ['ACGT', 'NA'].entries()) run(old, 'INSERT INTO chunk VALUES (NULL, 1, 0, ?, ?)', seq, Buffer.from(bases))
  old.close()
  const store = openProject(folder)
  const dataset = getStoredDataset(store, 1)
  expect(dataset.packed).toBe(false)
  expect(Buffer.from(readCells(store, dataset, 1, 5)).toString()).toBe('CGTNA')
  expect(() => run(store, 'UPDATE dataset SET packed = 2')).toThrow('CHECK')
  expect(all(store, 'SELECT packed FROM dataset')).toEqual([{ packed: 0 }])
  store.close()
  rmSync(folder, { recursive: true })
})
