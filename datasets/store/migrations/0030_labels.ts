/**
 * Labels, groups and folds.
 *
 * dataset  labels       JSON: {"kind":"class","names":[…]} or {"kind":"number"}; NULL without labels
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
ALTER TABLE dataset ADD COLUMN folds INTEGER NOT NULL DEFAULT 0;
ALTER TABLE dataset ADD COLUMN fold_codecs TEXT;
ALTER TABLE dataset ADD COLUMN leakage TEXT;
ALTER TABLE record ADD COLUMN label REAL;
ALTER TABLE record ADD COLUMN grp TEXT;
ALTER TABLE record ADD COLUMN fixed TEXT CHECK (fixed IN ('train', 'validation', 'test'));
ALTER TABLE record ADD COLUMN fold INTEGER;
CREATE INDEX record_by_label ON record (dataset_id, label);
`,
} as const
