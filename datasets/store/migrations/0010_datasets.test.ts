import Database from 'better-sqlite3'
import { beforeEach, expect, it } from 'vitest'
import { migration0010 } from './0010_datasets.ts'

let db: Database.Database
beforeEach(() => {
  db = new Database(':memory:')
  db.pragma('foreign_keys = ON')
  db.exec(migration0010.sql)
  db.exec(`INSERT INTO dataset (id, state, owner, name, domain, format, unit, cell, channels, chunk_cells, created_at)
           VALUES (1, 'ready', '', 'd', 'text', 'text', 'bytes', 'u8', 1, 65536, 'now')`)
})

const plan = (sql: string): string =>
  (db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all() as { detail: string }[]).map((row) => row.detail).join('\n')

it('finds a chunk, a record and a cut through an index', () => {
  expect(plan('SELECT bytes FROM chunk WHERE dataset_id = 1 AND stream = 0 AND seq BETWEEN 3 AND 4')).toContain('USING INDEX chunk_by_seq')
  expect(plan('SELECT name FROM record WHERE dataset_id = 1 AND position >= 500 ORDER BY position')).toContain(
    'USING INDEX record_by_position',
  )
  expect(plan('SELECT stop FROM split_cut WHERE record_id = 5')).toContain('USING PRIMARY KEY')
})

it('refuses what cannot be: unknown domains, wrong types, orphans, two chunks in one place', () => {
  expect(() => db.exec(`UPDATE dataset SET domain = 'video'`)).toThrow('CHECK')
  expect(() => db.exec(`UPDATE dataset SET length = 'long'`)).toThrow('cannot store TEXT')
  expect(() => db.exec(`INSERT INTO record (dataset_id, position, name, start, length, split) VALUES (2, 0, 'r', 0, 1, 'train')`)).toThrow(
    'FOREIGN KEY',
  )
  db.exec(`INSERT INTO chunk (dataset_id, stream, seq, bytes) VALUES (1, 0, 0, x'00')`)
  expect(() => db.exec(`INSERT INTO chunk (dataset_id, stream, seq, bytes) VALUES (1, 0, 0, x'01')`)).toThrow('UNIQUE')
})

it('takes everything of a dataset with it', () => {
  db.exec(`INSERT INTO chunk (dataset_id, stream, seq, bytes) VALUES (1, 0, 0, x'00');
           INSERT INTO record (id, dataset_id, position, name, start, length, split) VALUES (7, 1, 0, 'r', 0, 1, 'mixed');
           INSERT INTO split_cut VALUES (7, 'train', 0, 1);
           INSERT INTO source VALUES (1, 0, 'f', 1, 'h');
           INSERT INTO import_problem VALUES (1, 0, 'note', 'f', NULL, NULL, 'm');
           DELETE FROM dataset`)
  for (const table of ['chunk', 'record', 'split_cut', 'source', 'import_problem'])
    expect(db.prepare(`SELECT count(*) AS n FROM ${table}`).get()).toEqual({ n: 0 })
})
