import Database from 'better-sqlite3'
import { expect, it } from 'vitest'
import { migrations } from './migrations.ts'

it('datasets that were there have not been looked at', () => {
  const db = new Database(':memory:')
  for (const { version, sql } of migrations) if (version < 70) db.exec(sql)
  db.exec(`INSERT INTO dataset (id, state, owner, name, domain, format, cell, channels, chunk_cells, created_at)
           VALUES (1, 'ready', '', 'd', 'text', 'text', 'u8', 1, 65536, 'now')`)
  db.exec(migrations.find(({ version }) => version === 70)!.sql)
  expect(db.prepare('SELECT signal FROM dataset').pluck().get()).toBeNull()
})
