/** Error codes cross the processes; the sentence is made where the facts are known, once. */
export type ErrorCode =
  | 'bad-input' // the caller sent something the contract does not allow
  | 'not-found'
  | 'busy' // another job holds the thing
  | 'cancelled'
  | 'import/unknown-format'
  | 'import/empty'
  | 'import/bad-record'
  | 'import/truncated'
  | 'import/lying-header'
  | 'import/too-large'
  | 'import/incomplete' // regions without the sequences they are of
  | 'database/newer' // written by a newer Strand
  | 'database/damaged'
  | 'disk-full'
  | 'no-gpu'
  | 'gpu-lost'
  | 'worker-crashed'
  | 'diverged' // loss became NaN or infinite
  | 'config/invalid'
  | 'export/self-test'
  | 'internal'

/** Thrown across every front as an Error with these fields. `message` is one sentence: what, where, what to do. */
export interface StrandErrorShape {
  code: ErrorCode
  message: string
  /** File, line, byte, … for a front that wants to point at the place. */
  facts?: Record<string, string | number>
}
