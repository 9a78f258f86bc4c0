import Database from 'better-sqlite3'
import { existsSync, mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { StrandError } from '../errors.ts'
import { all, guarded, wrapConnection, type ReadableStore, type WritableStore } from './connection.ts'
import { sweepUnfinished } from './importing.ts'
import { migrations, schemaVersion } from './migrations/migrations.ts'

const FILE = 'project.sqlite'

/** Marks the file as ours (header bytes 68-71), so that any SQLite file renamed project.sqlite is told apart. "STRD". */
const APPLICATION_ID = 0x53545244

function connect(folder: string, options: Database.Options): Database.Database {
  return guarded(folder, () => {
    const database = new Database(join(folder, FILE), options)
    try {
      database.pragma('busy_timeout = 5000')
      // reads the header: a damaged or foreign file fails here and not in the middle of work
      database.pragma('schema_version')
      return database
    } catch (error) {
      database.close()
      throw error
    }
  })
}

/** `schema` lets a test open a project as an older program would; the product always uses the newest. */
export function openProject(folder: string, schema = migrations): WritableStore {
  mkdirs(folder)
  const database = connect(folder, {})
  try {
    guarded(folder, () => {
      const fresh = (database.prepare('SELECT count(*) AS n FROM sqlite_schema').get() as { n: number }).n === 0
      if (fresh) {
        // both must be set before the first table exists
        database.pragma('page_size = 16384')
        database.pragma('auto_vacuum = INCREMENTAL')
      } else assertOurs(database, folder)
      database.pragma('journal_mode = WAL')
      database.pragma('synchronous = NORMAL')
      database.pragma('foreign_keys = ON')
      migrate(database, schema)
    })
  } catch (error) {
    database.close()
    throw error
  }
  const store = wrapConnection(database, folder)
  sweepUnfinished(store)
  return store
}

/** Sees what the writer has committed, at each query anew. Throws 'not-found' when there is no project. */
export function openProjectReadonly(folder: string): ReadableStore {
  if (!isProject(folder)) throw new StrandError('not-found', `There is no Strand project in ${folder}: it has no ${FILE}.`, { folder })
  const database = connect(folder, { readonly: true, fileMustExist: true })
  try {
    guarded(folder, () => {
      assertOurs(database, folder)
      const version = database.pragma('user_version', { simple: true }) as number
      if (version < schemaVersion)
        throw new StrandError('bad-input', `The project in ${folder} was made by an older Strand. Open it once in the app to update it.`, {
          folder,
          version,
        })
    })
  } catch (error) {
    database.close()
    throw error
  }
  return wrapConnection(database, folder)
}

export function isProject(folder: string): boolean {
  return existsSync(join(folder, FILE))
}

function mkdirs(folder: string): void {
  guarded(folder, () => {
    if (existsSync(folder) && !statSync(folder).isDirectory())
      throw new StrandError('bad-input', `${folder} is a file. A project is a folder; choose another place.`, { folder })
    for (const part of ['checkpoints', 'exports', 'uploads']) mkdirSync(join(folder, part), { recursive: true })
  })
}

function assertOurs(database: Database.Database, folder: string): void {
  if (database.pragma('application_id', { simple: true }) !== APPLICATION_ID)
    throw new StrandError(
      'database/damaged',
      `${FILE} in ${folder} is a database of another program. Choose a folder that holds a Strand project, or an empty one.`,
      {
        folder,
      },
    )
  const version = database.pragma('user_version', { simple: true }) as number
  if (version > schemaVersion)
    throw new StrandError(
      'database/newer',
      `The project in ${folder} was made by a newer Strand (schema ${version}; this one knows ${schemaVersion}). Update Strand to open it; nothing was changed.`,
      { folder, version, known: schemaVersion },
    )
}

function migrate(database: Database.Database, schema: typeof migrations): void {
  database
    .transaction(() => {
      const version = database.pragma('user_version', { simple: true }) as number
      for (const migration of schema) {
        if (migration.version <= version) continue
        database.exec(migration.sql)
        database.pragma(`user_version = ${migration.version}`)
      }
      database.pragma(`application_id = ${APPLICATION_ID}`)
    })
    .immediate()
}

/** The whole-file check behind "Check project"; null when sound, else SQLite's first complaint. Reads everything: seconds per GB. */
export function checkProject(store: WritableStore): string | null {
  const rows = all<{ quick_check: string }>(store, 'PRAGMA quick_check(1)')
  return rows[0].quick_check === 'ok' ? null : rows[0].quick_check
}
