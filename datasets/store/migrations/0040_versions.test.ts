import Database from 'better-sqlite3'
import { expect, it } from 'vitest'
import { migration0010 } from './0010_datasets.ts'
import { migration0020 } from './0020_runs.ts'
import { migration0030 } from './0030_labels.ts'
import { migration0040 } from './0040_versions.ts'

function upgraded(): Database.Database {
  const db = new Database(':memory:')
  db.pragma('foreign_keys = ON')
  db.exec(migration0010.sql)
  db.exec(migration0020.sql)
  db.exec(`INSERT INTO dataset (id, state, owner, name, domain, format, unit, cell, channels, chunk_cells, hash, created_at)
           VALUES (4, 'ready', '', 'd', 'text', 'text', 'characters', 'u8', 1, 65536, 'h1', 'now');
           INSERT INTO record (id, dataset_id, position, name, start, length, split) VALUES (7, 4, 0, 'r', 0, 1, 'train');
           INSERT INTO chunk (dataset_id, stream, seq, bytes) VALUES (4, 0, 0, x'00')`)
  db.exec(migration0030.sql)
  db.exec(migration0040.sql)
  return db
}

it('keeps a dataset of an older program whole, as version 1 of itself', () => {
  const db = upgraded()
  expect(db.prepare('SELECT id, unit, lineage, version, change, content_hash, cells_of FROM dataset').get()).toEqual({
    id: 4,
    unit: 'characters',
    lineage: 4,
    version: 1,
    change: '',
    content_hash: 'h1',
    cells_of: null,
  })
  expect(db.prepare('SELECT count(*) AS n FROM record').get()).toEqual({ n: 1 })
  expect(db.prepare('SELECT count(*) AS n FROM chunk').get()).toEqual({ n: 1 })
  expect(db.pragma('foreign_key_check')).toEqual([])
})

it('knows tokens as a unit and nothing else new, keeps cells that a version reads, and finds versions through an index', () => {
  const db = upgraded()
  db.exec(`UPDATE dataset SET unit = 'tokens'`)
  expect(() => db.exec(`UPDATE dataset SET unit = 'words'`)).toThrow('CHECK')
  db.exec(`INSERT INTO dataset (id, state, owner, name, domain, format, unit, cell, channels, chunk_cells, cells_of, created_at)
           VALUES (5, 'ready', '', 'd', 'text', 'text', 'bytes', 'u8', 1, 65536, 4, 'now')`)
  expect(() => db.exec('DELETE FROM dataset WHERE id = 4')).toThrow('FOREIGN KEY')
  const plan = db.prepare('EXPLAIN QUERY PLAN SELECT id FROM dataset WHERE lineage = 4 ORDER BY version').all() as { detail: string }[]
  expect(plan.map(({ detail }) => detail).join()).toContain('dataset_by_lineage')
})
