/**
 * Labels, groups and versions.
 *
 * dataset  labels       JSON: {"kind":"class","names":[…]} or {"kind":"number"}; NULL without labels
 *          content_hash covers cells, times, records and labels, and stays when the data is split anew; `hash` covers the splits as well
 *          version      1 for an import, counted on for each new version of the same content
 *          cells_of     the dataset whose chunks hold the cells; NULL for its own. A version shares the cells of what it was made from
 *          retired      1 when it was deleted while versions still share its cells: no query shows it
 *          folds        number of folds of a cross-validation, 0 for one split; fold_codecs the fitted codec of each, where it is fitted
 *          leakage      JSON: what the leakage check found; NULL before it ran
 * record   label        place in the class names, or the number; NULL without
 *          grp          what belongs together when records are split: speaker, chromosome, document, file
 *          fixed        the split a published data set gives it
 *          fold         which fold of a cross-validation tests it
 */
export const migration0030 = {
  version: 30,
  sql: `
ALTER TABLE dataset ADD COLUMN labels TEXT;
ALTER TABLE dataset ADD COLUMN content_hash TEXT NOT NULL DEFAULT '';
ALTER TABLE dataset ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE dataset ADD COLUMN cells_of INTEGER REFERENCES dataset(id);
ALTER TABLE dataset ADD COLUMN retired INTEGER NOT NULL DEFAULT 0 CHECK (retired IN (0, 1));
ALTER TABLE dataset ADD COLUMN folds INTEGER NOT NULL DEFAULT 0;
ALTER TABLE dataset ADD COLUMN fold_codecs TEXT;
ALTER TABLE dataset ADD COLUMN leakage TEXT;
ALTER TABLE record ADD COLUMN label REAL;
ALTER TABLE record ADD COLUMN grp TEXT;
ALTER TABLE record ADD COLUMN fixed TEXT CHECK (fixed IN ('train', 'validation', 'test'));
ALTER TABLE record ADD COLUMN fold INTEGER;
UPDATE dataset SET content_hash = hash;
CREATE INDEX dataset_by_cells ON dataset (cells_of);
CREATE INDEX record_by_label ON record (dataset_id, label);
`,
} as const
