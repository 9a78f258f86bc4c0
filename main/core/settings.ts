import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { ProjectInfo, Settings } from '../contract/system.ts'
import { readJson, writeJson } from './jsonFile.ts'

const DEFAULTS: Settings = { theme: 'system', device: 'auto', singleKeyShortcuts: true }
const RECENT_KEPT = 12

/** What Strand remembers between starts, outside every project. */
export class UserFiles {
  readonly #settings: string
  readonly #recent: string

  constructor(userDataDir: string) {
    this.#settings = join(userDataDir, 'settings.json')
    this.#recent = join(userDataDir, 'recent.json')
  }

  settings(change: Partial<Settings> = {}): Settings {
    const now = { ...DEFAULTS, ...readJson<Partial<Settings>>(this.#settings, {}), ...change }
    if (Object.keys(change).length > 0) writeJson(this.#settings, now)
    return now
  }

  /** Latest first; folders that are gone are left out. */
  recent(): ProjectInfo[] {
    const listed = readJson<ProjectInfo[]>(this.#recent, [])
    return Array.isArray(listed) ? listed.filter(({ path }) => existsSync(join(path, 'project.sqlite'))) : []
  }

  remember(project: ProjectInfo): void {
    writeJson(this.#recent, [project, ...this.recent().filter(({ path }) => path !== project.path)].slice(0, RECENT_KEPT))
  }
}
