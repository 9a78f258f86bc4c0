import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where settings and the list of recent projects live. `STRAND_HOME` moves it, and the projects with it (tests, portable use). */
export function userDataDir(): string {
  if (process.env.STRAND_HOME) return process.env.STRAND_HOME
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Strand')
  if (process.platform === 'win32') return join(process.env.APPDATA ?? join(homedir(), 'AppData', 'Roaming'), 'Strand')
  return join(process.env.XDG_CONFIG_HOME ?? join(homedir(), '.config'), 'Strand')
}

/** Where `project/create` puts new projects: a folder the user can see. */
export function projectsDir(): string {
  return process.env.STRAND_HOME ? join(process.env.STRAND_HOME, 'projects') : join(homedir(), 'Strand')
}
