/** An archive that was not read for so long is closed; the next read opens it again. */
const IDLE_MS = 2000

/** Closes what is shared by many short reads, once none is going on and none came for a while. Does not keep the process alive. */
export class Idle {
  private readonly close: () => void
  private timer: NodeJS.Timeout | null = null
  private busy = 0

  constructor(close: () => void) {
    this.close = close
  }

  begin(): void {
    this.busy++
    if (this.timer) clearTimeout(this.timer)
    this.timer = null
  }

  end(): void {
    if (--this.busy > 0) return
    this.timer = setTimeout(() => this.close(), IDLE_MS)
    this.timer.unref()
  }
}
