import { hybridRecall, recallMap } from './associativeRecall.ts'
import { genome, shakespeare, sound } from './corpora.ts'
import { inductionHeads } from './inductionHeads.ts'
import { selectiveCopying } from './selectiveCopying.ts'
import { modularStudy, parityStudy } from './stateTracking.ts'
import type { Study } from './study.ts'

/** Every study, in the order of docs/studies.md. */
export const studies: readonly Study[] = [
  selectiveCopying,
  inductionHeads,
  parityStudy,
  modularStudy,
  hybridRecall,
  recallMap,
  shakespeare,
  sound,
  genome,
]
