import { hybridRecall } from './associativeRecall.ts'
import { digits } from './digits.ts'
import { forecasting } from './forecasting.ts'
import { genome } from './genome.ts'
import { inductionHeads } from './inductionHeads.ts'
import { recallMap } from './recallMap.ts'
import { selectiveCopying } from './selectiveCopying.ts'
import { shakespeare } from './shakespeare.ts'
import { sound } from './sound.ts'
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
  digits,
  sound,
  genome,
  forecasting,
]
