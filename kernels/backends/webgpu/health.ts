/** Collects what the device reports out of band, so that it surfaces in the promise of whoever waits next. */
export class Health {
  readonly lost: Promise<string>
  #problem: Error | null = null

  constructor(device: GPUDevice, name: string) {
    // An extra reference to the event keeps only its message, not the device.
    device.addEventListener('uncapturederror', (event) => {
      const { error } = event as GPUUncapturedErrorEvent
      this.#problem ??= new Error(`${name} reported: ${error.message}`)
    })
    this.lost = new Promise((resolve) => {
      void device.lost.then((info) => {
        if (info.reason === 'destroyed') return
        const sentence = `${name} was lost: ${info.message || 'the driver gave no reason'}`
        this.#problem ??= new Error(sentence)
        resolve(sentence)
      })
    })
  }

  /** Throws what went wrong since the device opened, if anything did. */
  check(): void {
    if (this.#problem) throw this.#problem
  }

  /** `work`, rejected with the device's own message where there is one. */
  async guard<T>(work: Promise<T>): Promise<T> {
    try {
      const result = await work
      this.check()
      return result
    } catch (error) {
      throw this.#problem ?? error
    }
  }
}
