import { closeSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { StrandError } from './errors.ts'

interface Holder {
  pid: number
  host: string
  /** What the operating system says about the process's start; tells a reused pid from the holder. Empty where it cannot be asked. */
  started: string
}

const NAME = 'strand.lock'

/** Linux: field 22 of /proc/PID/stat, in clock ticks after boot. Elsewhere ''. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  } catch {
    return ''
  }
}

function alive({ pid, host, started }: Holder): boolean {
  // a lock on a shared disk, taken on another machine: its pid says nothing here
  if (host !== hostname()) return true
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
  }
  return started === '' || startOf(pid) === started
}

function read(file: string): Holder | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Holder
  } catch {
    return null
  }
}

/** One writer per project folder. Reading needs no lock: SQLite's WAL lets readers in while the holder writes. */
export class ProjectLock {
  readonly #file: string
  #held = false

  constructor(folder: string) {
    this.#file = join(folder, NAME)
  }

  get held(): boolean {
    return this.#held
  }

  /** True when this process now holds the lock; false when a living process does. */
  tryAcquire(): boolean {
    if (this.#held) return true
    for (let attempt = 0; attempt < 3; attempt++) {
      if (this.#create()) return (this.#held = true)
      const holder = read(this.#file)
      if (holder && alive(holder)) return false
      this.#takeAway(holder)
    }
    return false
  }

  /** Waits up to a second for a short command to let go; throws 'busy' naming the holder otherwise. */
  async acquire(): Promise<void> {
    for (let tries = 0; tries < 10; tries++) {
      if (this.tryAcquire()) return
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    const holder = read(this.#file)
    const where = holder && holder.host !== hostname() ? `on ${holder.host}` : 'on this machine'
    throw new StrandError(
      'busy',
      `This project is open in another Strand ${where} (process ${holder?.pid ?? 'unknown'}), so it can be read but not changed; work there, or close it first.`,
      { pid: holder?.pid ?? 0 },
    )
  }

  release(): void {
    if (!this.#held) return
    this.#held = false
    rmSync(this.#file, { force: true })
  }

  #create(): boolean {
    try {
      const handle = openSync(this.#file, 'wx')
      const holder: Holder = { pid: process.pid, host: hostname(), started: startOf(process.pid) }
      writeSync(handle, JSON.stringify(holder))
      closeSync(handle)
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
      throw error
    }
  }

  /** Renames before deleting, so of two processes that find the same dead holder only one removes its file. */
  #takeAway(dead: Holder | null): void {
    const aside = `${this.#file}.${process.pid}.stale`
    try {
      renameSync(this.#file, aside)
    } catch {
      return
    }
    const taken = read(aside)
    if (taken && taken.pid !== dead?.pid) renameSync(aside, this.#file)
    else rmSync(aside, { force: true })
  }
}
