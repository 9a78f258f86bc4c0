/**
 * Runs and what belongs to them. A run pins its dataset's hash; a dataset with runs cannot be deleted under them.
 * Evaluations and exports are whole documents of the contract, read back as they were written.
 */
export const migration0020 = {
  version: 20,
  sql: `
CREATE TABLE run (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL CHECK (length(name) > 0),
  dataset_id INTEGER NOT NULL REFERENCES dataset(id) ON DELETE RESTRICT,
  dataset_hash TEXT NOT NULL,
  preset TEXT NOT NULL,
  config TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'paused', 'stopped', 'done', 'failed', 'interrupted')),
  message TEXT,
  step INTEGER NOT NULL DEFAULT 0,
  steps INTEGER NOT NULL,
  device TEXT NOT NULL,
  started_at TEXT NOT NULL,
  seconds REAL NOT NULL DEFAULT 0,
  tokens_per_second REAL,
  step_ms REAL,
  seconds_left REAL,
  train_loss REAL,
  validation_loss REAL,
  best_validation_loss REAL,
  baseline TEXT,
  metric TEXT NOT NULL,
  parameters INTEGER NOT NULL DEFAULT 0,
  memory_bytes INTEGER
) STRICT;
CREATE INDEX run_by_dataset ON run (dataset_id);
CREATE INDEX run_by_state ON run (state);

CREATE TABLE run_metric (
  run_id INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,
  step INTEGER NOT NULL,
  train_loss REAL NOT NULL,
  validation_loss REAL,
  lr REAL NOT NULL,
  grad_norm REAL NOT NULL,
  tokens_per_second REAL NOT NULL,
  PRIMARY KEY (run_id, step)
) STRICT, WITHOUT ROWID;

CREATE TABLE run_sample (
  run_id INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,
  step INTEGER NOT NULL,
  text TEXT,
  validation_loss REAL,
  PRIMARY KEY (run_id, step)
) STRICT, WITHOUT ROWID;

CREATE TABLE run_event (
  id INTEGER PRIMARY KEY,
  run_id INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,
  step INTEGER NOT NULL,
  text TEXT NOT NULL
) STRICT;
CREATE INDEX run_event_by_run ON run_event (run_id, id);

CREATE TABLE checkpoint (
  run_id INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,
  step INTEGER NOT NULL,
  path TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  best INTEGER NOT NULL DEFAULT 0 CHECK (best IN (0, 1)),
  created_at TEXT NOT NULL,
  PRIMARY KEY (run_id, step, path)
) STRICT, WITHOUT ROWID;

CREATE TABLE evaluation (
  id INTEGER PRIMARY KEY,
  run_id INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,
  document TEXT NOT NULL
) STRICT;
CREATE INDEX evaluation_by_run ON evaluation (run_id, id);

CREATE TABLE export (
  id INTEGER PRIMARY KEY,
  run_id INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,
  document TEXT NOT NULL
) STRICT;
CREATE INDEX export_by_run ON export (run_id, id);
`,
} as const
