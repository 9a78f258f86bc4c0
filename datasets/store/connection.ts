import type Database from 'better-sqlite3'
import { StrandError } from '../errors.ts'

declare const readable: unique symbol
declare const writable: unique symbol

/** A connection that can only read. The compute worker holds this one. */
export interface ReadableStore {
  readonly [readable]: true
  /** The project's folder. */
  readonly folder: string
  close(): void
}

/** A connection that may also write. Only the data worker (or the command line in its place) holds one. */
export interface WritableStore extends ReadableStore {
  readonly [writable]: true
}

export type SqlValue = string | number | bigint | null | Uint8Array

interface Connection {
  database: Database.Database
  statements: Map<string, Database.Statement>
}

const connections = new WeakMap<ReadableStore, Connection>()

export function wrapConnection(database: Database.Database, folder: string): WritableStore {
  const store = {
    folder,
    close() {
      connections.delete(store)
      if (database.open) database.close()
    },
  } as unknown as WritableStore
  connections.set(store, { database, statements: new Map() })
  return store
}

function connectionOf(store: ReadableStore): Connection {
  const connection = connections.get(store)
  if (!connection) throw new StrandError('internal', 'The project was closed while it was still in use. Open it again.')
  return connection
}

function statement(store: ReadableStore, sql: string): Database.Statement {
  const connection = connectionOf(store)
  let prepared = connection.statements.get(sql)
  if (!prepared) {
    prepared = connection.database.prepare(sql)
    connection.statements.set(sql, prepared)
  }
  return prepared
}

/** Every row. */
export function all<Row>(store: ReadableStore, sql: string, ...values: SqlValue[]): Row[] {
  return guarded(store.folder, () => statement(store, sql).all(...values) as Row[])
}

/** The first row, or undefined. */
export function first<Row>(store: ReadableStore, sql: string, ...values: SqlValue[]): Row | undefined {
  return guarded(store.folder, () => statement(store, sql).get(...values) as Row | undefined)
}

/** Runs a statement that changes something; answers the new row's id and how many rows changed. */
export function run(store: WritableStore, sql: string, ...values: SqlValue[]): { id: number; changes: number } {
  return guarded(store.folder, () => {
    const result = statement(store, sql).run(...values)
    return { id: Number(result.lastInsertRowid), changes: result.changes }
  })
}

/** Rows in one statement: some hundred values, which is twice as fast as a statement a row. */
const ROWS_AT_ONCE = 64

/** Adds rows of these columns, many at a time; part of a transaction. Their ids follow one another, where the table is numbered: answers that of the first. */
export function insertRows(store: WritableStore, table: string, columns: readonly string[], rows: Iterable<readonly SqlValue[]>): number {
  const sql = (n: number): string =>
    `INSERT INTO ${table} (${columns.join(', ')}) VALUES ${new Array(n).fill(`(${columns.map(() => '?').join(', ')})`).join(', ')}`
  return guarded(store.folder, () => {
    const whole = statement(store, sql(ROWS_AT_ONCE))
    const single = statement(store, sql(1))
    const values: SqlValue[] = []
    let last = 0
    let added = 0
    for (const row of rows) {
      for (const value of row) values.push(value)
      added++
      if (values.length < ROWS_AT_ONCE * columns.length) continue
      last = Number(whole.run(values).lastInsertRowid)
      values.length = 0
    }
    for (let at = 0; at < values.length; at += columns.length)
      last = Number(single.run(values.slice(at, at + columns.length)).lastInsertRowid)
    return last - added + 1
  })
}

/** All or nothing. Synchronous by design: a transaction held open across an await would swallow other writers' rows. */
export function transaction<T>(store: WritableStore, work: () => T): T {
  return guarded(store.folder, () => connectionOf(store).database.transaction(work).immediate())
}

/** Gives pages freed by a deletion back to the file system. */
export function releaseDisk(store: WritableStore): void {
  guarded(store.folder, () => {
    const { database } = connectionOf(store)
    database.pragma('incremental_vacuum')
    database.pragma('wal_checkpoint(TRUNCATE)')
  })
}

/** Turns SQLite's codes into our errors, once for every statement. */
export function guarded<T>(folder: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw translate(error, folder)
  }
}

export function translate(error: unknown, folder: string): unknown {
  if (error instanceof StrandError || !(error instanceof Error)) return error
  const code = (error as { code?: unknown }).code
  if (typeof code !== 'string') return error
  const facts = { folder, sqlite: code }
  if (code === 'SQLITE_FULL' || code === 'ENOSPC' || code === 'SQLITE_IOERR_WRITE')
    return new StrandError(
      'disk-full',
      `The disk that holds ${folder} is full. Free some space, then try again; what was saved before is intact.`,
      facts,
      {
        cause: error,
      },
    )
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB')
    return new StrandError(
      'database/damaged',
      `project.sqlite in ${folder} is damaged and cannot be read. Restore the folder from a backup, or create a new project and import the files again.`,
      facts,
      { cause: error },
    )
  if (code.startsWith('SQLITE_BUSY'))
    return new StrandError('busy', `Another program holds the project in ${folder}. Close it, then try again.`, facts, { cause: error })
  if (code.startsWith('SQLITE_READONLY'))
    return new StrandError('bad-input', `The project in ${folder} is read-only. Make the folder writable, then try again.`, facts, {
      cause: error,
    })
  return error
}
