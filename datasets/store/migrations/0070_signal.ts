/** What a look at the cells of a dataset found (JSON, for charts), kept so that a large one is looked at once; NULL before. */
export const migration0070 = {
  version: 70,
  sql: 'ALTER TABLE dataset ADD COLUMN signal TEXT;',
} as const
