/**
 * Datasets. Cells of all records of a dataset form one stream, cut into chunks of `chunk_cells` cells:
 * record r lies at cells [start, start + length), so a window of a chromosome is one or two chunk reads
 * and a million short records share chunks. `stream` 0 holds the cells, 1 the time stamps of a series (float64 ms).
 * A dataset in state 'importing' is invisible; it becomes 'ready' in one transaction or is swept.
 */
export const migration0010 = {
  version: 10,
  sql: `
CREATE TABLE dataset (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  state TEXT NOT NULL CHECK (state IN ('importing', 'ready')),
  owner TEXT NOT NULL,
  name TEXT NOT NULL CHECK (length(name) > 0),
  domain TEXT NOT NULL CHECK (domain IN ('genomics', 'audio', 'timeseries', 'text')),
  format TEXT NOT NULL,
  unit TEXT NOT NULL CHECK (unit IN ('bases', 'samples', 'rows', 'characters', 'bytes')),
  cell TEXT NOT NULL CHECK (cell IN ('u8', 'i16', 'f32')),
  channels INTEGER NOT NULL CHECK (channels >= 1),
  chunk_cells INTEGER NOT NULL CHECK (chunk_cells >= 1),
  length INTEGER NOT NULL DEFAULT 0,
  records INTEGER NOT NULL DEFAULT 0,
  bytes INTEGER NOT NULL DEFAULT 0,
  hash TEXT NOT NULL DEFAULT '',
  codec TEXT NOT NULL DEFAULT '{}',
  layout TEXT NOT NULL DEFAULT '{}',
  options TEXT NOT NULL DEFAULT '{}',
  facts TEXT NOT NULL DEFAULT '{}',
  split_rule TEXT NOT NULL DEFAULT '',
  accepted INTEGER NOT NULL DEFAULT 0,
  repaired INTEGER NOT NULL DEFAULT 0,
  skipped INTEGER NOT NULL DEFAULT 0,
  refused INTEGER NOT NULL DEFAULT 0,
  created_at TEXT NOT NULL
) STRICT;

CREATE TABLE source (
  dataset_id INTEGER NOT NULL REFERENCES dataset(id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  name TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  PRIMARY KEY (dataset_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE record (
  id INTEGER PRIMARY KEY,
  dataset_id INTEGER NOT NULL REFERENCES dataset(id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  name TEXT NOT NULL,
  start INTEGER NOT NULL CHECK (start >= 0),
  length INTEGER NOT NULL CHECK (length >= 0),
  split TEXT NOT NULL CHECK (split IN ('train', 'validation', 'test', 'mixed'))
) STRICT;
CREATE UNIQUE INDEX record_by_position ON record (dataset_id, position);

CREATE TABLE split_cut (
  record_id INTEGER NOT NULL REFERENCES record(id) ON DELETE CASCADE,
  split TEXT NOT NULL CHECK (split IN ('train', 'validation', 'test')),
  start INTEGER NOT NULL CHECK (start >= 0),
  stop INTEGER NOT NULL CHECK (stop > start),
  PRIMARY KEY (record_id, start)
) STRICT, WITHOUT ROWID;

CREATE TABLE chunk (
  id INTEGER PRIMARY KEY,
  dataset_id INTEGER NOT NULL REFERENCES dataset(id) ON DELETE CASCADE,
  stream INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  bytes BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX chunk_by_seq ON chunk (dataset_id, stream, seq);

CREATE TABLE import_problem (
  dataset_id INTEGER NOT NULL REFERENCES dataset(id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  severity TEXT NOT NULL CHECK (severity IN ('repaired', 'skipped', 'refused', 'note')),
  file TEXT NOT NULL,
  line INTEGER,
  byte INTEGER,
  message TEXT NOT NULL,
  PRIMARY KEY (dataset_id, position)
) STRICT, WITHOUT ROWID;
`,
} as const
