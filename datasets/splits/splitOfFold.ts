import type { Split } from '../../main/contract/dataset.ts'

/** Fold `fold` of `folds` tests, the next one validates, the others train. `of` is the fold that a record is in. */
export function splitOfFold(of: number, fold: number, folds: number): Split {
  if (of === fold) return 'test'
  return of === (fold + 1) % folds ? 'validation' : 'train'
}
