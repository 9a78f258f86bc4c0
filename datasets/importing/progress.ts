import type { ImportHooks } from './importFiles.ts'
import type { Source } from './source.ts'

/** How far an import is: at most ten words a second to whoever asked for them. */
export class Progress {
  private readonly hooks: ImportHooks
  private readonly started = performance.now()
  private total = 1
  private before = 0
  private now = 0
  private text = 'looking at the files'
  private told = 0

  constructor(hooks: ImportHooks) {
    this.hooks = hooks
  }

  begin(total: number): void {
    this.total = Math.max(1, total)
  }

  phase(text: string): void {
    this.text = text
    this.tell(false)
  }

  async *watch(source: Source, folder: string, pass = { index: 0, of: 1 }): AsyncGenerator<Buffer> {
    const onRead = (bytes: number): void => {
      this.now = bytes / pass.of
      this.tell(false)
    }
    yield* source.content({ signal: this.hooks.signal, onRead, folder })
    this.before += source.bytes / pass.of
    this.now = 0
  }

  /** Of a file that is read here and there. */
  at(source: Source, fraction: number, pass = { index: 0, of: 1 }): void {
    this.now = (source.bytes * fraction) / pass.of
    this.tell(false)
    if (fraction < 1) return
    this.before += source.bytes / pass.of
    this.now = 0
  }

  end(): void {
    this.before = this.total
    this.now = 0
    this.text = 'done'
    this.tell(true)
  }

  private tell(always: boolean): void {
    const at = performance.now()
    if (!this.hooks.onProgress || (!always && at - this.told < 100)) return
    this.told = at
    const fraction = Math.min(1, (this.before + this.now) / this.total)
    const seconds = (at - this.started) / 1000
    const secondsLeft = fraction > 0.01 && seconds > 0.5 ? (seconds / fraction) * (1 - fraction) : null
    this.hooks.onProgress({ fraction, phase: this.text, secondsLeft })
  }
}
