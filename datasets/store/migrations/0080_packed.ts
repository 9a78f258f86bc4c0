/** 1 where the chunks of stream 0 hold bases packed four in a byte (packedBases.ts); 0 where they hold the cells as they are, as all did before. */
export const migration0080 = {
  version: 80,
  sql: 'ALTER TABLE dataset ADD COLUMN packed INTEGER NOT NULL DEFAULT 0 CHECK (packed IN (0, 1));',
} as const
