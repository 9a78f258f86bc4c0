/**
 * Tokens that differ in length (BPE) are cut once, at import: `stream` 3 of the chunks holds their ids (uint16), the tokens of each stretch
 * of a record that one split owns after those of the stretch before. `start` is the stretch's first cell within its record.
 */
export const migration0060 = {
  version: 60,
  sql: `
CREATE TABLE token_span (
  record_id INTEGER NOT NULL REFERENCES record(id) ON DELETE CASCADE,
  start INTEGER NOT NULL CHECK (start >= 0),
  token_start INTEGER NOT NULL CHECK (token_start >= 0),
  tokens INTEGER NOT NULL CHECK (tokens >= 0),
  PRIMARY KEY (record_id, start)
) STRICT, WITHOUT ROWID;
`,
} as const
