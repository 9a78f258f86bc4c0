import Database from 'better-sqlite3'
import { beforeEach, expect, it } from 'vitest'
import { migration0010 } from './0010_datasets.ts'
import { migration0020 } from './0020_runs.ts'

let db: Database.Database
beforeEach(() => {
  db = new Database(':memory:')
  db.pragma('foreign_keys = ON')
  db.exec(migration0010.sql)
  db.exec(migration0020.sql)
  db.exec(`INSERT INTO dataset (id, state, owner, name, domain, format, unit, cell, channels, chunk_cells, created_at)
           VALUES (1, 'ready', '', 'd', 'text', 'text', 'bytes', 'u8', 1, 65536, 'now');
           INSERT INTO run (id, name, dataset_id, dataset_hash, preset, config, state, steps, device, started_at, metric)
           VALUES (1, 'r', 1, 'h', 'p', '{}', 'queued', 10, 'cpu', 'now', '{}')`)
})

const plan = (sql: string): string =>
  (db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all() as { detail: string }[]).map((row) => row.detail).join('\n')

it('reads the curve of a run in step order without sorting', () => {
  const detail = plan('SELECT * FROM run_metric WHERE run_id = 1 ORDER BY step')
  expect(detail).toContain('USING PRIMARY KEY')
  expect(detail).not.toContain('TEMP B-TREE')
  expect(plan('SELECT * FROM run_event WHERE run_id = 1 ORDER BY id')).toContain('USING INDEX run_event_by_run')
  expect(plan(`SELECT id FROM run WHERE state = 'running'`)).toContain('run_by_state')
})

it('keeps a dataset under its runs, and drops all of a run with it', () => {
  expect(() => db.exec('DELETE FROM dataset')).toThrow('FOREIGN KEY')
  db.exec(`INSERT INTO run_metric VALUES (1, 10, 1.5, NULL, 0.1, 1, 5);
           INSERT INTO run_sample VALUES (1, 10, 'x', NULL);
           INSERT INTO run_event (run_id, step, text) VALUES (1, 1, 'x');
           INSERT INTO checkpoint VALUES (1, 10, 'p', 1, 'h', 0, 'now');
           INSERT INTO evaluation (run_id, document) VALUES (1, '{}');
           INSERT INTO export (run_id, document) VALUES (1, '{}');
           DELETE FROM run`)
  for (const table of ['run_metric', 'run_sample', 'run_event', 'checkpoint', 'evaluation', 'export'])
    expect(db.prepare(`SELECT count(*) AS n FROM ${table}`).get()).toEqual({ n: 0 })
})

it('refuses unknown states and losses that are no numbers', () => {
  expect(() => db.exec(`UPDATE run SET state = 'lost'`)).toThrow('CHECK')
  expect(() => db.exec(`INSERT INTO run_metric VALUES (1, 20, 'NaN', NULL, 0.1, 1, 5)`)).toThrow('cannot store TEXT')
})
