import { expect, it } from 'vitest'
import Database from 'better-sqlite3'
import { migration0010 } from './0010_datasets.ts'
import { migration0020 } from './0020_runs.ts'
import { migration0050 } from './0050_run_layers.ts'

it('turns a run of one mixer into a run of layers, and leaves the rest of it alone', () => {
  const db = new Database(':memory:')
  db.exec(migration0010.sql + migration0020.sql)
  const old = {
    version: 1,
    model: { mixer: 'mamba', d_model: 64, n_layer: 3, mixer_config: { d_state: 8, expand: 2 }, tie_embeddings: false },
    data: { seqlen: 7 },
    seed: 5,
  }
  db.exec(`INSERT INTO dataset (id, state, owner, name, domain, format, unit, cell, channels, chunk_cells, created_at)
           VALUES (1, 'ready', '', 'd', 'text', 'text', 'bytes', 'u8', 1, 65536, 'now')`)
  const insert = db.prepare(`INSERT INTO run (name, dataset_id, dataset_hash, preset, config, state, steps, device, started_at, metric)
                             VALUES ('r', 1, 'h', 'p', ?, 'done', 10, 'cpu', 'now', '{}')`)
  insert.run(JSON.stringify(old))
  const read = (): unknown => JSON.parse(db.prepare('SELECT config FROM run').pluck().get() as string)
  db.exec(migration0050.sql)
  const now = {
    version: 2,
    model: { layers: '3×mamba', d_model: 64, norm: 'rms', mixers: { mamba: { d_state: 8, expand: 2 } }, tie_embeddings: false },
    data: { seqlen: 7 },
    seed: 5,
  }
  expect(read()).toEqual(now)
  db.exec(migration0050.sql)
  expect(read()).toEqual(now)
})
