import type { Classification, Interval } from '../../main/contract/run.ts'

/** 97.5 % point of the standard normal. */
const Z = 1.959964

/** 95 % score interval of a share (Wilson 1927): stays within 0 and 1, and is honest for few records. */
export function wilson(right: number, n: number): Interval {
  const share = right / n
  const middle = (share + (Z * Z) / (2 * n)) / (1 + (Z * Z) / n)
  const half = (Z / (1 + (Z * Z) / n)) * Math.sqrt((share * (1 - share)) / n + (Z * Z) / (4 * n * n))
  return { value: share, low: Math.max(0, middle - half), high: Math.min(1, middle + half) }
}

/** Records by [truth][said]. */
export function confusionOf(classes: number, truth: ArrayLike<number>, said: ArrayLike<number>): number[][] {
  const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0))
  for (let i = 0; i < truth.length; i++) confusion[truth[i]][said[i]]++
  return confusion
}

/**
 * Precision, recall and F1 of each class, the mean F1 of those classes that the split holds (a class said but absent would make it depend on what
 * the model invents), and Gorodkin's R_K (2004, eq. 8), which for two classes is Matthews' correlation. 0 where it is undefined.
 */
export function scoresOf(confusion: readonly (readonly number[])[]): Pick<Classification, 'perClass' | 'macroF1' | 'mcc'> {
  const n = confusion.length
  const said = Array.from({ length: n }, (_, k) => confusion.reduce((sum, row) => sum + row[k], 0))
  const records = confusion.map((row) => row.reduce((a, b) => a + b, 0))
  const total = records.reduce((a, b) => a + b, 0)
  const right = confusion.map((row, k) => row[k])
  const perClass = right.map((hits, k) => {
    const precision = said[k] > 0 ? hits / said[k] : 0
    const recall = records[k] > 0 ? hits / records[k] : 0
    return { precision, recall, f1: precision + recall > 0 ? (2 * precision * recall) / (precision + recall) : 0, records: records[k] }
  })
  const present = perClass.filter((own) => own.records > 0)
  const hits = right.reduce((a, b) => a + b, 0)
  const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, value, i) => sum + value * b[i], 0)
  const spread = Math.sqrt((total * total - dot(said, said)) * (total * total - dot(records, records)))
  return {
    perClass,
    macroF1: present.reduce((sum, { f1 }) => sum + f1, 0) / present.length,
    mcc: spread > 0 ? (hits * total - dot(said, records)) / spread : 0,
  }
}
