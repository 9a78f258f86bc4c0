/**
 * Versions and tasks. Every version of a dataset is a row of its own that never changes: `lineage` is the first version's id, `version` counts
 * from 1 within it, `change` says in a sentence what differs from the version before. `content_hash` covers cells, times, targets, records and
 * labels and stays when the data is split anew; `hash` covers coding and splits as well. `cells_of` is the dataset whose chunks hold the cells,
 * NULL for its own: a version shares the cells of what it was made from.
 * `unit` learns 'tokens' (a CHECK cannot be altered, so the column is made anew), and chunk stream 2 holds targets (int16, -1 = not scored).
 */
export const migration0040 = {
  version: 40,
  sql: `
ALTER TABLE dataset RENAME COLUMN unit TO old_unit;
ALTER TABLE dataset ADD COLUMN unit TEXT NOT NULL DEFAULT 'bytes'
  CHECK (unit IN ('bases', 'samples', 'rows', 'characters', 'bytes', 'tokens'));
UPDATE dataset SET unit = old_unit;
ALTER TABLE dataset DROP COLUMN old_unit;

ALTER TABLE dataset ADD COLUMN lineage INTEGER NOT NULL DEFAULT 0;
ALTER TABLE dataset ADD COLUMN version INTEGER NOT NULL DEFAULT 1 CHECK (version >= 1);
ALTER TABLE dataset ADD COLUMN change TEXT NOT NULL DEFAULT '';
ALTER TABLE dataset ADD COLUMN content_hash TEXT NOT NULL DEFAULT '';
ALTER TABLE dataset ADD COLUMN cells_of INTEGER REFERENCES dataset(id);
UPDATE dataset SET lineage = id, content_hash = hash;
CREATE INDEX dataset_by_cells ON dataset (cells_of);
CREATE INDEX dataset_by_lineage ON dataset (lineage, version);
`,
} as const
