import { existsSync } from 'node:fs'
import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'
import type { ProjectInfo } from '../contract/system.ts'
import type { DataMethods } from '../workers/methods.ts'
import type { Supervisor } from '../workers/supervisor.ts'
import type { CoreContext } from './core.ts'
import { StrandError } from './errors.ts'
import { ProjectLock } from './lock.ts'
import type { UserFiles } from './settings.ts'

interface Open {
  folder: string
  lock: ProjectLock
}

const DATABASE = 'project.sqlite'
const FIRST = 'First project'

/** Which project folder is open, who may write to it, and the ones opened before. */
export class Projects {
  readonly #data: Supervisor<DataMethods>
  readonly #user: UserFiles
  readonly #projectsDir: string
  readonly #emit: CoreContext['emit']
  readonly #remembers: boolean
  #open: Open | undefined
  #changing: Promise<unknown> = Promise.resolve()

  /** `remembers`: whether what is opened here becomes what the window opens next time. */
  constructor(data: Supervisor<DataMethods>, user: UserFiles, projectsDir: string, emit: CoreContext['emit'], remembers: boolean) {
    this.#data = data
    this.#user = user
    this.#projectsDir = projectsDir
    this.#emit = emit
    this.#remembers = remembers
  }

  get folder(): string {
    if (!this.#open) throw new StrandError('not-found', 'No project is open.')
    return this.#open.folder
  }

  get uploads(): string {
    return join(this.folder, 'uploads')
  }

  /** A named folder must open; without one the last that still opens is taken, or a first project is made. */
  async openFirst(named?: { folder: string; create: boolean }): Promise<void> {
    if (named) {
      await this.open(named.folder, named.create)
      return
    }
    for (const { path } of this.#user.recent()) {
      const opened = await this.open(path, false).catch(() => null)
      if (opened) return
    }
    await this.open(join(this.#projectsDir, FIRST), true)
  }

  /** Opens a project folder, or makes one of an empty folder. A missing folder is made only with `create`. */
  open(path: string, create: boolean): Promise<ProjectInfo> {
    const folder = absolute(path)
    return this.#inTurn(async () => {
      await this.#checkFolder(folder, create)
      const before = this.#open
      if (before?.folder === folder) return this.info()
      const lock = new ProjectLock(folder)
      const write = lock.tryAcquire()
      try {
        if (!write && !existsSync(join(folder, DATABASE))) await lock.acquire()
        this.#open = { folder, lock }
        const info = await this.#data.request('project/open', { folder, write: lock.held })
        if (lock.held) await this.#recover(folder)
        before?.lock.release()
        this.#tell(info)
        return info
      } catch (error) {
        lock.release()
        this.#open = before
        if (before) await this.reopen((method, input) => this.#data.request(method, input))
        throw error
      }
    })
  }

  async create(name: string): Promise<ProjectInfo> {
    const plain = name.replace(/[/\\:*?"<>|\p{Cc}]/gu, '_').replace(/^[. ]+|[. ]+$/g, '')
    if (plain === '') throw new StrandError('bad-input', `"${name}" cannot be a folder's name; use letters or digits.`)
    const folder = join(this.#projectsDir, plain)
    if (existsSync(folder))
      throw new StrandError('bad-input', `There is already a folder ${folder}; open it, or choose another name.`, { path: folder })
    return this.open(folder, true)
  }

  info(): Promise<ProjectInfo> {
    return this.#data.request('project/info', undefined)
  }

  /** After something was added or removed: tells the fronts and the list of recent projects. */
  async changed(): Promise<void> {
    this.#tell(await this.info())
  }

  /** Every change goes through here first: takes the lock now if another Strand had it when the project was opened. */
  async requireWrite(): Promise<void> {
    if (!this.#open) throw new StrandError('not-found', 'No project is open.')
    const { folder, lock } = this.#open
    if (lock.held) return
    await this.#inTurn(async () => {
      if (lock.held) return
      await lock.acquire()
      await this.#data.request('project/open', { folder, write: true })
      await this.#recover(folder)
    })
  }

  /** Brings a new data process to the open project. */
  async reopen(request: Supervisor<DataMethods>['request']): Promise<void> {
    // while `open` runs it asks for the folder itself, right after the process has started
    if (this.#open) await request('project/open', { folder: this.#open.folder, write: this.#open.lock.held })
  }

  close(): void {
    this.#open?.lock.release()
    this.#open = undefined
  }

  /** What a killed Strand left behind. Only with the lock: another Strand's runs are its own. */
  async #recover(folder: string): Promise<void> {
    await rm(join(folder, 'uploads'), { recursive: true, force: true })
    await this.#data.request('project/recover', undefined)
  }

  #tell(info: ProjectInfo): void {
    if (this.#remembers) this.#user.remember(info)
    this.#emit('project/changed', info)
  }

  async #checkFolder(folder: string, create: boolean): Promise<void> {
    const found = await stat(folder).catch(() => null)
    if (!found) {
      if (!create) throw new StrandError('not-found', `There is no folder ${folder}.`, { path: folder })
      await mkdir(folder, { recursive: true })
      return
    }
    if (!found.isDirectory()) throw new StrandError('bad-input', `${folder} is a file; a project is a folder.`, { path: folder })
    if (existsSync(join(folder, DATABASE))) return
    const inside = (await readdir(folder)).filter((name) => !name.startsWith('strand.lock'))
    if (inside.length > 0) {
      throw new StrandError(
        'bad-input',
        `${folder} is not a Strand project and is not empty; choose an empty folder or one with a ${DATABASE}.`,
        { path: folder },
      )
    }
    if (!create) throw new StrandError('not-found', `${folder} is empty: there is no project in it yet.`, { path: folder })
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#changing.then(work, work)
    this.#changing = next.catch(() => undefined)
    return next
  }
}

function absolute(path: string): string {
  const home = path === '~' || path.startsWith('~/') ? join(homedir(), path.slice(1)) : path
  return isAbsolute(home) ? resolve(home) : resolve(process.cwd(), home)
}
