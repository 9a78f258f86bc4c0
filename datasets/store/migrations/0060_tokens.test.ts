import Database from 'better-sqlite3'
import { beforeEach, expect, it } from 'vitest'
import { migration0010 } from './0010_datasets.ts'
import { migration0060 } from './0060_tokens.ts'

let db: Database.Database
beforeEach(() => {
  db = new Database(':memory:')
  db.pragma('foreign_keys = ON')
  db.exec(migration0010.sql)
  db.exec(migration0060.sql)
  db.exec(`INSERT INTO dataset (id, state, owner, name, domain, format, unit, cell, channels, chunk_cells, created_at)
           VALUES (1, 'ready', '', 'd', 'text', 'text', 'bytes', 'u8', 1, 65536, 'now');
           INSERT INTO record (id, dataset_id, position, name, start, length, split) VALUES (7, 1, 0, 'r', 0, 9, 'train');
           INSERT INTO token_span VALUES (7, 0, 0, 4)`)
})

it('finds the tokens of a record through its key, and drops them with it', () => {
  const plan = db.prepare('EXPLAIN QUERY PLAN SELECT tokens FROM token_span WHERE record_id = 7').all() as { detail: string }[]
  expect(plan[0].detail).toContain('USING PRIMARY KEY')
  db.exec('DELETE FROM dataset')
  expect(db.prepare('SELECT count(*) AS n FROM token_span').get()).toEqual({ n: 0 })
})

it('refuses negative places, orphans and two spans in one place', () => {
  expect(() => db.exec('INSERT INTO token_span VALUES (7, 1, -1, 4)')).toThrow('CHECK')
  expect(() => db.exec('INSERT INTO token_span VALUES (8, 0, 0, 4)')).toThrow('FOREIGN KEY')
  expect(() => db.exec('INSERT INTO token_span VALUES (7, 0, 4, 4)')).toThrow('UNIQUE')
})
