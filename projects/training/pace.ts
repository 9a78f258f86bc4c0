const RECENT = 25

/** How fast a run goes, from its recent steps; the median does not mind a step that waited for the disk or another program. */
export class Pace {
  readonly #stepMs: number[] = []
  readonly #validationMs: number[] = []

  /** `steps` steps took `ms` milliseconds, nothing else in between. */
  steps(steps: number, ms: number): void {
    keep(this.#stepMs, ms / steps)
  }

  validation(ms: number): void {
    keep(this.#validationMs, ms)
  }

  /** Milliseconds of a step; null before the first. */
  get stepMs(): number | null {
    return median(this.#stepMs)
  }

  /** Seconds that so many steps with so many validations among them will take. */
  secondsFor(steps: number, validations: number): number | null {
    const { stepMs } = this
    return stepMs === null ? null : (steps * stepMs + validations * (median(this.#validationMs) ?? 0)) / 1000
  }
}

function keep(list: number[], value: number): void {
  list.push(value)
  if (list.length > RECENT) list.shift()
}

function median(values: readonly number[]): number | null {
  return values.length ? values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] : null
}
