import Database from 'better-sqlite3'
import { beforeEach, expect, it } from 'vitest'
import { migration0010 } from './0010_datasets.ts'
import { migration0020 } from './0020_runs.ts'
import { migration0030 } from './0030_labels.ts'

let db: Database.Database
beforeEach(() => {
  db = new Database(':memory:')
  db.pragma('foreign_keys = ON')
  db.exec(migration0010.sql)
  db.exec(migration0020.sql)
  db.exec(`INSERT INTO dataset (id, state, owner, name, domain, format, unit, cell, channels, chunk_cells, hash, created_at)
           VALUES (1, 'ready', '', 'd', 'text', 'text', 'bytes', 'u8', 1, 65536, 'h1', 'now');
           INSERT INTO record (id, dataset_id, position, name, start, length, split) VALUES (7, 1, 0, 'r', 0, 1, 'train')`)
  db.exec(migration0030.sql)
})

const plan = (sql: string): string =>
  (db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all() as { detail: string }[]).map((row) => row.detail).join('\n')

it('keeps what an older project holds: no labels, one split', () => {
  expect(db.prepare('SELECT hash, labels, folds, leakage FROM dataset').get()).toEqual({
    hash: 'h1',
    labels: null,
    folds: 0,
    leakage: null,
  })
  expect(db.prepare('SELECT label, grp, fixed, fold FROM record').get()).toEqual({ label: null, grp: null, fixed: null, fold: null })
})

it('counts labels through an index', () => {
  const detail = plan('SELECT label, count(*) FROM record WHERE dataset_id = 1 GROUP BY label')
  expect(detail).toContain('record_by_label')
  expect(detail).not.toContain('TEMP B-TREE')
})

it('refuses a label that is no number and a split that is none', () => {
  expect(() => db.exec(`UPDATE record SET label = 'cat'`)).toThrow('cannot store TEXT')
  expect(() => db.exec(`UPDATE record SET fixed = 'mixed'`)).toThrow('CHECK')
})
