/** One batch in host memory, reused from step to step: what the external buffers of a plan are filled with. */
export interface Batch {
  readonly input: Int32Array<ArrayBuffer> | Float32Array<ArrayBuffer>
  /** By the name of the objective's buffer: targets, weights. */
  readonly targets: Readonly<Record<string, Int32Array<ArrayBuffer> | Float32Array<ArrayBuffer>>>
}

/** Fills `batch` with what step `step` trains on: a function of (seed, step) alone, so a resumed run sees what it would have seen. */
export interface BatchSource {
  readonly batch: Batch
  fill(seed: number, step: number): void
}
