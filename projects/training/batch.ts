/** One batch in host memory, reused from step to step: what the external buffers of a plan are filled with. */
export interface Batch {
  readonly input: Int32Array<ArrayBuffer> | Float32Array<ArrayBuffer>
  /** By the name of the objective's buffer: targets, weights. */
  readonly targets: Readonly<Record<string, Int32Array<ArrayBuffer> | Float32Array<ArrayBuffer>>>
}

/** Fills `batch` with what step `step` trains on: a function of (seed, step) alone, so a resumed run sees what it would have seen. */
export interface BatchSource {
  readonly batch: Batch
  /** Labelled records that it goes through; undefined where windows are drawn. */
  readonly records?: number
  fill(seed: number, step: number): void
}

/**
 * Held-out records that can choose a step. Fewer cannot: one record more or less right is then a difference that chance makes, and the lowest
 * of many such losses is a matter of luck, most often that of a step taken much too early.
 */
export const ENOUGH_RECORDS = 50

/** Whether the step of lowest loss on these is the one to keep, and to end by. */
export const canChoose = (validation: BatchSource | null): boolean => (validation?.records ?? Infinity) >= ENOUGH_RECORDS
