/** Calls `send` with the latest value at most once per `ms`; `flush` sends what waits now. The first value goes out at once. */
export function throttle<T>(ms: number, send: (value: T) => void): { push(value: T): void; flush(): void } {
  let waiting: { value: T } | undefined
  let timer: NodeJS.Timeout | undefined
  const fire = (): void => {
    timer = undefined
    if (!waiting) return
    const { value } = waiting
    waiting = undefined
    timer = setTimeout(fire, ms)
    timer.unref()
    send(value)
  }
  return {
    push(value) {
      waiting = { value }
      if (!timer) fire()
    },
    flush() {
      clearTimeout(timer)
      timer = undefined
      if (waiting) {
        const { value } = waiting
        waiting = undefined
        send(value)
      }
    },
  }
}
